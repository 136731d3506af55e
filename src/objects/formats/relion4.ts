/**
 * RELION 4: particles.star with `rlnTomoName` and `rlnCoordinateX/Y/Z` in pixels of the unbinned tilt series, 0 the first pixel. How large
 * these are is `rlnTomoTiltSeriesPixelSize` of the optics group; where it is not there, it is asked for.
 */
import { type Result, success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import type { ParticleTable, PixelSizes } from "./star/dialect.ts";
import { columnNumber, opticsNumber } from "./star/numbers.ts";
import { readStarParticles, type StarDialect } from "./star/read-star.ts";
import { relionColumns, relionTail, staleInRelion } from "./star/relion-write.ts";
import {
  columnLosses,
  knownTomograms,
  namedFields,
  tomogramNames,
  writeParticles,
} from "./star/write-particles.ts";

const name = "relion4";
const pixelColumn = "rlnTomoTiltSeriesPixelSize";
const coordinates = ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"] as const;

export const relion4Dialect: StarDialect = {
  ...{ name, coordinates, origin: 0, angles: "relion", columns: relionColumns },
  tomogramColumns: ["rlnTomoName", "rlnMicrographName"],
  recognise: ({ particles: { columns } }) =>
    columns.includes("rlnTomoName") && columns.includes(coordinates[0]),
  pixelSize: tiltSeriesPixelSize,
};

function tiltSeriesPixelSize(table: ParticleTable): Result<PixelSizes | undefined> {
  const ofParticles = columnNumber(table, pixelColumn);
  if (!ofParticles.ok || ofParticles.value) return ofParticles;
  const ofGroups = opticsNumber(table, pixelColumn);
  return ofGroups.ok ? success(ofGroups.value) : ofGroups;
}

export const relion4Format: ObjectFormat = {
  name,
  capabilities: { fields: namedFields, extra: true, requires: ["voxelSizeAngstrom", "binning"] },
  read: async (bytes, source, options) =>
    readStarParticles(bytes, source, { options, dialects: [relion4Dialect] }),
  write: async (list, options) => writeRelion4(list, options),
  losses: (list) => columnLosses(list, ["objectId", "score"]),
};

function writeRelion4(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const { idOf, nameOf } = tomogramNames(list, options, name);
  const known = knownTomograms(options, ["voxelSizeAngstrom", "binning"], name);
  const place = (column: string, field: "x" | "y" | "z") => ({
    ...{ name: column, decimals: 6 },
    number: (object: TomogramObject) => object[field] * known(idOf(object)).binning!,
  });
  const first = list.length > 0 ? known(idOf(list[0])) : options.tomogram;
  const pixel =
    first?.voxelSizeAngstrom && first.binning ? first.voxelSizeAngstrom[2] / first.binning : undefined;
  return writeParticles(list, {
    ...{ block: "particles", head: "# version 30001", stale: staleInRelion },
    columns: [
      { name: "rlnTomoName", text: nameOf },
      place(coordinates[0], "x"),
      place(coordinates[1], "y"),
      place(coordinates[2], "z"),
      ...relionTail(list),
    ],
    optics: pixel === undefined ? [] : [{ name: pixelColumn, value: pixel.toFixed(6) }],
  });
}
