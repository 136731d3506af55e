import type { Tensors } from "../compute/engine.ts";
import { deepFinderMargin } from "../network/prediction-graph.ts";
import { type Box, extentOf } from "../network/restrict.ts";
import { normaliseVoxels } from "../volume/normalise.ts";
import type { VoxelStatistics } from "../volume/statistics.ts";
import { type Shape3, type VolumeReader, voxelCount } from "../volume/volume.ts";
import { type Orientation, turnBox, turnData } from "./orientations.ts";

export interface PaddedInputOptions {
  /** Of the whole volume. */
  readonly statistics: VoxelStatistics;
  readonly orientation: Orientation;
  readonly signal?: AbortSignal;
}

/**
 * The network's input (1, 1, z, y, x) on a box of the turned volume with the margin around it: normalised voxels, zeros
 * outside the volume.
 */
export async function readPaddedInput(
  reader: VolumeReader,
  box: Box,
  { statistics, orientation, signal }: PaddedInputOptions,
): Promise<Tensors[string]> {
  const extent = extentOf(box);
  const data = new Float32Array(voxelCount(extent));
  const inside = box.map(([start, end], axis) => [
    Math.max(0, start - deepFinderMargin),
    Math.min(reader.info.shape[axis]!, end - deepFinderMargin),
  ]) as unknown as Box;
  const shape = extentOf(inside);
  if (shape.every((length) => length > 0)) {
    const start = turnBox(inside, reader.info.shape, orientation).map(([from]) => from) as unknown as Shape3;
    const read = normaliseVoxels(await reader.readBox(start, shape, signal), statistics);
    const voxels = turnData(read, inside, orientation);
    const offset = inside.map(([from], axis) => from + deepFinderMargin - box[axis]![0]);
    for (let z = 0; z < shape[0]; z++)
      for (let y = 0; y < shape[1]; y++) {
        const from = (z * shape[1] + y) * shape[2];
        const to = ((z + offset[0]!) * extent[1] + y + offset[1]!) * extent[2] + offset[2]!;
        data.set(voxels.subarray(from, from + shape[2]), to);
      }
  }
  return { shape: [1, 1, ...extent], data };
}
