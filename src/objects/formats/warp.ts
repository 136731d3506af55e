/**
 * Warp and M: STAR files in the manner of RELION, with names `TS_1.tomostar` and coordinates in pixels of the exported particles, 0 the
 * first: `rlnPixelSize` of each particle (Warp 1), or `rlnImagePixelSize` of the optics group (WarpTools), also where
 * `rlnTomoTiltSeriesPixelSize` is there, which RELION 4 would count in.
 */
import type { Result } from "../../core/result.ts";
import type { ObjectList } from "../object-list.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { magnifiedPixelSize, pixelColumns, staleWithoutOptics } from "./relion3.ts";
import { micrographColumns, writtenPixel } from "./relion31.ts";
import type { ParticleTable, PixelSizes } from "./star/dialect.ts";
import { columnNumber, opticsNumber } from "./star/numbers.ts";
import { readStarParticles, type StarDialect } from "./star/read-star.ts";
import { relionColumns } from "./star/relion-write.ts";
import { columnLosses, namedFields, writeParticles } from "./star/write-particles.ts";

const name = "warp";
const ending = ".tomostar";

export const warpDialect: StarDialect = {
  ...{ name, origin: 0, angles: "relion", columns: relionColumns },
  coordinates: ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"],
  tomogramColumns: ["rlnTomoName", "rlnMicrographName"],
  recognise: isOfWarp,
  pixelSize: exportedPixelSize,
  tomogramEnding: ending,
};

function isOfWarp({ particles }: ParticleTable): boolean {
  const { columns } = particles;
  if (!columns.includes("rlnCoordinateX")) return false;
  if (columns.includes("rlnPixelSize") && columns.includes("rlnMicrographName")) return true;
  const names = ["rlnTomoName", "rlnMicrographName"].map((column) => columns.indexOf(column));
  return (
    particles.rows > 0 && names.some((column) => column >= 0 && particles.text(0, column).endsWith(ending))
  );
}

function exportedPixelSize(table: ParticleTable): Result<PixelSizes | undefined> {
  const own = columnNumber(table, "rlnPixelSize");
  if (!own.ok || own.value) return own;
  const ofGroups = opticsNumber(table, "rlnImagePixelSize");
  if (!ofGroups.ok || ofGroups.value) return ofGroups;
  return magnifiedPixelSize(table);
}

export const warpFormat: ObjectFormat = {
  name,
  capabilities: { fields: namedFields, extra: true, requires: ["voxelSizeAngstrom"] },
  read: async (bytes, source, options) =>
    readStarParticles(bytes, source, { options, dialects: [warpDialect] }),
  write: async (list, options) => writeWarp(list, options),
  losses: (list) => columnLosses(list, ["objectId", "score"]),
};

function writeWarp(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const pixel = writtenPixel(list, options, name);
  return writeParticles(list, {
    ...{ block: "", stale: staleInWarp },
    columns: [
      ...micrographColumns(list, options, { format: name, ending }),
      ...pixelColumns(pixel),
      { name: "rlnPixelSize", decimals: 6, width: 9, number: () => pixel },
    ],
  });
}

const staleInWarp: ReadonlySet<string> = new Set([...staleWithoutOptics, "rlnPixelSize"]);
