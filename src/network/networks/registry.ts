/** The networks that there are; adding one is a file of this folder and a line here. Nothing heavy: `train` lists them at once. */
import type { Network } from "./network.ts";
import { residualUnet3d } from "./residual-unet3d.ts";
import { unet3d } from "./unet3d.ts";

/** The first is DeepFinder's, which is meant where no name is given. */
export const networks: readonly [Network, ...Network[]] = [unet3d, residualUnet3d];

export const deepFinderFilters: readonly number[] = [32, 48, 64];
