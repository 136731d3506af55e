import type { Triple } from "../../volume/volume.ts";
import { addCentre, createCentreGrid, hasCentreWithin } from "./centre-grid.ts";

/** Those that are kept from the first on: each unless a kept one lies within `radius` voxels of it. */
export function keepFarApart<Peak extends { readonly position: Triple }>(
  ranked: readonly Peak[],
  radius: number,
): readonly Peak[] {
  const centres = new Float64Array(ranked.length * 3);
  const grid = createCentreGrid(centres, radius);
  const kept: Peak[] = [];
  for (const peak of ranked) {
    if (hasCentreWithin(grid, peak.position, radius)) continue;
    centres.set(peak.position, kept.length * 3);
    addCentre(grid, kept.length);
    kept.push(peak);
  }
  return kept;
}
