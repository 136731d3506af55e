/** Layers of planes cut into chunks, several of them packed at a time, each on a thread of its own. */
import { rowCopier } from "../rows.ts";
import { shuffle } from "../shuffle.ts";
import type { Shape3 } from "../volume.ts";
import { deflateChunk, packsQuickly } from "./chunk-packing.ts";

/** Chunks that are packed at a time. */
const mostAtOnce = 8;

export interface LayerShape {
  /** (z, y, x) of the layer: whole planes, as many as a chunk has or, at the end of a volume, fewer. */
  readonly shape: Shape3;
  readonly chunk: Shape3;
  readonly bytesPerVoxel: number;
}

/** The packed chunks of a layer, in order of y and x. What a chunk has beyond the volume is 0. */
export async function packLayer(
  layer: Uint8Array,
  { shape, chunk, bytesPerVoxel }: LayerShape,
): Promise<Uint8Array[]> {
  const corners: (readonly [y: number, x: number])[] = [];
  for (let y = 0; y < shape[1]; y += chunk[1])
    for (let x = 0; x < shape[2]; x += chunk[2]) corners.push([y, x]);
  const packed = new Array<Uint8Array>(corners.length);
  const next = corners.entries();
  let quick = false;
  const chunkBytes = chunk[0] * chunk[1] * chunk[2] * bytesPerVoxel;
  const worker = async () => {
    // Of its own: zlib reads it while others are cut out.
    const [bytes, shuffled] = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
    for (const [index, corner] of next) {
      cutOut(layer, corner, { shape, chunk, bytesPerVoxel, target: bytes });
      packed[index] = await deflateChunk(shuffle(bytes, bytesPerVoxel, shuffled), quick);
      quick = packsQuickly(packed[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, corners.length) }, worker));
  return packed;
}

function cutOut(
  layer: Uint8Array,
  [firstY, firstX]: readonly [number, number],
  { shape, chunk, bytesPerVoxel, target }: LayerShape & { readonly target: Uint8Array },
): void {
  const width = Math.min(chunk[2], shape[2] - firstX) * bytesPerVoxel;
  const rows = Math.min(chunk[1], shape[1] - firstY);
  const copy = rowCopier(layer, target, width);
  target.fill(0);
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < rows; y++) {
      const from = ((z * shape[1] + firstY + y) * shape[2] + firstX) * bytesPerVoxel;
      copy(from, (z * chunk[1] + y) * chunk[2] * bytesPerVoxel);
    }
}
