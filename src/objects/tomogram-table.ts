/** RELION's table of tomograms, tomograms.star: what is known of each by its name. */
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { readRegularFile } from "../core/regular-file.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { KnownTomogram } from "./formats/object-format.ts";
import { readStarBlocks } from "./formats/star/star-blocks.ts";
import type { StarBlock } from "./formats/star/star-table.ts";
import { baseOfTomogramName } from "./formats/star/tomogram-name.ts";

export interface ListedTomogram extends KnownTomogram {
  /** As the table calls it. */
  readonly id: string;
  /** Paths of volumes as the table writes them, from the project's folder: denoised, whole, of the two halves. */
  readonly volumes: {
    readonly denoised?: string;
    readonly whole?: string;
    readonly half1?: string;
    readonly half2?: string;
  };
}

const names = {
  name: "rlnTomoName",
  pixel: "rlnTomoTiltSeriesPixelSize",
  binning: "rlnTomoTomogramBinning",
  size: ["rlnTomoSizeX", "rlnTomoSizeY", "rlnTomoSizeZ"],
  denoised: "rlnTomoReconstructedTomogramDenoised",
  whole: "rlnTomoReconstructedTomogram",
  half1: "rlnTomoReconstructedTomogramHalf1",
  half2: "rlnTomoReconstructedTomogramHalf2",
} as const;

/**
 * Reads tomograms.star of RELION 4 and 5, also from a job's folder's copy. Sizes are those of the binned volumes, rounded as RELION does.
 * @throws TomoflowError when the file is missing or unreadable
 */
export async function readTomogramTable(path: string): Promise<Result<readonly ListedTomogram[]>> {
  const blocks = readStarBlocks(await readRegularFile(path), path);
  if (!blocks.ok) return blocks;
  const table = blocks.value.find(({ columns }) => columns.includes(names.name));
  if (!table) return failure([notTomograms(path)]);
  const mistakes: Diagnostic[] = [];
  const tomograms: ListedTomogram[] = [];
  for (let row = 0; row < table.rows; row++) {
    const tomogram = tomogramIn(table, row, mistakes);
    if (tomograms.some(({ id }) => id === tomogram.id))
      mistakes.push(
        errorDiagnostic("objects-star", `the tomogram ${tomogram.id} is there twice`, {
          location: table.place(row, table.columns.indexOf(names.name)),
        }),
      );
    tomograms.push(tomogram);
  }
  return mistakes.length > 0 ? failure(mistakes) : success(tomograms);
}

const notTomograms = (file: string): Diagnostic =>
  errorDiagnostic("objects-star", "this is no table of tomograms: it has no column _rlnTomoName", {
    location: { file },
    hint: "RELION writes it as tomograms.star in the folder of each job that works on tomograms",
  });

function tomogramIn(table: StarBlock, row: number, mistakes: Diagnostic[]): ListedTomogram {
  const text = (name: string): string | undefined => {
    const column = table.columns.indexOf(name);
    const value = column < 0 ? "" : table.text(row, column);
    return value === "" || value === "None" ? undefined : value;
  };
  const positive = (name: string): number | undefined => {
    const column = table.columns.indexOf(name);
    if (column < 0) return undefined;
    const value = table.number(row, column);
    if (value > 0) return value;
    mistakes.push(
      errorDiagnostic("object-value", `${name} is not a number above 0`, {
        location: table.place(row, column),
      }),
    );
    return undefined;
  };
  const pixel = positive(names.pixel);
  const binning = positive(names.binning);
  const size = names.size.map(positive);
  const [x, y, z] = size.map((length) =>
    length === undefined || binning === undefined ? undefined : Math.max(1, Math.round(length / binning)),
  );
  const voxel = pixel === undefined || binning === undefined ? undefined : pixel * binning;
  return {
    id: text(names.name) ?? "",
    ...(voxel !== undefined && { voxelSizeAngstrom: [voxel, voxel, voxel] }),
    ...(x !== undefined && y !== undefined && z !== undefined && { shape: [z, y, x] }),
    ...(binning !== undefined && { binning }),
    volumes: {
      denoised: text(names.denoised),
      whole: text(names.whole),
      half1: text(names.half1),
      half2: text(names.half2),
    },
  };
}

/** The tomogram of that name, or the only one whose name has the same base: `TS_1` for `TS_1.tomostar`. */
export function findListed(tomograms: readonly ListedTomogram[], id: string): ListedTomogram | undefined {
  const exact = tomograms.find((tomogram) => tomogram.id === id);
  if (exact) return exact;
  const base = baseOfTomogramName(id);
  const alike = tomograms.filter((tomogram) => baseOfTomogramName(tomogram.id) === base);
  return alike.length === 1 ? alike[0] : undefined;
}
