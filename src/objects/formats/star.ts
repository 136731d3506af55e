/** STAR files of any program that is known: read as what they are, written as RELION 5 does. */
import type { ObjectFormat } from "./object-format.ts";
import { relion3Dialect } from "./relion3.ts";
import { relion4Dialect } from "./relion4.ts";
import { relion5Dialect, relion5Format } from "./relion5.ts";
import { relion31Dialect } from "./relion31.ts";
import { readStarParticles } from "./star/read-star.ts";
import { stopgapDialect } from "./stopgap.ts";
import { warpDialect } from "./warp.ts";

/** The order counts: what Warp writes looks like RELION, and is told by its own columns and names. */
const dialects = [
  stopgapDialect,
  relion5Dialect,
  warpDialect,
  relion4Dialect,
  relion31Dialect,
  relion3Dialect,
];

export const starFormat: ObjectFormat = {
  ...relion5Format,
  name: "star",
  read: async (bytes, source, options) => readStarParticles(bytes, source, { options, dialects }),
};
