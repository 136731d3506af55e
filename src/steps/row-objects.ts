/** The object lists of rows: one reader for all steps, which takes of a list for several rows what belongs to the row. */
import { basename } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import { checkObjectList, findObjectFile, firstMistakes, type ObjectExpectations } from "../objects/check.ts";
import type { KnownTomogram, ObjectFileOptions } from "../objects/formats/object-format.ts";
import { type ObjectFile, openObjectFile, unreadable } from "../objects/formats.ts";
import type { ObjectList } from "../objects/object-list.ts";
import { objectsOfTomogram, type TomogramChoice } from "../objects/operations/of-tomogram.ts";
import { readVolumeInfo } from "../volume/formats.ts";
import type { VolumeInfo } from "../volume/volume.ts";
import { knownFile } from "./known-file.ts";
import { type PreflightContext, type StepRow, tomogramIndexColumn } from "./step-kind.ts";
import { findHeader } from "./volume-header.ts";

/** What the step knows of the row's tomogram by itself, and the formats that are known (default: all). */
export type RowObjectsOptions = Pick<KnownTomogram, "shape" | "voxelSizeAngstrom"> &
  Pick<ObjectFileOptions, "formats">;

/**
 * The objects of the row. A format that needs the size and voxel size of the tomogram is given what the step knows, or what the
 * header of the row's `tomogram` says.
 * @throws TomoflowError what `readObjects` throws, and `objects-several-tomograms`, `objects-other-tomogram`,
 * `objects-tomogram-missing`, `objects-option-missing`, `tomogram-index`
 */
export async function readRowObjects(
  row: StepRow,
  port: string,
  options: RowObjectsOptions = {},
): Promise<ObjectList> {
  const path = row.files[port];
  const file = await openObjectFile(path, options);
  if (!file.ok) throw unreadable(path, file.diagnostics);
  const index = tomogramIndexOf(row);
  if (!index.ok) throw errorOf(index.mistake);
  const named = { id: idOf(row), index: index.value };
  const lacking = lackingOf(file.value, options);
  const header = lacking && row.files.tomogram ? await readVolumeInfo(row.files.tomogram) : undefined;
  const read = file.value.objects(knownTomogram(named, options, header));
  if (!read.ok) throw unreadable(path, read.diagnostics);
  const found = objectsOfTomogram(read.value, named);
  if (found.ok) return found.value.objects;
  const [mistake] = found.diagnostics;
  throw errorOf({ ...mistake, message: `${path}: ${mistake.message}` });
}

type Known = Pick<KnownTomogram, "shape" | "voxelSizeAngstrom">;

/** Whether the format asks for what only the tomogram's header can tell. */
const lackingOf = ({ requires }: ObjectFile, known: Known): boolean =>
  requires.some((one) => (one === "shape" || one === "voxelSizeAngstrom") && known[one] === undefined);

function knownTomogram(
  { id, index }: Pick<TomogramChoice, "id" | "index">,
  { shape, voxelSizeAngstrom }: Known,
  header: Pick<VolumeInfo, "shape" | "voxelSizeAngstrom"> | undefined,
): KnownTomogram {
  return {
    ...((id !== undefined || index !== undefined) && { row: { id, index } }),
    shape: shape ?? header?.shape,
    voxelSizeAngstrom: voxelSizeAngstrom ?? header?.voxelSizeAngstrom ?? undefined,
  };
}

/** What a look at a list needs to know of the preflight. */
type Look = Pick<PreflightContext, "rows" | "pending" | "table">;

export interface CheckedObjects {
  /** Those of the row; absent while they are not known. */
  readonly list?: ObjectList;
  readonly diagnostics: readonly Diagnostic[];
}

/** Looks at the objects of the row as far as they are there; never throws for a user's mistake. */
export async function checkRowObjects(
  context: Look,
  row: StepRow,
  { port, maySharePlaces = false, formats, voxelSizeAngstrom, ...expected }: RowExpectations,
): Promise<CheckedObjects> {
  const path = row.files[port];
  const { file, diagnostics } = await findOnce(context, row, { port, formats });
  if (path === undefined || file === undefined) return { diagnostics };
  const place = context.table?.locate(row.id, port) ?? { file: path };
  const index = tomogramIndexOf(row);
  if (!index.ok) return { diagnostics: [...diagnostics, { ...index.mistake, location: place }] };
  const told = (mistake: Diagnostic): Diagnostic =>
    mistake.location?.line !== undefined
      ? mistake
      : { ...mistake, message: `${basename(path)} for ${row.id}: ${mistake.message}`, location: place };
  const named = { id: idOf(row), index: index.value };
  const known = { shape: expected.shape, voxelSizeAngstrom };
  const looked = await lookAtTomogram(context, row, lackingOf(file, known));
  if (looked.wait) return { diagnostics: [...diagnostics, ...looked.diagnostics] };
  const read = file.objects(knownTomogram(named, known, looked.header));
  const soFar = (more: readonly Diagnostic[]) => ({ diagnostics: [...diagnostics, ...more.map(told)] });
  if (!read.ok) return soFar(firstMistakes(read.diagnostics, path));
  const found = objectsOfTomogram(read.value, named);
  if (!found.ok) return soFar([...read.diagnostics, ...found.diagnostics]);
  const { objects, selected } = found.value;
  const shared = selected || maySharePlaces ? [] : checkSharing(context, row, port);
  const checked = checkObjectList(objects, { ...expected, source: path });
  return { list: objects, diagnostics: [...soFar(read.diagnostics).diagnostics, ...shared, ...checked] };
}

