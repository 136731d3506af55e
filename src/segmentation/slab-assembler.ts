/** Gathers tiles, which come in order of z, then y, then x, into slabs of whole planes. */
import { extentOf } from "../network/restrict.ts";
import { type Shape3, voxelCount } from "../volume/volume.ts";
import { largestClass } from "./largest-class.ts";
import type { SegmentedTile } from "./segmented-tile.ts";

export interface Slab {
  /** (z, y, x), whole planes. */
  readonly labels: Uint8Array;
  /** (z, y, x) a class. */
  readonly scores?: readonly Float32Array[];
  /** Labels at half the sampling, (z, y, x), of the planes that are complete. */
  readonly binned?: Uint8Array;
}

/** Planes of one range of z while its tiles come in. */
interface Pending {
  readonly start: number;
  readonly planes: number;
  readonly labels: Uint8Array;
  readonly scores: readonly Float32Array[];
  missing: number;
}

export interface SlabOptions {
  /** How many score maps a tile brings; 0 for none. */
  readonly classes: number;
  /** Whether binned labels are wanted; needs scores. */
  readonly bins: boolean;
  /** As for the labels, by label. */
  readonly bias?: readonly number[];
}

export class SlabAssembler {
  readonly #shape: Shape3;
  readonly #classes: number;
  readonly #bins: boolean;
  readonly #bias: readonly number[] | undefined;
  #pending: Pending | undefined;
  /** Probabilities of the last plane where it still waits for its neighbour, a class each. */
  #odd: readonly Float32Array[] | undefined;

  constructor(shape: Shape3, { classes, bins, bias }: SlabOptions) {
    this.#shape = shape;
    this.#classes = classes;
    this.#bins = bins;
    this.#bias = bias;
  }

  /** Takes a tile; yields a slab when its planes are complete. */
  *add(tile: SegmentedTile): Generator<Slab> {
    const [[start, end]] = tile.box;
    this.#pending ??= this.#begin(start, end - start);
    this.#copy(tile, this.#pending);
    this.#pending.missing -= voxelCount(extentOf(tile.box));
    if (this.#pending.missing > 0) return;
    const { labels, scores, planes } = this.#pending;
    this.#pending = undefined;
    yield {
      labels,
      ...(this.#classes > 0 && { scores }),
      ...(this.#bins && { binned: this.#bin(scores, planes) }),
    };
  }

  #begin(start: number, planes: number): Pending {
    const voxels = planes * this.#shape[1] * this.#shape[2];
    const scores = Array.from({ length: this.#classes }, () => new Float32Array(voxels));
    return { start, planes, labels: new Uint8Array(voxels), scores, missing: voxels };
  }

  #copy({ box, labels, scores }: SegmentedTile, pending: Pending): void {
    const [planes, rows, width] = extentOf(box);
    const voxels = planes * rows * width;
    for (let z = 0; z < planes; z++)
      for (let y = 0; y < rows; y++) {
        const from = (z * rows + y) * width;
        const plane = box[0][0] + z - pending.start;
        const to = (plane * this.#shape[1] + box[1][0] + y) * this.#shape[2] + box[2][0];
        pending.labels.set(labels.subarray(from, from + width), to);
        for (const [label, map] of pending.scores.entries())
          map.set(scores!.subarray(label * voxels + from, label * voxels + from + width), to);
      }
  }

  /** Averages over 2×2×2 and takes the largest class; a plane left over waits for the next slab. */
  #bin(scores: readonly Float32Array[], planes: number): Uint8Array {
    const [, rows, width] = this.#shape;
    const plane = rows * width;
    const joined = this.#odd
      ? scores.map((map, label) => {
          const both = new Float32Array(map.length + plane);
          both.set(this.#odd![label]!);
          both.set(map, plane);
          return both;
        })
      : scores;
    const available = planes + (this.#odd ? 1 : 0);
    this.#odd = available % 2 === 1 ? joined.map((map) => map.slice((available - 1) * plane)) : undefined;
    const shape: Shape3 = [Math.floor(available / 2), Math.floor(rows / 2), Math.floor(width / 2)];
    const voxels = voxelCount(shape);
    const means = new Float32Array(voxels * this.#classes);
    for (const [label, map] of joined.entries())
      averageCells(map, this.#shape, { shape, means: means.subarray(label * voxels, (label + 1) * voxels) });
    return largestClass(means, voxels, this.#bias);
  }
}

function averageCells(
  map: Float32Array,
  whole: Shape3,
  { shape, means }: { shape: Shape3; means: Float32Array },
): void {
  const [, rows, width] = whole;
  let to = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++) {
        let sum = 0;
        for (let corner = 0; corner < 8; corner++) {
          const at =
            ((2 * z + (corner >> 2)) * rows + 2 * y + ((corner >> 1) & 1)) * width + 2 * x + (corner & 1);
          sum += map[at]!;
        }
        means[to++] = sum / 8;
      }
}
