/** Segmentation inside a mask alone: nothing is computed where a tile has no voxel of it, the rest is background. */
import { TomoflowError } from "../core/error.ts";
import { extentOf, type Ranges3 } from "../network/restrict.ts";
import { formatShape, type Shape3, type VolumeReader, voxelCount } from "../volume/volume.ts";
import type { SegmentedTile } from "./segmented-tile.ts";

/** The mask on the box of a tile. */
export interface MaskedBox {
  readonly box: Ranges3;
  /** (z, y, x) of the box: 1 for voxels inside, where the mask is not 0. */
  readonly inside: Uint8Array;
  /** Smallest box that holds every voxel inside; undefined where there is none. */
  readonly bounds?: Ranges3;
}

/** @throws TomoflowError `mask-shape` when the mask is not of the volume's shape */
export function checkMaskShape(mask: VolumeReader, shape: Shape3): void {
  if (mask.info.shape.join() === shape.join()) return;
  throw new TomoflowError(
    "mask-shape",
    `the mask is ${formatShape(mask.info.shape)} but the tomogram is ${formatShape(shape)} (z, y, x)`,
    { hint: "make the mask from this tomogram, at the same sampling" },
  );
}

export async function readMask(mask: VolumeReader, box: Ranges3, signal?: AbortSignal): Promise<MaskedBox> {
  const extent = extentOf(box);
  const voxels = await mask.readBox(box.map(([start]) => start) as unknown as Shape3, extent, signal);
  const inside = Uint8Array.from(voxels as Float32Array, (value) => (value !== 0 ? 1 : 0));
  const low = [...extent];
  const high = [0, 0, 0];
  let i = 0;
  for (let z = 0; z < extent[0]; z++)
    for (let y = 0; y < extent[1]; y++)
      for (let x = 0; x < extent[2]; x++, i++) {
        if (inside[i] === 0) continue;
        for (const [axis, at] of [z, y, x].entries()) {
          low[axis] = Math.min(low[axis]!, at);
          high[axis] = Math.max(high[axis]!, at + 1);
        }
      }
  if (high[0] === 0) return { box, inside };
  const bounds = box.map(([start], axis) => [start + low[axis]!, start + high[axis]!]) as unknown as Ranges3;
  return { box, inside, bounds };
}

/**
 * The tile of the whole box: inside the mask what was computed on its bounds, outside it background, with probability 1
 * where `classes` probabilities are wanted.
 */
export function placeInMask(
  { box, inside }: MaskedBox,
  computed: SegmentedTile | undefined,
  classes: number,
): SegmentedTile {
  const extent = extentOf(box);
  const voxels = voxelCount(extent);
  const labels = new Uint8Array(voxels);
  const scores = new Float32Array(classes * voxels);
  if (classes > 0) scores.fill(1, 0, voxels);
  if (computed !== undefined) {
    const [planes, rows, width] = extentOf(computed.box);
    const offset = computed.box.map(([start], axis) => start - box[axis]![0]);
    let from = 0;
    for (let z = 0; z < planes; z++)
      for (let y = 0; y < rows; y++) {
        let to = ((z + offset[0]!) * extent[1] + y + offset[1]!) * extent[2] + offset[2]!;
        for (let x = 0; x < width; x++, from++, to++) {
          if (!inside[to]) continue;
          labels[to] = computed.labels[from]!;
          for (let label = 0; label < classes; label++)
            scores[label * voxels + to] = computed.scores![label * computed.labels.length + from]!;
        }
      }
  }
  return classes > 0 ? { box, labels, scores } : { box, labels };
}
