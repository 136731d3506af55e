/**
 * The formats of volumes. What a file is, its first bytes say; its name is asked only when they do not, and when a new file is
 * written.
 */
import { TomoflowError } from "../core/error.ts";
import { type ByteFolder, isByteFolder, type VolumeSource } from "./byte-folder.ts";
import type { ByteSource } from "./byte-source.ts";
import { compressionOf } from "./decompress.ts";
import { isHdf5 } from "./hdf5/signature.ts";
import { folderMarks } from "./publish.ts";
import type { FileFormat, FolderFormat, OpenOptions, VolumeFormat, VolumeReader } from "./volume.ts";

const textAt = (bytes: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(start, start + length));

const mrc: FileFormat = {
  title: "MRC",
  extensions: [".mrc", ".map", ".rec", ".st", ".ali", ".mrcs"],
  // HDF5 may begin with a block of the user's, which may hold anything
  recognises: (start) => !isHdf5(start) && (compressionOf(start) !== null || textAt(start, 208, 3) === "MAP"),
  load: async () => (await import("./mrc/codec.ts")).mrcCodec,
};

const hdf5: FileFormat = {
  title: "HDF5",
  extensions: [".h5", ".hdf5", ".hdf"],
  recognises: isHdf5,
  load: async () => (await import("./hdf5/codec.ts")).hdf5Codec,
};

const zarr: FolderFormat = {
  title: "OME-Zarr",
  extensions: [".zarr"],
  marks: folderMarks,
  load: async () => (await import("./zarr/codec.ts")).zarrCodec,
};

const tiff: FileFormat = {
  title: "TIFF",
  extensions: [".tif", ".tiff"],
  insteadOfWriting: "write .mrc or .h5; IMOD's mrc2tif makes TIFF of an MRC file",
  recognises: (start) => ["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(textAt(start, 0, 4)),
  load: async () => (await import("./tiff/codec.ts")).tiffCodec,
};

const em: FileFormat = {
  title: "EM",
  extensions: [".em"],
  // nothing in its header is its own: its name tells
  recognises: () => false,
  load: async () => (await import("./em/codec.ts")).emCodec,
};

/** The formats that tomoflow reads. */
export const volumeFormats: readonly VolumeFormat[] = [mrc, hdf5, zarr, tiff, em];

/** Endings of names that volumes can be written under. */
export const writableExtensions: readonly string[] = volumeFormats.flatMap(
  ({ insteadOfWriting, extensions }) => (insteadOfWriting === undefined ? extensions : []),
);

/** Opens what the source holds; it is closed with the reader, or when this throws. */
export async function openSource(source: VolumeSource, options: OpenOptions): Promise<VolumeReader> {
  const formats = options.formats ?? volumeFormats;
  try {
    if (isByteFolder(source)) return await openFolder(source, formats, options);
    const format = await recogniseFile(source, formats);
    const reader = await (await format.load()).open(source, options);
    const expected = formatByName(source.name, formats);
    return !expected || expected === format ? reader : misleading(reader, expected, format);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openFolder(
  folder: ByteFolder,
  formats: readonly VolumeFormat[],
  options: OpenOptions,
): Promise<VolumeReader> {
  const format = await recogniseFolder(folder, formats);
  if (!format) throw notAVolume(folder);
  return (await format.load()).open(folder, options);
}

async function recogniseFolder(
  folder: ByteFolder,
  formats: readonly VolumeFormat[],
): Promise<FolderFormat | undefined> {
  for (const format of formats)
    for (const mark of "marks" in format ? format.marks : []) {
      const part = await folder.open(mark);
      await part?.close();
      if (part && "marks" in format) return format;
    }
  return undefined;
}

function notAVolume({ name }: ByteFolder): TomoflowError {
  const zarr = /\.zarr\/?$/i.test(name);
  return new TomoflowError(
    "file-is-folder",
    zarr
      ? `${name} is a folder without the description of a Zarr array (zarr.json, .zarray)`
      : `${name} is a folder, not a file`,
    { hint: zarr ? "the copy is not complete: copy the folder again" : "name the volume inside it" },
  );
}

/** Enough to recognise every format. */
const signatureBytes = 4096;

async function recogniseFile(source: ByteSource, formats: readonly VolumeFormat[]): Promise<FileFormat> {
  const start = new Uint8Array(Math.min(signatureBytes, source.size));
  await source.read(0, start);
  const files = formats.filter((format) => "recognises" in format);
  const recognised = files.find((format) => format.recognises(start));
  if (recognised) return recognised;
  return formatByName(source.name, files) ?? refuseUnknown(source.name, formats);
}

function misleading(reader: VolumeReader, expected: VolumeFormat, found: VolumeFormat): VolumeReader {
  const message = `the name says ${expected.title}, but the file is ${found.title}; read as what it is`;
  const info = { ...reader.info, oddities: [...reader.info.oddities, { code: "name-misleading", message }] };
  return { info, readBox: reader.readBox.bind(reader), close: reader.close.bind(reader) };
}

function refuseUnknown(name: string, formats: readonly VolumeFormat[]): never {
  const known = formats.map(({ title, extensions }) => `${title} (${extensions.join(" ")})`).join(", ");
  throw new TomoflowError("volume-format-unknown", `${name} is in no format that tomoflow knows`, {
    hint: `known are ${known}, and MRC packed as .gz or .bz2`,
  });
}

/** The format that a name stands for; `.mrc.gz` stands for MRC. */
function formatByName<F extends VolumeFormat>(path: string, formats: readonly F[]): F | undefined {
  const name = path.toLowerCase().replace(/\/+$|\.(gz|bz2)$/, "");
  return formats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}

/** The format to write a file of this name in. Throws `volume-format-unknown`. */
export function writableFormat(path: string): VolumeFormat {
  if (/\.(gz|bz2)$/i.test(path))
    throw new TomoflowError(
      "volume-format-unknown",
      `${path}: tomoflow reads packed volumes but does not write them`,
      { hint: "write .mrc and pack it with gzip, or write .h5, which is packed inside" },
    );
  const format = formatByName(path, volumeFormats) ?? refuseUnknown(path, volumeFormats);
  if (format.insteadOfWriting === undefined) return format;
  throw new TomoflowError("volume-format-unknown", `${path}: ${format.title} is read, and not written`, {
    hint: format.insteadOfWriting,
  });
}
