/**
 * The header of an EM file (TOM, PyTom, Dynamo, AV3, Artiatomi): 512 bytes. Source: tom_emread of the TOM toolbox, Hegerl, J. Struct. Biol. 116
 * (1996) 30.
 */
import { TomoflowError } from "../../core/error.ts";
import type { RawLayout } from "../raw-box.ts";
import type { Oddity, Triple, VolumeInfo, VoxelType } from "../volume.ts";
import { bytesPerVoxel } from "../voxel-type.ts";

export const headerBytes = 512;
export const commentAt = 16;
export const commentBytes = 80;
/** A thousand times the size of a voxel, in a unit that programs do not agree on. */
export const pixelSizeAt = 120;
/** The machine's code of a PC, and so little-endian. */
export const littleEndianMachine = 6;

export const typeByCode: ReadonlyMap<number, VoxelType> = new Map([
  [1, "int8"],
  [2, "int16"],
  [4, "int32"],
  [5, "float32"],
  [9, "float64"],
]);

/** What we write into the comment, so that nobody has to guess. */
const sizeComment = /voxel (\S+) (\S+) (\S+) A, origin (\S+) (\S+) (\S+) A/;

export const commentOf = (size: Triple, origin: Triple): string =>
  `voxel ${size.map(short).join(" ")} A, origin ${origin.map(short).join(" ")} A`;

const short = (length: number): string => String(Number(length.toPrecision(6)));

export interface EmHeader {
  readonly info: VolumeInfo;
  readonly layout: RawLayout;
}

/** Throws `em-truncated`, `em-not-em`, `em-type`. */
export function readHeader(
  bytes: Uint8Array,
  { path, fileBytes }: { path: string; fileBytes: number },
): EmHeader {
  if (bytes.length < headerBytes)
    throw new TomoflowError(
      "em-truncated",
      `${path} has ${fileBytes} bytes, less than the header of an EM file`,
      {
        hint: "copy the file again, or wait until the program that writes it has finished",
      },
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const [machine, code] = [bytes[0]!, bytes[3]!];
  const told = machine === littleEndianMachine || machine === 1;
  const littleEndian = isPlausible(view, told) || !isPlausible(view, !told) ? told : !told;
  if (!isPlausible(view, littleEndian))
    throw new TomoflowError("em-not-em", `${path} is not an EM file: its header makes no sense`, {
      hint: "the name says EM; give the file the ending that its format has",
    });
  const [x, y, z] = sizes(view, littleEndian);
  const type = typeByCode.get(code);
  if (!type || (machine === 1 && type.startsWith("float")))
    throw new TomoflowError(
      "em-type",
      `${path} holds ${code === 8 || code === 10 ? "complex numbers" : `voxels of the type ${code}${type ? " of a VAX" : ""}`}, which are no plain numbers here`,
      {
        hint: "write real numbers (types 1, 2, 4, 5 and 9) with the program that made the file",
      },
    );
  const rowBytes = x * bytesPerVoxel(type);
  const needed = headerBytes + rowBytes * y * z;
  if (needed > fileBytes)
    throw new TomoflowError(
      "em-truncated",
      `${path} is cut off: its header promises ${x}×${y}×${z} voxels (x, y, z) and so ${needed} bytes, but there are ${fileBytes}`,
      {
        hint: "copy the file again, or wait until the program that writes it has finished",
      },
    );
  const comment = textIn(bytes.subarray(commentAt, commentAt + commentBytes));
  const sampling = readSampling(comment, view.getInt32(pixelSizeAt, littleEndian));
  const oddities = [
    ...(littleEndian ? [] : [{ code: "big-endian", message: "the bytes are in big-endian order" }]),
    ...(littleEndian === told
      ? []
      : [
          {
            code: "machine-stamp-wrong",
            message: `the machine's code ${machine} does not name the byte order, which was found from the header instead`,
          },
        ]),
    ...(type === "int8" ? [ambiguousBytes] : []),
    ...(fileBytes > needed
      ? [{ code: "bytes-left-over", message: `${fileBytes - needed} bytes follow the last voxel; ignored` }]
      : []),
    ...sampling.oddities,
  ];
  const { voxelSizeAngstrom, originAngstrom } = sampling;
  return {
    info: {
      path,
      format: `EM type ${code} (${type})`,
      shape: [z, y, x],
      type,
      voxelSizeAngstrom,
      originAngstrom,
      labels: comment === "" || sizeComment.test(comment) ? [] : [comment],
      oddities,
    },
    layout: { dataStart: headerBytes, littleEndian, fileShape: [z, y, x], type, packed: false, rowBytes },
  };
}

const sizes = (view: DataView, littleEndian: boolean): readonly [number, number, number] => [
  view.getInt32(4, littleEndian),
  view.getInt32(8, littleEndian),
  view.getInt32(12, littleEndian),
];

const isPlausible = (view: DataView, littleEndian: boolean): boolean =>
  sizes(view, littleEndian).every((length) => length > 0 && length < 1 << 20);

const ambiguousBytes: Oddity = {
  code: "bytes-ambiguous",
  message: "EM does not say whether bytes are signed; read as signed, -128 to 127",
};

function readSampling(comment: string, thousandths: number) {
  const numbers = sizeComment.exec(comment)?.slice(1).map(Number) ?? [];
  const [size, origin] = [numbers.slice(0, 3), numbers.slice(3)] as unknown as [Triple, Triple];
  if (numbers.length === 6 && numbers.every(Number.isFinite) && size.every((length) => length > 0))
    return { voxelSizeAngstrom: size, originAngstrom: origin, oddities: [] };
  const message =
    thousandths > 0
      ? `the header has the object's pixel size ${thousandths / 1000}, which some programs mean in nm and others in Å`
      : "the header has no voxel size";
  const oddity = {
    code: "voxel-size-missing",
    message: `${message}; set one with tomoflow volume convert --voxel-size`,
  };
  return { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const, oddities: [oddity] };
}

/** ASCII; what cannot be printed ends it. */
function textIn(bytes: Uint8Array): string {
  const end = bytes.findIndex((code) => code < 32 || code > 126);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end)).trim();
}
