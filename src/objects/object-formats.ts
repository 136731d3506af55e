/** The formats of object lists, their modules loaded when first needed. */
import { extname } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import type {
  KnownTomogram,
  ObjectFileOptions,
  ObjectFormat,
  ObjectFormatEntry,
} from "./formats/object-format.ts";

/** Every format, the first of an extension is the one chosen by it. */
export const objectFormats: readonly ObjectFormatEntry[] = [
  {
    name: "xml",
    title: "DeepFinder XML",
    extensions: [".xml"],
    load: async () => (await import("./formats/xml.ts")).xmlFormat,
  },
  {
    name: "xlsx",
    title: "DeepFinder Excel workbook",
    extensions: [".xlsx"],
    load: async () => (await import("./formats/xlsx.ts")).xlsxFormat,
  },
  {
    name: "csv",
    title: "comma separated text",
    extensions: [".csv", ".txt"],
    load: async () => (await import("./formats/csv.ts")).csvFormat,
  },
  {
    name: "tsv",
    title: "tab separated text",
    extensions: [".tsv"],
    load: async () => (await import("./formats/csv.ts")).tsvFormat,
  },
  {
    name: "star",
    title: "STAR of RELION, Warp, M or STOPGAP; written as RELION 5",
    extensions: [".star"],
    load: async () => (await import("./formats/star.ts")).starFormat,
  },
  {
    name: "relion5",
    title: "RELION 5 STAR, Å from the centre",
    extensions: [".star"],
    load: async () => (await import("./formats/relion5.ts")).relion5Format,
  },
  {
    name: "relion4",
    title: "RELION 4 STAR, unbinned pixels",
    extensions: [".star"],
    load: async () => (await import("./formats/relion4.ts")).relion4Format,
  },
  {
    name: "relion31",
    title: "RELION 3.1 STAR, with optics groups",
    extensions: [".star"],
    load: async () => (await import("./formats/relion31.ts")).relion31Format,
  },
  {
    name: "relion3",
    title: "RELION 3.0 STAR",
    extensions: [".star"],
    load: async () => (await import("./formats/relion3.ts")).relion3Format,
  },
  {
    name: "warp",
    title: "Warp and M STAR",
    extensions: [".star"],
    load: async () => (await import("./formats/warp.ts")).warpFormat,
  },
  {
    name: "stopgap",
    title: "STOPGAP motivelist",
    extensions: [".star"],
    load: async () => (await import("./formats/stopgap.ts")).stopgapFormat,
  },
  {
    name: "dynamo",
    title: "Dynamo table",
    extensions: [".tbl"],
    load: async () => (await import("./formats/dynamo.ts")).dynamoFormat,
  },
  {
    name: "motl",
    title: "motivelist of TOM and AV3",
    extensions: [".em"],
    load: async () => (await import("./formats/motl.ts")).motlFormat,
  },
  {
    name: "imod",
    title: "IMOD model, binary",
    extensions: [".mod"],
    load: async () => (await import("./formats/imod.ts")).imodFormat,
  },
  {
    name: "imodtext",
    title: "IMOD model as text",
    extensions: [".mod"],
    load: async () => (await import("./formats/imod.ts")).imodTextFormat,
  },
  {
    name: "coords",
    title: "plain coordinates",
    extensions: [".coords"],
    load: async () => (await import("./formats/coords.ts")).coordsFormat,
  },
  {
    name: "copick",
    title: "copick picks",
    extensions: [".json"],
    load: async () => (await import("./formats/copick.ts")).copickFormat,
  },
  {
    name: "eman2",
    title: "EMAN2 boxes",
    extensions: [".json"],
    load: async () => (await import("./formats/eman2.ts")).eman2Format,
  },
  {
    name: "pytom",
    title: "PyTom particle list",
    extensions: [".xml"],
    load: async () => (await import("./formats/pytom.ts")).pytomFormat,
  },
  {
    name: "czii",
    title: "list of the CZII challenge",
    extensions: [".csv"],
    load: async () => (await import("./formats/czii.ts")).cziiFormat,
  },
];

/** The format that a name or a file's extension stands for. @throws TomoflowError `objects-format-unknown` */
export async function findFormat(
  path: string,
  { format: name, formats = objectFormats }: ObjectFileOptions,
): Promise<ObjectFormat> {
  const extension = extname(path).toLowerCase();
  const entry = formats.find((candidate) =>
    name === undefined ? candidate.extensions.includes(extension) : candidate.name === name,
  );
  if (entry) return entry.load();
  const known = formats
    .map((candidate) => `${candidate.name} (${candidate.extensions.join(", ")})`)
    .join(", ");
  throw new TomoflowError(
    "objects-format-unknown",
    name === undefined
      ? `${path}: no object list format has the extension "${extension}"`
      : `there is no object list format "${name}"`,
    { hint: `the formats are ${known}` },
  );
}

/** A mistake `objects-option-missing` where something is not known of the tomogram that the format requires. */
export function checkRequired(
  { name, requires }: { readonly name: string; readonly requires: readonly (keyof KnownTomogram)[] },
  file: string,
  tomogram: KnownTomogram,
): Diagnostic[] {
  const missing = requires.filter((one) => tomogram[one] === undefined);
  if (missing.length === 0) return [];
  const parts = new Intl.ListFormat("en").format(missing.map((one) => called[one]));
  const message = `the format ${name} tells objects only together with the ${parts} of its tomogram, not known here`;
  const hint = missing.includes("binning")
    ? "the file does not say how large the pixels of its coordinates are: convert it first, `tomoflow objects convert … --binned 4` for a tomogram binned by 4, `--binned 1` for one of these very pixels"
    : "give the list together with its tomogram, whose header says its size and its voxel size; at the command line with `tomoflow objects convert … --volume tomogram.mrc`";
  return [errorDiagnostic("objects-option-missing", message, { location: { file }, hint })];
}

const called: Readonly<Record<keyof KnownTomogram, string>> = {
  row: "name",
  voxelSizeAngstrom: "voxel size",
  shape: "size",
  binning: "binning",
};
