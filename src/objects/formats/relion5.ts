/**
 * RELION 5: particles.star with `rlnCenteredCoordinateX/Y/ZAngst`, Å from the centre of the tomogram. The centre is that of
 * `ParticleSet::getParticleCoordDecenteredPixel`: half the size, so that voxel n/2, counted from 0, is at 0 Å.
 */
import type { ObjectList, TomogramObject } from "../object-list.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { readStarParticles, type StarDialect } from "./star/read-star.ts";
import { relionColumns, relionTail, staleInRelion } from "./star/relion-write.ts";
import {
  columnLosses,
  knownTomograms,
  namedFields,
  tomogramNames,
  writeParticles,
} from "./star/write-particles.ts";

const name = "relion5";
const coordinates = [
  "rlnCenteredCoordinateXAngst",
  "rlnCenteredCoordinateYAngst",
  "rlnCenteredCoordinateZAngst",
] as const;

export const relion5Dialect: StarDialect = {
  ...{ name, coordinates, origin: "centre", angles: "relion", columns: relionColumns },
  tomogramColumns: ["rlnTomoName", "rlnMicrographName"],
  recognise: ({ particles }) => coordinates.some((column) => particles.columns.includes(column)),
};

export const relion5Format: ObjectFormat = {
  name,
  capabilities: { fields: namedFields, extra: true, requires: ["voxelSizeAngstrom", "shape"] },
  read: async (bytes, source, options) =>
    readStarParticles(bytes, source, { options, dialects: [relion5Dialect] }),
  write: async (list, options) => writeRelion5(list, options),
  losses: (list) => columnLosses(list, ["objectId", "score"]),
};

/** @throws TomoflowError `objects-option-missing` where a tomogram's name, size or voxel size is not known */
export function writeRelion5(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const { idOf, nameOf } = tomogramNames(list, options, name);
  const known = knownTomograms(options, ["voxelSizeAngstrom", "shape"], name);
  const place = (column: string, field: "x" | "y" | "z", axis: 0 | 1 | 2) => ({
    ...{ name: column, decimals: 6 },
    number: (object: TomogramObject) => {
      const { voxelSizeAngstrom, shape } = known(idOf(object));
      return (object[field] - shape![axis] / 2) * voxelSizeAngstrom![axis];
    },
  });
  return writeParticles(list, {
    ...{ block: "particles", head: "# version 50001", stale: staleInRelion },
    columns: [
      { name: "rlnTomoName", text: nameOf },
      place(coordinates[0], "x", 2),
      place(coordinates[1], "y", 1),
      place(coordinates[2], "z", 0),
      ...relionTail(list),
    ],
    ...(list.some(({ extra }) => extra && "rlnOpticsGroup" in extra) && { optics: [] }),
  });
}
