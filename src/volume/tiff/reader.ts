/** Reads TIFF stacks: each page is a plane, or ImageJ's one page has all planes behind it. */
import { TomoflowError } from "../../core/error.ts";
import { type Box, checkBox } from "../box.ts";
import type { ByteSource } from "../byte-source.ts";
import { swapBytes } from "../byte-swap.ts";
import { decodeFloat16 } from "../float16.ts";
import {
  type Oddity,
  type OpenOptions,
  type Shape3,
  type VolumeInfo,
  type VolumeReader,
  type VoxelArray,
  type VoxelType,
  voxelCount,
} from "../volume.ts";
import { allocateVoxels, bytesOf, bytesPerVoxel } from "../voxel-type.ts";
import { damaged, number, numbers, type Page, readPages, tags } from "./directory.ts";
import { imageJPlanes, voxelSizeOf } from "./sampling.ts";
import { compressions, sumDifferences, sumFloatDifferences, unpackPiece } from "./unpack.ts";

/** A plane's pieces, strips or tiles, row by row. */
interface Plane {
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
  readonly pieceWidth: number;
  readonly pieceHeight: number;
  readonly across: number;
  readonly isTiled: boolean;
}

/** Same for all planes. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly type: VoxelType;
  readonly compression: number;
  readonly predictor: number;
  readonly littleEndian: boolean;
}

/** Opens a TIFF stack. Throws `tiff-damaged`, `tiff-colour`, `tiff-compression`, `tiff-type`, `tiff-pages`. */
export async function openTiff(source: ByteSource, { signal }: OpenOptions = {}): Promise<VolumeReader> {
  const { pages, littleEndian } = await readPages(source, signal);
  const pixels = pixelsOf(source, pages[0]!, littleEndian);
  for (const [index, page] of pages.entries()) {
    const other = pixelsOf(source, page, littleEndian);
    if (
      ["width", "height", "type", "compression", "predictor"].every(
        (key) => other[key as keyof Pixels] === pixels[key as keyof Pixels],
      )
    )
      continue;
    throw new TomoflowError(
      "tiff-pages",
      `${source.name}: page ${index + 1} is not like the first (${other.width}×${other.height} of ${other.type}, not ${pixels.width}×${pixels.height} of ${pixels.type})`,
      {
        hint: "a stack has pages of one size and type: write thumbnails and other levels into files of their own",
      },
    );
  }
  const planes = planesOf(source, pages, pixels);
  const info = describe(source, pages[0]!, { pixels, planes });
  return {
    info,
    readBox: async (start, shape, stop) => {
      checkBox({ start, shape }, info.shape);
      return readBox(source, { planes, pixels }, { box: { start, shape }, signal: stop });
    },
    close: () => source.close(),
  };
}

function pixelsOf(source: ByteSource, page: Page, littleEndian: boolean): Pixels {
  const [width, height] = [number(page, tags.width, 0), number(page, tags.height, 0)];
  if (!(width > 0 && height > 0 && width < 1 << 24 && height < 1 << 24))
    throw damaged(source, `a page has ${width}×${height} pixels`);
  const samples = number(page, tags.samples, 1);
  if (samples !== 1 || number(page, tags.photometric, 1) > 3)
    throw new TomoflowError("tiff-colour", `${source.name} holds colours, not densities`, {
      hint: "convert it to grey values first, for example in Fiji: Image, Type, 32-bit",
    });
  const compression = number(page, tags.compression, 1);
  if (!compressions.has(compression))
    throw new TomoflowError(
      "tiff-compression",
      `${source.name} is packed by compression ${compression}, which tomoflow cannot unpack`,
      {
        hint: "write it again without compression, or with LZW or Deflate, for example with tiffcp -c zip in.tif out.tif",
      },
    );
  const predictor = number(page, tags.predictor, 1);
  if (![1, 2, 3].includes(predictor)) throw damaged(source, `its predictor is ${predictor}`);
  return { width, height, compression, predictor, littleEndian, type: typeOf(source, page) };
}

