/**
 * The non-zero voxels of a label map, gathered slab by slab: 6 bytes a labelled voxel, nothing for the background.
 * A label map of a tomogram is nearly empty, so this is small where the volume is not.
 */
import { TomoflowError } from "../../core/error.ts";
import { slabsOf } from "../../volume/box.ts";
import { notALabel } from "../../volume/labels.ts";
import {
  formatShape,
  type Shape3,
  type VolumeReader,
  type VoxelArray,
  voxelCount,
} from "../../volume/volume.ts";

/** Labelled voxels of a volume, in the order of their index (z, then y, then x). */
export interface VoxelPoints {
  /** (z, y, x), voxels of the volume. */
  readonly shape: Shape3;
  /** (n), ascending: (z·height + y)·width + x. */
  readonly index: Uint32Array;
  /** (n), class labels 1…65535. */
  readonly label: Uint16Array;
}

/** Voxels read at a time. */
const slabVoxels = 1 << 22;

/**
 * Gathers the labelled voxels of an open label map.
 * @throws TomoflowError `labels-invalid` for values that are not class labels, `volume-too-large` beyond 2³² voxels
 */
export async function readVoxelPoints(reader: VolumeReader, signal?: AbortSignal): Promise<VoxelPoints> {
  const { shape, path } = reader.info;
  checkSize(shape);
  const parts: VoxelPoints[] = [];
  for (const slab of slabsOf(shape, slabVoxels)) {
    signal?.throwIfAborted();
    const data = await reader.readBox(slab.start, slab.shape, signal);
    parts.push(gatherPoints(data, shape, { first: slab.start[0] * shape[1] * shape[2], source: path }));
  }
  return joinPoints(parts, shape);
}

/**
 * Gathers the labelled voxels of a label map in memory.
 * @param labels (z, y, x)
 * @throws TomoflowError as `readVoxelPoints`
 */
export function voxelPointsOf(labels: VoxelArray, shape: Shape3): VoxelPoints {
  checkSize(shape);
  return gatherPoints(labels, shape, { first: 0, source: "the label map" });
}

/** The points of each class, labels ascending, each in the same order. */
export function splitByLabel(points: VoxelPoints): ReadonlyMap<number, VoxelPoints> {
  const parts = new Map<number, { index: Uint32Array; filled: number }>();
  for (const [label, count] of countByLabel(points))
    parts.set(label, { index: new Uint32Array(count), filled: 0 });
  let last = -1;
  let part = parts.get(last);
  for (let i = 0; i < points.index.length; i++) {
    if (points.label[i] !== last) {
      last = points.label[i];
      part = parts.get(last);
    }
    if (part) part.index[part.filled++] = points.index[i];
  }
  return new Map(
    [...parts].map(([label, { index }]) => [
      label,
      { shape: points.shape, index, label: new Uint16Array(index.length).fill(label) },
    ]),
  );
}

/** The points of all other classes. */
export function withoutLabels(points: VoxelPoints, labels: readonly number[]): VoxelPoints {
  if (labels.length === 0) return points;
  const unwanted = new Set(labels);
  const kept = points.index.filter((_, point) => !unwanted.has(points.label[point]!));
  return { shape: points.shape, index: kept, label: points.label.filter((label) => !unwanted.has(label)) };
}

/** Number of voxels by label, labels ascending. */
export function countByLabel(points: VoxelPoints): ReadonlyMap<number, number> {
  const counts = new Float64Array(65536);
  for (const label of points.label) counts[label]++;
  return new Map([...counts.entries()].filter(([, count]) => count > 0));
}

function checkSize(shape: Shape3): void {
  if (voxelCount(shape) <= 2 ** 32) return;
  throw new TomoflowError(
    "volume-too-large",
    `a label map of ${formatShape(shape)} has more than 2³² voxels`,
    {
      hint: "cluster a binned label map",
    },
  );
}

function gatherPoints(
  data: VoxelArray,
  shape: Shape3,
  { first, source }: { first: number; source: string },
): VoxelPoints {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) count++;
  const index = new Uint32Array(count);
  const label = new Uint16Array(count);
  let filled = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value === 0) continue;
    label[filled] = value;
    if (label[filled] !== value) throw notALabel(value, first + i, { shape, source, greatest: 65535 });
    index[filled++] = first + i;
  }
  return { shape, index, label };
}

function joinPoints(parts: readonly VoxelPoints[], shape: Shape3): VoxelPoints {
  if (parts.length === 1) return parts[0];
  const count = parts.reduce((sum, part) => sum + part.index.length, 0);
  const index = new Uint32Array(count);
  const label = new Uint16Array(count);
  let filled = 0;
  for (const part of parts) {
    index.set(part.index, filled);
    label.set(part.label, filled);
    filled += part.index.length;
  }
  return { shape, index, label };
}
