/** Normalisation of a whole volume to mean 0 and standard deviation 1, as DeepFinder does before segmentation. */
import { TomoflowError } from "../core/error.ts";
import { blockBytes, lanes } from "./simd/kernels.ts";
import { vectorUnit } from "./simd/vector-unit.ts";
import { measureVoxels, type VoxelStatistics } from "./statistics.ts";
import type { Volume, VoxelArray } from "./volume.ts";
import { contains, float64Blocks, typeOfArray } from "./voxel-type.ts";

/** The volume with mean 0 and (population) standard deviation 1, as float32; its own data are left alone. */
export const normaliseVolume = (volume: Volume): Volume & { readonly data: Float32Array } => ({
  ...volume,
  data: normaliseVoxels(volume.data),
});

/**
 * (voxels − mean) / standard deviation as float32. `statistics` are those of the whole volume where `voxels` are only a part
 * of it; measured when not given. `target` may be the voxels themselves. Voxels of one single value give zeros. Throws `voxel-not-finite` for infinite or NaN voxels.
 */
export function normaliseVoxels(
  voxels: VoxelArray,
  statistics: VoxelStatistics = measureVoxels(voxels),
  target: Float32Array = new Float32Array(voxels.length),
): Float32Array {
  if (statistics.notFinite > 0) throw notFinite(statistics);
  const { mean, standardDeviation } = statistics;
  const scale = standardDeviation > 0 ? 1 / standardDeviation : 0;
  const scaleAll = contains("float32", typeOfArray(voxels)) ? scaleBlocks : scaleWide;
  scaleAll(voxels, target, { mean, scale });
  return target;
}

interface Scaling {
  readonly mean: number;
  readonly scale: number;
}

/** Of values that float32 holds exactly. */
function scaleBlocks(voxels: VoxelArray, target: Float32Array, { mean, scale }: Scaling): void {
  const unit = vectorUnit();
  const blockLength = blockBytes / target.BYTES_PER_ELEMENT;
  for (let start = 0; start < voxels.length; start += blockLength) {
    const part = voxels.subarray(start, start + blockLength);
    if (unit && part.length % lanes === 0) {
      unit.float32.set(part);
      unit.scaling.set([mean, scale]);
      unit.run("scaleFloat32", part.length * target.BYTES_PER_ELEMENT);
      target.set(unit.float32.subarray(0, part.length), start);
    } else scaleInPlace(part, target.subarray(start, start + part.length), { mean, scale });
  }
}

function scaleInPlace(voxels: VoxelArray, target: Float32Array, { mean, scale }: Scaling): void {
  target.set(voxels);
  for (let i = 0; i < target.length; i++) target[i] = (target[i]! - mean) * scale;
}

function scaleWide(voxels: VoxelArray, target: Float32Array, { mean, scale }: Scaling): void {
  for (const { start, values } of float64Blocks(voxels)) {
    for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) * scale;
    target.set(values, start);
  }
}

function notFinite({ notFinite: bad, count }: VoxelStatistics): TomoflowError {
  return new TomoflowError(
    "voxel-not-finite",
    `${bad} of ${bad + count} voxels are infinite or not a number`,
    {
      hint: "repair the volume first: such voxels spread over everything that is computed from them",
    },
  );
}
