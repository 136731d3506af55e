/** Boxes of a volume as the network reads them. */
import type { Tensors } from "../compute/engine.ts";
import { deepFinderMargin } from "../network/prediction-graph.ts";
import { extentOf, type Ranges3 } from "../network/restrict.ts";
import { normaliseVoxels } from "../volume/normalise.ts";
import type { VoxelStatistics } from "../volume/statistics.ts";
import { type Shape3, type VolumeReader, voxelCount } from "../volume/volume.ts";
import { type Orientation, turnBox, turnData } from "./orientations.ts";

export interface InputOptions {
  /** Of the whole volume. */
  readonly statistics: VoxelStatistics;
  readonly signal?: AbortSignal;
}

/** Normalised voxels (1, 1, z, y, x) of a box of the turned volume. */
export async function readInput(
  reader: VolumeReader,
  box: Ranges3,
  { statistics, orientation, signal }: InputOptions & { readonly orientation: Orientation },
): Promise<Tensors[string]> {
  const start = turnBox(box, reader.info.shape, orientation).map(([from]) => from) as unknown as Shape3;
  const extent = extentOf(box);
  const voxels = normaliseVoxels(await reader.readBox(start, extent, signal), statistics);
  return { shape: [1, 1, ...extent], data: turnData(voxels, box, orientation) };
}

/** Normalised voxels of a box of the volume with DeepFinder's margin around it: zeros outside the volume. */
export async function readPaddedBox(
  reader: VolumeReader,
  box: Ranges3,
  { statistics, signal }: InputOptions,
): Promise<Float32Array> {
  const extent = extentOf(box);
  const data = new Float32Array(voxelCount(extent));
  const inside = box.map(([start, end], axis) => [
    Math.max(0, start - deepFinderMargin),
    Math.min(reader.info.shape[axis]!, end - deepFinderMargin),
  ]) as unknown as Ranges3;
  const shape = extentOf(inside);
  if (shape.some((length) => length <= 0)) return data;
  const start = inside.map(([from]) => from) as unknown as Shape3;
  const voxels = normaliseVoxels(await reader.readBox(start, shape, signal), statistics);
  const offset = inside.map(([from], axis) => from + deepFinderMargin - box[axis]![0]);
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++) {
      const from = (z * shape[1] + y) * shape[2];
      const to = ((z + offset[0]!) * extent[1] + y + offset[1]!) * extent[2] + offset[2]!;
      data.set(voxels.subarray(from, from + shape[2]), to);
    }
  return data;
}
