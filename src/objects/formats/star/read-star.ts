/** Finds the particles of a STAR file, and of which program they are. */
import { failure, type Result } from "../../../core/result.ts";
import type { ObjectFileOptions, ObjectsByTomogram } from "../object-format.ts";
import type { ParticleDialect, ParticleTable } from "./dialect.ts";
import { particlesOf } from "./particles.ts";
import { readStarBlocks } from "./star-blocks.ts";
import { type StarBlock, starProblem } from "./star-table.ts";

/** As one program writes particles. */
export interface StarDialect extends ParticleDialect {
  /** Whether the table is as this program writes it. */
  recognise(table: ParticleTable): boolean;
}

/**
 * The objects of a STAR file. Of several dialects the first that recognises the table reads it; a single one reads it if it can.
 * Fails with `objects-star` for what is no list of particles, and with `object-value` for values that are none.
 */
export function readStarParticles(
  bytes: Uint8Array,
  source: string,
  { options, dialects }: { readonly options: ObjectFileOptions; readonly dialects: readonly StarDialect[] },
): Result<ObjectsByTomogram> {
  const blocks = readStarBlocks(bytes, source);
  if (!blocks.ok) return blocks;
  const particles = findParticles(blocks.value);
  if (!particles) return failure([noParticles(blocks.value, source)]);
  const table = { particles, blocks: blocks.value, source };
  const dialect =
    dialects.find((one) => one.recognise(table)) ?? (dialects.length === 1 ? dialects[0] : undefined);
  if (!dialect) return failure([unknownTable(table)]);
  return particlesOf(table, dialect, options);
}

const coordinates = ["rlnCenteredCoordinateXAngst", "rlnCoordinateX", "orig_x"];
const hasCoordinates = ({ columns }: StarBlock): boolean =>
  coordinates.some((name) => columns.includes(name));

const findParticles = (blocks: readonly StarBlock[]): StarBlock | undefined =>
  blocks.find((block) => block.name === "particles" && hasCoordinates(block)) ?? blocks.find(hasCoordinates);

function noParticles(blocks: readonly StarBlock[], file: string) {
  const isTomograms = blocks.some(
    ({ columns }) => columns.includes("rlnTomoTiltSeriesStarFile") || columns.includes("rlnTomoSizeX"),
  );
  const hint = isTomograms
    ? "this is a table of tomograms: `tomoflow import-relion` makes the rows of a workflow of it"
    : "a list of RELION or Warp has columns _rlnCenteredCoordinateXAngst or _rlnCoordinateX, one of STOPGAP _orig_x";
  return starProblem(
    blocks.length === 0
      ? "the file has no table"
      : "the file has no table of particles with places in a tomogram",
    { file },
    hint,
  );
}

const unknownTable = ({ particles, source }: ParticleTable) =>
  starProblem(
    `the block data_${particles.name} has coordinates, and no column that names the tomogram: it is not told which program wrote it`,
    { file: source },
    "name the format: --input-format relion4 (unbinned pixels), relion31, relion3, warp or stopgap",
  );
