/**
 * RELION 3.0: one block without optics groups; `rlnCoordinateX/Y/Z` in pixels of the tomogram `rlnMicrographName`, 0 the first, offsets
 * `rlnOriginX/Y/Z` in pixels as well. `rlnDetectorPixelSize` and `rlnMagnification` tell the pixels of the extracted images, which may be
 * scaled, so that reading asks for those of the coordinates. Written in voxels of the tomogram.
 */
import { type Result, success } from "../../core/result.ts";
import type { ObjectList } from "../object-list.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { micrographColumns, writtenPixel } from "./relion31.ts";
import type { ParticleTable, PixelSizes } from "./star/dialect.ts";
import { columnNumber } from "./star/numbers.ts";
import { readStarParticles, type StarDialect } from "./star/read-star.ts";
import { relionColumns, staleInRelion } from "./star/relion-write.ts";
import { columnLosses, namedFields, writeParticles } from "./star/write-particles.ts";

const name = "relion3";

export const relion3Dialect: StarDialect = {
  ...{ name, origin: 0, angles: "relion", columns: relionColumns },
  coordinates: ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"],
  tomogramColumns: ["rlnMicrographName", "rlnTomoName"],
  recognise: ({ particles: { columns } }) => columns.includes("rlnMicrographName"),
  pixelSize: () => success(undefined),
  originPixelSize: magnifiedPixelSize,
};

/** Å, of the images: detector over magnification; undefined where the file does not say. */
export function magnifiedPixelSize(table: ParticleTable): Result<PixelSizes | undefined> {
  const detector = columnNumber(table, "rlnDetectorPixelSize");
  const magnification = columnNumber(table, "rlnMagnification");
  if (!detector.ok) return detector;
  if (!magnification.ok) return magnification;
  const [micrometres, times] = [detector.value, magnification.value];
  return success(micrometres && times && ((row) => (micrometres(row) * 10_000) / times(row)));
}

export const relion3Format: ObjectFormat = {
  name,
  capabilities: { fields: namedFields, extra: true, requires: ["voxelSizeAngstrom"] },
  read: async (bytes, source, options) =>
    readStarParticles(bytes, source, { options, dialects: [relion3Dialect] }),
  write: async (list, options) => writeRelion3(list, options),
  losses: (list) => columnLosses(list, ["objectId", "score"]),
};

function writeRelion3(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const pixel = writtenPixel(list, options, name);
  return writeParticles(list, {
    ...{ block: "", stale: staleWithoutOptics },
    columns: [...micrographColumns(list, options, { format: name }), ...pixelColumns(pixel)],
  });
}

/** `rlnDetectorPixelSize` in µm over a magnification of 10,000 is as many Å. */
export const pixelColumns = (pixel: number) => [
  { name: "rlnMagnification", decimals: 1, width: 8, number: () => 10_000 },
  { name: "rlnDetectorPixelSize", decimals: 6, width: 9, number: () => pixel },
];

export const staleWithoutOptics: ReadonlySet<string> = new Set([
  ...staleInRelion,
  ...["rlnMagnification", "rlnDetectorPixelSize"],
]);
