/**
 * STOPGAP: a motivelist in STAR format. `orig_x/y/z` are voxels of the tomogram, 1 the first as in Matlab, to which the shifts are added;
 * phi, psi and the are ours; tomograms have numbers.
 */
import type { ObjectList, TomogramObject } from "../object-list.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { readStarParticles, type StarDialect } from "./star/read-star.ts";
import {
  allHave,
  anglesOf,
  columnLosses,
  idLosses,
  numberedFields,
  tomogramNumberer,
  type WrittenColumn,
  writeParticles,
} from "./star/write-particles.ts";

const name = "stopgap";
const block = "stopgap_motivelist";

export const stopgapDialect: StarDialect = {
  ...{ name, origin: 1, angles: "tom" },
  coordinates: ["orig_x", "orig_y", "orig_z"],
  shifts: ["x_shift", "y_shift", "z_shift"],
  tomogramColumns: [],
  columns: {
    ...{ label: "class", objectId: "motl_idx", score: "score", tomogramIndex: "tomo_num" },
    angles: ["phi", "psi", "the"],
  },
  recognise: ({ particles }) => particles.columns.includes("orig_x"),
};

export const stopgapFormat: ObjectFormat = {
  name,
  capabilities: {
    fields: numberedFields,
    ...{ extra: true, requires: [] },
  },
  read: async (bytes, source, options) =>
    readStarParticles(bytes, source, { options, dialects: [stopgapDialect] }),
  write: async (list, options) => writeStopgap(list, options),
  losses: (list) => [...columnLosses(list, []), ...idLosses(list)],
};

/** Every column that STOPGAP asks for: of what the list does not say, what a new list has there. */
function writeStopgap(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const numberOf = tomogramNumberer(list, options, name);
  const binning = options.tomogram?.binning ?? 1;
  const keepsIds = allHave(list, "objectId");
  const numbers = new Map(list.map((object, index) => [object, index + 1]));
  const idOf = (object: TomogramObject): number => (keepsIds ? object.objectId! : numbers.get(object)!);
  const whole = (column: string, number: (object: TomogramObject) => number): WrittenColumn => ({
    ...{ name: column, decimals: 0, width: 6, number },
  });
  const decimal = (column: string, number: (object: TomogramObject) => number): WrittenColumn => ({
    ...{ name: column, decimals: 6, number },
  });
  const kept = (column: string, otherwise: (object: TomogramObject) => string): WrittenColumn => ({
    name: column,
    text: (object) => object.extra?.[column] ?? otherwise(object),
  });
  return writeParticles(list, {
    ...{ block, stale: staleInStopgap, numbered: false },
    columns: [
      whole("motl_idx", idOf),
      whole("tomo_num", numberOf),
      kept("object", () => "1"),
      kept("subtomo_num", (object) => String(idOf(object))),
      kept("halfset", () => "A"),
      decimal("orig_x", ({ x }) => x * binning + 1),
      decimal("orig_y", ({ y }) => y * binning + 1),
      decimal("orig_z", ({ z }) => z * binning + 1),
      decimal("score", ({ score }) => score ?? 0),
      ...["x_shift", "y_shift", "z_shift"].map((column) => decimal(column, () => 0)),
      decimal("phi", (object) => anglesOf(object).phi),
      decimal("psi", (object) => anglesOf(object).psi),
      decimal("the", (object) => anglesOf(object).the),
      whole("class", ({ label }) => label),
    ],
  });
}

const staleInStopgap: ReadonlySet<string> = new Set([
  ...["object", "subtomo_num", "halfset", "orig_x", "orig_y", "orig_z", "x_shift", "y_shift", "z_shift"],
  ...["motl_idx", "tomo_num", "score", "phi", "psi", "the", "class"],
]);
