/** Voxel size and origin of an MRC file. */
import type { Oddity, Sampling, Triple } from "../volume.ts";
import type { FileTriple, MrcFields } from "./fields.ts";

/** IMOD's flag: the origin is stored in the sense of MRC2014. */
const standardOriginFlag = 4;

/** Voxel size in Å = cell / intervals; origin in Å. What is missing or doubtful is reported. */
export function readSampling(fields: MrcFields): { sampling: Sampling; oddities: readonly Oddity[] } {
  const voxelSize = readVoxelSize(fields);
  const origin = readOrigin(fields, voxelSize.size);
  return {
    sampling: {
      voxelSizeAngstrom: voxelSize.size && reverse(voxelSize.size),
      originAngstrom: reverse(origin.origin),
    },
    oddities: [...voxelSize.oddities, ...origin.oddities],
  };
}

const reverse = ([x, y, z]: FileTriple): Triple => [z, y, x];

function readVoxelSize({ cell, cellAngles, intervals, size }: MrcFields): {
  size: FileTriple | null;
  oddities: Oddity[];
} {
  const divide = (axis: 0 | 1 | 2) => tidy(cell[axis] / (intervals[axis] > 0 ? intervals[axis] : size[axis]));
  const voxel: FileTriple = [divide(0), divide(1), divide(2)];
  const oddities: Oddity[] = [];
  if (intervals.some((count) => count <= 0)) oddities.push(noIntervals(intervals));
  if (cell.every((length) => length === 0)) return { size: null, oddities: [noVoxelSize] };
  if (voxel.some((length) => !(length > 0 && Number.isFinite(length))))
    return { size: null, oddities: [wrongCell(cell)] };
  if (Math.max(...voxel) > 1.001 * Math.min(...voxel))
    oddities.push({
      code: "voxel-size-uneven",
      message: `the voxel is not a cube: ${voxel.join(" × ")} Å (x, y, z)`,
    });
  if (voxel.every((length) => length === 1)) oddities.push(unitVoxelSize);
  if (isSkewed(cellAngles))
    oddities.push({
      code: "cell-angles",
      message: `the cell's angles are ${cellAngles.join(", ")}° instead of 90°; the voxels are treated as rectangular, so shapes and distances are wrong if the angles are right`,
    });
  return { size: voxel, oddities };
}

/** Angles of 0 were never set; others are off by more than what rounding does. */
const isSkewed = (angles: FileTriple): boolean =>
  angles.some((angle) => !(Math.abs(angle - 90) < 0.01)) && angles.some((angle) => angle !== 0);

const wrongCell = (cell: FileTriple): Oddity => ({
  code: "voxel-size-wrong",
  message: `the cell is ${cell.join(" × ")} Å (x, y, z), which is no size, so the voxel size is unknown; set one with tomoflow volume convert --voxel-size`,
});
const noVoxelSize: Oddity = {
  code: "voxel-size-missing",
  message: "the header has no voxel size; set one with tomoflow volume convert --voxel-size",
};
const unitVoxelSize: Oddity = {
  code: "voxel-size-one",
  message: "the voxel size is exactly 1 Å, which often means that it was never set",
};
const noIntervals = (intervals: FileTriple): Oddity => ({
  code: "intervals-missing",
  message: `the numbers of intervals are ${intervals.join(", ")} (x, y, z); where there is none, the voxel size is the cell divided by the number of voxels`,
});

/** The origin fields; where they are 0, the first voxel's index times the voxel size, as CCP4 and ChimeraX do. */
function readOrigin(
  { origin, start, axes, fromImod, imodFlags, version }: MrcFields,
  voxelSize: FileTriple | null,
): { origin: FileTriple; oddities: Oddity[] } {
  if (!origin.every(Number.isFinite)) return { origin: [0, 0, 0], oddities: [wrongOrigin] };
  const given: FileTriple = [tidy(origin[0]), tidy(origin[1]), tidy(origin[2])];
  if (given.some((position) => position !== 0)) {
    const inverted = fromImod && !(imodFlags & standardOriginFlag) && version < 20140;
    if (!inverted) return { origin: given, oddities: [] };
    return { origin: [0 - given[0], 0 - given[1], 0 - given[2]], oddities: [invertedOrigin] };
  }
  if (start.every((index) => index === 0)) return { origin: [0, 0, 0], oddities: [] };
  const first = alongAxes(start, axes);
  if (!voxelSize) return { origin: [0, 0, 0], oddities: [unknownOrigin(first)] };
  const place = (axis: 0 | 1 | 2) => tidy(Math.fround(first[axis] * voxelSize[axis]));
  const message = `the origin is 0, but the first voxel has the index ${first.join(", ")} (x, y, z): the origin follows from it`;
  return { origin: [place(0), place(1), place(2)], oddities: [{ code: "origin-from-start", message }] };
}

/**
 * Numbers of columns, rows and sections as those of x, y and z: unlike cell, intervals and origin, NXSTART, NYSTART and NZSTART
 * follow the file's own axes (MRC2014: "location of first column in unit cell").
 */
function alongAxes(numbers: FileTriple, axes: FileTriple): FileTriple {
  if (![1, 2, 3].every((axis) => axes.includes(axis))) return numbers;
  const along = (axis: number) => numbers[axes.indexOf(axis) as 0 | 1 | 2];
  return [along(1), along(2), along(3)];
}

const unknownOrigin = (first: FileTriple): Oddity => ({
  code: "origin-unknown",
  message: `the first voxel has the index ${first.join(", ")} (x, y, z), but without a voxel size no origin follows from it; taken for 0`,
});
const wrongOrigin: Oddity = { code: "origin-wrong", message: "the origin is not a number; taken for 0" };
const invertedOrigin: Oddity = {
  code: "origin-inverted",
  message: "IMOD stored the origin with the opposite sign (an older convention of its own); turned round",
};

/** A float32 without the digits that float32 does not have: 13.479999 is 13.48. */
function tidy(value: number): number {
  const short = Number(value.toPrecision(6));
  return Math.abs(short - value) <= 2e-7 * Math.abs(value) ? short : value;
}
