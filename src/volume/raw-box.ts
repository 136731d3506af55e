/** Reads boxes of voxels that lie row by row in a file (MRC, EM): whole runs at once, rows of a narrow box through a small window. */
import type { Box } from "./box.ts";
import type { ByteSource } from "./byte-source.ts";
import { swapBytes } from "./byte-swap.ts";
import { decodeFloat16, roomForFloat16 } from "./float16.ts";
import { type Triple, type VoxelArray, type VoxelType, voxelCount } from "./volume.ts";
import { allocateVoxels, bytesOf, bytesPerVoxel } from "./voxel-type.ts";

/** Where voxels lie, and how they are stored. */
export interface RawLayout {
  /** Bytes before the first voxel. */
  readonly dataStart: number;
  readonly littleEndian: boolean;
  /** Sections, rows, columns. */
  readonly fileShape: Triple;
  readonly type: VoxelType;
  /** Two voxels a byte, the first in the low four bits; each row starts at a byte. */
  readonly packed: boolean;
  readonly rowBytes: number;
}

/** Bytes between the wanted parts of two rows that are read along rather than jumped over. */
const largestGap = 32 << 10;
const windowBytes = 4 << 20;
/** A run is read in parts, so that an abort is noticed. */
const runBytes = 64 << 20;

/** The voxels of a box, both in the file's own order (sections, rows, columns), inside the volume. */
export async function readFileBox(
  source: ByteSource,
  layout: RawLayout,
  { box, signal }: { readonly box: Box; readonly signal?: AbortSignal },
): Promise<VoxelArray> {
  if (layout.packed) return readPacked(source, layout, { box, signal });
  const voxelBytes = bytesPerVoxel(layout.type);
  const voxels = allocateVoxels(layout.type, voxelCount(box.shape));
  const stored = layout.type === "float16" ? roomForFloat16(voxels as Float32Array) : voxels;
  await readBytes(source, byteRuns(layout, box, voxelBytes), { target: bytesOf(stored), signal });
  swapBytes(bytesOf(stored), voxelBytes, layout.littleEndian);
  return layout.type === "float16" ? decodeFloat16(stored as Uint16Array, voxels as Float32Array) : voxels;
}

/** Two voxels a byte, the first in the low four bits. */
async function readPacked(
  source: ByteSource,
  layout: RawLayout,
  { box, signal }: { readonly box: Box; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const [sections, rows, columns] = box.shape;
  const first = box.start[2];
  const firstByte = first >> 1;
  const rowBytes = ((first + columns + 1) >> 1) - firstByte;
  const bytes = allocateVoxels("uint8", sections * rows * rowBytes) as Uint8Array;
  const byteBox: Box = {
    start: [box.start[0], box.start[1], firstByte],
    shape: [sections, rows, rowBytes],
  };
  await readBytes(source, byteRuns(layout, byteBox, 1), { target: bytes, signal });
  const voxels = allocateVoxels("uint8", voxelCount(box.shape)) as Uint8Array;
  for (let row = 0, to = 0; row < sections * rows; row++)
    for (let column = first; column < first + columns; column++) {
      const byte = bytes[row * rowBytes + (column >> 1) - firstByte];
      voxels[to++] = column & 1 ? byte >> 4 : byte & 15;
    }
  return voxels;
}

/** Rows at equal distances in the file, of which the first `width` bytes are wanted. */
interface Run {
  readonly position: number;
  readonly rows: number;
  readonly width: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
}

/** The runs of a box, in the order of its voxels. */
function* byteRuns(
  { dataStart, fileShape, rowBytes }: RawLayout,
  box: Box,
  voxelBytes: number,
): Generator<Run> {
  const { start, shape } = box;
  const width = shape[2] * voxelBytes;
  const sectionBytes = fileShape[1] * rowBytes;
  const origin = dataStart + start[0] * sectionBytes + start[1] * rowBytes + start[2] * voxelBytes;
  const wholeRows = width === rowBytes;
  const wholeSections = wholeRows && shape[1] === fileShape[1];
  if (wholeSections) return yield* cut(origin, shape[0] * sectionBytes);
  for (let section = 0; section < shape[0]; section++) {
    const position = origin + section * sectionBytes;
    if (wholeRows) yield* cut(position, shape[1] * rowBytes);
    else yield* narrowRuns({ position, rows: shape[1], width, stride: rowBytes });
  }
}

function* cut(position: number, length: number): Generator<Run> {
  for (let done = 0; done < length; done += runBytes) {
    const width = Math.min(runBytes, length - done);
    yield { position: position + done, rows: 1, width, stride: width };
  }
}

function* narrowRuns({ position, rows, width, stride }: Run): Generator<Run> {
  const together = stride - width <= largestGap ? Math.max(1, Math.floor(windowBytes / stride)) : 1;
  for (let row = 0; row < rows; row += together)
    yield { position: position + row * stride, rows: Math.min(together, rows - row), width, stride };
}

async function readBytes(
  source: ByteSource,
  runs: Iterable<Run>,
  { target, signal }: { readonly target: Uint8Array; readonly signal?: AbortSignal },
): Promise<void> {
  let window: Uint8Array | undefined;
  let to = 0;
  for (const { position, rows, width, stride } of runs) {
    signal?.throwIfAborted();
    if (rows === 1) await source.read(position, target.subarray(to, to + width), signal);
    else {
      const span = (rows - 1) * stride + width;
      if (!window || window.length < span) window = new Uint8Array(span);
      await source.read(position, window.subarray(0, span), signal);
      for (let row = 0; row < rows; row++)
        target.set(window.subarray(row * stride, row * stride + width), to + row * width);
    }
    to += rows * width;
  }
}