function typeOf(source: ByteSource, page: Page): VoxelType {
  const bits = number(page, tags.bits, 1);
  const kind = ["uint", "uint", "int", "float"][number(page, tags.sampleFormat, 1)] ?? "";
  const name = `${kind}${bits}`;
  const known: readonly string[] = [
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "float16",
    "float32",
    "float64",
  ];
  if (known.includes(name)) return name as VoxelType;
  throw new TomoflowError(
    "tiff-type",
    `${source.name} holds ${kind === "" ? "numbers of an unknown kind" : name}, which tomoflow does not read`,
    {
      hint: "write integers of 8, 16 or 32 bits, or floating-point numbers",
    },
  );
}

function planesOf(source: ByteSource, pages: readonly Page[], pixels: Pixels): readonly Plane[] {
  const planes = pages.map((page) => planeOf(source, page, pixels));
  const more = imageJPlanes(pages[0]!);
  const bytes = pixels.width * pixels.height * bytesPerVoxel(pixels.type);
  const first = planes[0]!.offsets[0]!;
  if (pages.length > 1 || more === undefined || more <= 1 || pixels.compression !== 1) return planes;
  if (!(first + more * bytes <= source.size))
    throw damaged(source, `it is cut off: ImageJ says that it has ${more} planes`);
  return Array.from({ length: more }, (_, plane) => ({
    offsets: [first + plane * bytes],
    counts: [bytes],
    pieceWidth: pixels.width,
    pieceHeight: pixels.height,
    across: 1,
    isTiled: false,
  }));
}

function planeOf(source: ByteSource, page: Page, { width, height, type, compression }: Pixels): Plane {
  const tileWidth = number(page, tags.tileWidth, 0);
  const isTiled = tileWidth > 0;
  const pieceWidth = isTiled ? tileWidth : width;
  const pieceHeight = isTiled
    ? number(page, tags.tileHeight, 0)
    : Math.min(height, number(page, tags.rowsPerStrip, height));
  if (!(pieceHeight > 0 && pieceWidth < 1 << 24 && pieceHeight < 1 << 24))
    throw damaged(source, "its pieces have no size");
  const across = Math.ceil(width / pieceWidth);
  const pieces = across * Math.ceil(height / pieceHeight);
  const offsets = numbers(page, isTiled ? tags.tileOffsets : tags.stripOffsets);
  const told = numbers(page, isTiled ? tags.tileCounts : tags.stripCounts);
  // old programs leave the lengths of what is not packed out
  const whole = (piece: number) =>
    pieceWidth *
    (isTiled ? pieceHeight : Math.min(pieceHeight, height - piece * pieceHeight)) *
    bytesPerVoxel(type);
  const counts = told.length === 0 && compression === 1 ? offsets.map((_, piece) => whole(piece)) : told;
  if (offsets.length !== pieces || counts.length !== pieces)
    throw damaged(source, `a page has ${offsets.length} pieces instead of ${pieces}`);
  return { offsets, counts, pieceWidth, pieceHeight, across, isTiled };
}

function describe(
  source: ByteSource,
  page: Page,
  { pixels, planes }: { readonly pixels: Pixels; readonly planes: readonly Plane[] },
): VolumeInfo {
  const { type, height, width, compression, littleEndian } = pixels;
  const shape: Shape3 = [planes.length, height, width];
  const voxelSizeAngstrom = voxelSizeOf(page);
  const oddities: Oddity[] = [];
  if (!littleEndian) oddities.push({ code: "big-endian", message: "the bytes are in big-endian order" });
  if (number(page, tags.photometric, 1) === 0)
    oddities.push({
      code: "white-is-zero",
      message: "the file says that 0 is white; the numbers are handed out as they are",
    });
  if (!voxelSizeAngstrom) oddities.push(noVoxelSize);
  return {
    path: source.name,
    format: `TIFF stack (${type})`,
    shape,
    type,
    voxelSizeAngstrom,
    originAngstrom: [0, 0, 0],
    labels: [],
    properties: {
      storage: `${planes[0]!.isTiled ? `tiles of ${planes[0]!.pieceHeight}×${planes[0]!.pieceWidth}` : "strips"}, ${compressions.get(compression)}`,
    },
    oddities,
  };
}

const noVoxelSize: Oddity = {
  code: "voxel-size-missing",
  message:
    "no description of ImageJ or OME tells the voxel size; set one with tomoflow volume convert --voxel-size",
};

