/**
 * The shape of a particle from its density, a map or a subtomogram average, for targets that show it turned: resampled to the tomogram's
 * voxels about its centre, and cut at a fraction of the greatest density. Only the largest piece is kept (26 neighbours): an average has
 * noise around the particle.
 */
import { TomoflowError } from "../core/error.ts";
import { findComponents } from "../objects/clustering/components.ts";
import type { Volume } from "../volume/volume.ts";
import { type DensityMapOptions, resampleDensity } from "./density-map.ts";

export interface ShapeMaskOptions extends DensityMapOptions {
  /** The particle is dark, as in tomograms that were not inverted. */
  readonly dark?: boolean;
}

export interface ShapeMask {
  /** A cube, 0 and 1, (z, y, x), in which the particle turns about voxel floor(n/2). */
  readonly volume: Volume & { readonly data: Uint8Array };
  /** Voxels of the particle. */
  readonly voxels: number;
  /** Pieces that were left out, and their voxels. */
  readonly leftOut: { readonly pieces: number; readonly voxels: number };
}

/** @throws TomoflowError `density-empty`; `mask-empty` where no voxel is above the threshold */
export function shapeMask(map: Volume, { dark = false, ...options }: ShapeMaskOptions): ShapeMask {
  const bright = dark ? { ...map, data: Float32Array.from(map.data, (value) => -value) } : map;
  const { side, data } = resampleDensity(bright, options);
  const level = options.threshold * data.reduce((greatest, value) => Math.max(greatest, value), 0);
  const inside: number[] = [];
  for (let at = 0; at < data.length; at++) if (data[at]! > level) inside.push(at);
  if (inside.length === 0)
    throw new TomoflowError("mask-empty", `no voxel is above ${options.threshold} of the greatest density`, {
      hint: "give a lower --threshold, or a finer --voxel-size",
    });
  const shape = [side, side, side] as const;
  const pieces = findComponents({
    shape,
    index: Uint32Array.from(inside),
    label: new Uint16Array(inside.length).fill(1),
  });
  const mask = new Uint8Array(data.length);
  // the largest comes first
  for (const [point, at] of inside.entries()) if (pieces.assigned[point] === 0) mask[at] = 1;
  const voxels = pieces.sizes[0]!;
  const length = options.voxelSizeAngstrom;
  return {
    volume: {
      data: mask,
      shape,
      voxelSizeAngstrom: [length, length, length],
      originAngstrom: [0, 0, 0],
    },
    voxels,
    leftOut: { pieces: pieces.sizes.length - 1, voxels: inside.length - voxels },
  };
}