export interface RowExpectations extends Omit<ObjectExpectations, "source">, RowObjectsOptions {
  readonly port: string;
  /** Whether rows may have the same objects at the same places, as simulated tomograms may. */
  readonly maySharePlaces?: boolean;
}

interface LookedAt {
  readonly header?: VolumeInfo;
  /** There is a tomogram, and its header is not known, or cannot be read. */
  readonly wait: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The header of the row's tomogram, where it is asked for. */
async function lookAtTomogram(context: Look, row: StepRow, isAsked: boolean): Promise<LookedAt> {
  const diagnostics: Diagnostic[] = [];
  if (!isAsked || row.files.tomogram === undefined) return { wait: false, diagnostics };
  const header = await findHeader(knownFile(context, row.files.tomogram), diagnostics);
  return { header, wait: header === undefined, diagnostics };
}

/** A list that many rows read is parsed once. */
function findOnce(
  context: Look,
  row: StepRow,
  { port, formats }: Pick<RowExpectations, "port" | "formats">,
): ReturnType<typeof findObjectFile> {
  const path = knownFile(context, row.files[port]);
  const find = () => findObjectFile(path, { formats });
  if (path === undefined || rowsReading(context, row, port).length < 2) return find();
  return context.table?.once(`objects ${path}`, find) ?? find();
}

/** Two tomograms do not have the same objects; a list for both must say whose they are. */
function checkSharing(context: Look, row: StepRow, port: string): readonly Diagnostic[] {
  const rows = rowsReading(context, row, port);
  const others = rows.filter(
    ({ id, files }) =>
      id !== row.id && (files.tomogram === undefined || files.tomogram !== row.files.tomogram),
  );
  if (others.length === 0) return [];
  const path = row.files[port];
  const sharing = rows.filter((other) => other.id === row.id || others.includes(other)).map(({ id }) => id);
  // one look at all rows tells it once; looks at single rows all tell the same
  if (sharing[0] !== row.id && context.rows.some(({ id }) => id === sharing[0])) return [];
  const names =
    sharing.length > 4
      ? `${sharing.slice(0, 3).join(", ")} and ${sharing.length - 3} more rows`
      : sharing.join(", ");
  const message = `${names} have one list, ${basename(path)}, which does not say whose its objects are`;
  const location = context.table?.locate(sharing[0], port) ?? { file: path };
  const hint =
    "give the list a column tomo_id with the ids of the rows, or one tomo_idx and the rows a column tomo_idx; or each row a list of its own";
  return [errorDiagnostic("objects-shared", message, { location, hint })];
}

const rowsReading = ({ table, rows }: Look, row: StepRow, port: string): readonly StepRow[] => {
  const path = row.files[port];
  return table?.rowsReading(port, path) ?? rows.filter(({ files }) => files[port] === path);
};

const idOf = ({ id, unnamed }: StepRow): TomogramChoice["id"] => (unnamed ? undefined : id);

type IndexOfRow =
  | { readonly ok: true; readonly value: number | undefined }
  | { readonly ok: false; readonly mistake: Diagnostic };

/** The row's own number in lists of several tomograms. */
function tomogramIndexOf({ id, unnamed, values }: StepRow): IndexOfRow {
  const cell = values[tomogramIndexColumn];
  if (cell === undefined || cell === null || cell === "") return { ok: true, value: undefined };
  const index = Number(cell);
  if (Number.isInteger(index) && index >= 0) return { ok: true, value: index };
  const message = `the tomo_idx ${unnamed ? "" : `of row ${id} `}is ${JSON.stringify(cell)}`;
  return {
    ok: false,
    mistake: errorDiagnostic("tomogram-index", message, { hint: "it is 0 or a whole number above" }),
  };
}

const errorOf = ({ code, message, hint }: Diagnostic): TomoflowError =>
  new TomoflowError(code, message, hint === undefined ? {} : { hint });
