/**
 * RELION 3.1: particles of subtomograms with an optics block; `rlnCoordinateX/Y/Z` in pixels of the tomogram `rlnMicrographName` that they
 * were picked in, 0 the first, and offsets in Å. The file does not say how large these pixels are (`rlnImagePixelSize` is that of the
 * extracted images), so that reading asks for it. Written in voxels of the tomogram.
 */

import { success } from "../../core/result.ts";
import type { ObjectList } from "../object-list.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { readStarParticles, type StarDialect } from "./star/read-star.ts";
import { relionColumns, relionTail, staleInRelion } from "./star/relion-write.ts";
import {
  columnLosses,
  knownTomograms,
  namedFields,
  tomogramNames,
  type WrittenColumn,
  writeParticles,
} from "./star/write-particles.ts";

const name = "relion31";
const coordinates = ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"] as const;

export const relion31Dialect: StarDialect = {
  ...{ name, coordinates, origin: 0, angles: "relion", columns: relionColumns },
  tomogramColumns: ["rlnMicrographName", "rlnTomoName"],
  recognise: ({ particles: { columns }, blocks }) =>
    columns.includes("rlnMicrographName") && blocks.some((block) => block.name === "optics"),
  pixelSize: () => success(undefined),
};

export const relion31Format: ObjectFormat = {
  name,
  capabilities: { fields: namedFields, extra: true, requires: ["voxelSizeAngstrom"] },
  read: async (bytes, source, options) =>
    readStarParticles(bytes, source, { options, dialects: [relion31Dialect] }),
  write: async (list, options) => writeRelion31(list, options),
  losses: (list) => columnLosses(list, ["objectId", "score"]),
};

function writeRelion31(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const pixel = writtenPixel(list, options, name);
  return writeParticles(list, {
    ...{ block: "particles", head: "# version 30001", stale: staleInRelion },
    columns: micrographColumns(list, options, { format: name }),
    optics: [
      { name: "rlnImageDimensionality", value: "3" },
      { name: "rlnImagePixelSize", value: pixel.toFixed(6) },
    ],
  });
}

/** Å, of the coordinates, for formats that tell it once: by the tomogram of the first object. */
export function writtenPixel(list: ObjectList, options: ObjectFileOptions, format: string): number {
  const first = list.length > 0 ? tomogramNames(list, options, format).idOf(list[0]) : "";
  const known = knownTomograms(options, ["voxelSizeAngstrom"], format)(first);
  return known.voxelSizeAngstrom![2] / (known.binning ?? 1);
}

/** The columns of subtomograms before RELION 4: voxels of the tomogram, or its unbinned pixels where the binning is given. */
export function micrographColumns(
  list: ObjectList,
  options: ObjectFileOptions,
  { format, ending = "" }: { readonly format: string; readonly ending?: string },
): readonly WrittenColumn[] {
  const { idOf, nameOf } = tomogramNames(list, options, format);
  const known = knownTomograms(options, [], format);
  const place = (column: string, field: "x" | "y" | "z"): WrittenColumn => ({
    ...{ name: column, decimals: 6 },
    number: (object) => object[field] * (known(idOf(object)).binning ?? 1),
  });
  return [
    { name: "rlnMicrographName", text: (object) => withEnding(nameOf(object), ending) },
    place(coordinates[0], "x"),
    place(coordinates[1], "y"),
    place(coordinates[2], "z"),
    ...relionTail(list),
  ];
}

const withEnding = (name: string, ending: string): string =>
  name.endsWith(ending) ? name : `${name}${ending}`;
