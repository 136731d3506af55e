import type { Architecture } from "../network/networks.ts";
import type { ParameterValues } from "../network/parameters.ts";
import type { Shape3, VolumeReader } from "../volume/volume.ts";
import type { TestTimeAugmentation } from "./orientations.ts";

export interface SegmentationOptions {
  readonly network: Architecture;
  /** One set of weights, or several whose probabilities are averaged. */
  readonly weights: readonly ParameterValues[];
  /** Largest tile, (z, y, x) voxels; planned from memory when not given. */
  readonly tile?: Shape3;
  /**
   * Planes of the chunks that tiles are computed in, on engines that do not stream by themselves; planned from memory when not given.
   */
  readonly planes?: number;
  /** `deepfinder`: the original's overlapping cubes of side `tile[0]` (160 when not given), averaged. */
  readonly tiling?: "exact" | "deepfinder";
  /** Probabilities are averaged over orientations of the volume; only with exact tiling. */
  readonly testTimeAugmentation?: TestTimeAugmentation;
  /** A volume of the same shape: where it is 0, all is background and nothing is computed. */
  readonly mask?: VolumeReader;
  readonly memoryBytes: number;
  /** Whether class probabilities are wanted beside the labels. */
  readonly scores: boolean;
  /** Added to the logarithm of each class's probability before the largest is taken; by label. */
  readonly bias?: readonly number[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneVoxels: number, totalVoxels: number) => void;
}
