/** What is measured: at full width as DeepFinder, or so small that a software Vulkan manages. */
import { type Architecture, deepFinderFilters } from "../../src/network/networks.ts";
import type { Shape3 } from "../../src/volume/volume.ts";

export interface Sizes {
  readonly network: Architecture;
  /** Sides of cubes. */
  readonly forward: readonly number[];
  readonly train: readonly { readonly side: number; readonly batch: number }[];
  /** A whole tomogram, (z, y, x). */
  readonly segment: Shape3;
  /** Rounds of multiply-adds of the peak's shader. */
  readonly peakRounds: number;
}

export const fullSizes: Sizes = {
  network: { classes: 13, filters: deepFinderFilters },
  forward: [96, 160],
  train: [
    { side: 40, batch: 8 },
    { side: 56, batch: 4 },
    { side: 56, batch: 25 },
  ],
  segment: [200, 512, 512],
  peakRounds: 4096,
};

export const tinySizes: Sizes = {
  network: { classes: 3, filters: [4, 4, 4] },
  forward: [8],
  train: [{ side: 8, batch: 1 }],
  segment: [4, 4, 4],
  peakRounds: 8,
};