interface Stack {
  readonly planes: readonly Plane[];
  readonly pixels: Pixels;
}

async function readBox(
  source: ByteSource,
  { planes, pixels }: Stack,
  { box, signal }: { readonly box: Box; readonly signal: AbortSignal | undefined },
): Promise<VoxelArray> {
  const target = allocateVoxels(pixels.type, voxelCount(box.shape));
  for (let z = 0; z < box.shape[0]; z++) {
    const plane = planes[box.start[0] + z]!;
    for (const piece of touchedPieces(plane, box)) {
      signal?.throwIfAborted();
      const voxels = await readPiece(source, piece, { plane, pixels, signal });
      copyPiece(voxels, piece, { plane, box, target, z, pixels });
    }
  }
  return target;
}

function* touchedPieces(
  { pieceWidth, pieceHeight, across }: Plane,
  { start, shape }: Box,
): Generator<number> {
  const last = (axis: 1 | 2) => start[axis] + shape[axis] - 1;
  for (let row = Math.floor(start[1] / pieceHeight); row <= Math.floor(last(1) / pieceHeight); row++)
    for (let column = Math.floor(start[2] / pieceWidth); column <= Math.floor(last(2) / pieceWidth); column++)
      yield row * across + column;
}

async function readPiece(
  source: ByteSource,
  piece: number,
  {
    plane,
    pixels,
    signal,
  }: { readonly plane: Plane; readonly pixels: Pixels; readonly signal: AbortSignal | undefined },
): Promise<VoxelArray> {
  const { type, compression, predictor, littleEndian, height } = pixels;
  const bytes = bytesPerVoxel(type);
  const rows = plane.isTiled
    ? plane.pieceHeight
    : Math.min(plane.pieceHeight, height - Math.floor(piece / plane.across) * plane.pieceHeight);
  const expected = rows * plane.pieceWidth * bytes;
  const [position, length] = [plane.offsets[piece]!, plane.counts[piece]!];
  if (!(position + length <= source.size) || length > 2 * expected + 65536)
    throw damaged(source, `piece ${piece + 1} of a page lies behind its end`);
  const stored = new Uint8Array(length);
  await source.read(position, stored, signal);
  const unpacked = await unpackPiece(stored, compression, expected).catch((error) => {
    throw damaged(source, error instanceof Error ? error.message : String(error));
  });
  if (unpacked.length < expected)
    throw damaged(source, `piece ${piece + 1} of a page has ${unpacked.length} bytes instead of ${expected}`);
  // aligned, for the numbers in it
  let own = unpacked.slice(0, expected);
  const layout = { width: plane.pieceWidth, bytes, littleEndian };
  if (predictor === 2) sumDifferences(own, layout);
  if (predictor === 3) own = sumFloatDifferences(own, layout);
  swapBytes(own, bytes, littleEndian);
  if (type === "float16") return decodeFloat16(new Uint16Array(own.buffer, 0, expected / 2));
  const voxels = allocateVoxels(type, expected / bytes);
  bytesOf(voxels).set(own);
  return voxels;
}

interface Destination {
  readonly plane: Plane;
  readonly pixels: Pixels;
  readonly box: Box;
  readonly target: VoxelArray;
  readonly z: number;
}

function copyPiece(voxels: VoxelArray, piece: number, { plane, pixels, box, target, z }: Destination): void {
  const { pieceWidth, pieceHeight, across } = plane;
  const [firstRow, firstColumn] = [Math.floor(piece / across) * pieceHeight, (piece % across) * pieceWidth];
  const rowEnd = Math.min(firstRow + pieceHeight, pixels.height, box.start[1] + box.shape[1]);
  const from = Math.max(firstColumn, box.start[2]);
  const to = Math.min(firstColumn + pieceWidth, box.start[2] + box.shape[2]);
  for (let row = Math.max(firstRow, box.start[1]); row < rowEnd; row++) {
    const at = (row - firstRow) * pieceWidth - firstColumn;
    target.set(
      voxels.subarray(at + from, at + to),
      (z * box.shape[1] + row - box.start[1]) * box.shape[2] + from - box.start[2],
    );
  }
}
