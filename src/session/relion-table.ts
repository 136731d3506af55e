/** The rows of a workflow from RELION's table of tomograms. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import { failure, type Result, success } from "../core/result.ts";
import { baseOfTomogramName } from "../objects/formats/star/tomogram-name.ts";
import { type ListedTomogram, readTomogramTable } from "../objects/tomogram-table.ts";

export interface RelionTable {
  /** The table that was read. */
  readonly source: string;
  /** Comma separated, with a header row; paths from the folder of the file that it is written to. */
  readonly text: string;
  readonly tomograms: number;
}

export interface RelionTableOptions {
  /** Absolute: where the table will be written. */
  readonly output: string;
  /** A list of particles over these tomograms, which becomes the column `objects`. */
  readonly particles?: string;
}

/**
 * Reads tomograms.star, or that of a folder: a job's, or the only one of a project whose tomograms are reconstructed.
 * @throws TomoflowError `file-missing` where there is none, `objects-several-tomograms` where a project has several
 */
export async function relionTable(
  path: string,
  { output, particles }: RelionTableOptions,
): Promise<Result<RelionTable>> {
  const source = await findTable(path);
  const read = await readTomogramTable(source);
  if (!read.ok) return read;
  const project = projectOf(source, read.value);
  const diagnostics: Diagnostic[] = [];
  const place = (file: string): string => relative(dirname(output), resolve(file)) || file;
  const ids = new Map<string, string>();
  const lines = read.value.map((tomogram) => {
    const id = baseOfTomogramName(tomogram.id);
    const other = ids.get(id);
    if (other !== undefined) diagnostics.push(sameId(source, [other, tomogram.id], id));
    ids.set(id, tomogram.id);
    const volume = volumeOf(tomogram);
    if (volume === undefined) diagnostics.push(notReconstructed(source, tomogram));
    else if (!existsSync(resolve(project, volume))) diagnostics.push(notThere(source, tomogram, volume));
    const cells = [id, volume === undefined ? "" : place(join(project, volume))];
    return [...cells, ...(particles === undefined ? [] : [place(particles)])].map(cell).join(",");
  });
  if (
    read.value.some(
      ({ volumes }) => volumes.denoised === undefined && volumes.whole === undefined && volumes.half1,
    )
  )
    diagnostics.push(
      warningDiagnostic(
        "relion-half",
        "the table has tomograms of halves alone: the first half of each is taken",
        {
          location: { file: source },
          hint: "whole or denoised tomograms show more: reconstruct them in RELION, or write their paths into the table",
        },
      ),
    );
  if (diagnostics.some(({ severity }) => severity === "error")) return failure(diagnostics);
  const header = ["id", "tomogram", ...(particles === undefined ? [] : ["objects"])].join(",");
  return success(
    { source, text: `${[header, ...lines].join("\n")}\n`, tomograms: lines.length },
    diagnostics,
  );
}

const cell = (text: string): string => (/[",\n\r;#\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** What shows most: denoised, whole, a half. */
const volumeOf = ({ volumes: { denoised, whole, half1 } }: ListedTomogram): string | undefined =>
  denoised ?? whole ?? half1;

async function findTable(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats)
    throw new TomoflowError("file-missing", `${path} is not there`, {
      hint: "name tomograms.star of a RELION job, or the project's folder",
    });
  if (!stats.isDirectory()) return path;
  const own = join(path, "tomograms.star");
  if (existsSync(own)) return own;
  const found: string[] = [];
  for (const kind of ["Denoise", "Tomograms"])
    for (const job of (await readdir(join(path, kind)).catch(() => [])).sort())
      if (existsSync(join(path, kind, job, "tomograms.star")))
        found.push(join(path, kind, job, "tomograms.star"));
  if (found.length === 1) return found[0];
  if (found.length === 0)
    throw new TomoflowError(
      "file-missing",
      `${path} has no tomograms.star, nor has a job in its folders Tomograms and Denoise`,
      {
        hint: "reconstruct tomograms in RELION, or name the table itself",
      },
    );
  throw new TomoflowError(
    "objects-several-tomograms",
    `${path} has several tables of tomograms: ${found.join(", ")}`,
    {
      hint: "name the one whose tomograms you want",
    },
  );
}

/** RELION's paths begin in the project's folder: the one above the table in which a volume is there. */
function projectOf(source: string, tomograms: readonly ListedTomogram[]): string {
  const volume = tomograms.map(volumeOf).find((one) => one !== undefined);
  for (let folder = dirname(resolve(source)); volume !== undefined; folder = dirname(folder)) {
    if (existsSync(resolve(folder, volume))) return folder;
    if (dirname(folder) === folder) break;
  }
  return dirname(resolve(source));
}

const sameId = (file: string, names: readonly string[], id: string): Diagnostic =>
  errorDiagnostic("duplicate-id", `${names.join(" and ")} would both be the row ${id}`, {
    location: { file },
    hint: "rename one of the tomograms in RELION, or write the table by hand",
  });

const notReconstructed = (file: string, { id }: ListedTomogram): Diagnostic =>
  errorDiagnostic("relion-no-tomogram", `${id} has no reconstructed tomogram in this table`, {
    location: { file },
    hint: "name tomograms.star of the job that reconstructed or denoised the tomograms",
  });

const notThere = (file: string, { id }: ListedTomogram, volume: string): Diagnostic =>
  warningDiagnostic("file-missing", `the tomogram of ${id} is not there: ${volume}`, {
    location: { file },
    hint: "paths of RELION begin in the project's folder: is the table still inside it?",
  });
