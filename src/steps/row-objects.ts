/** The object lists of rows: one reader for all steps, which takes of a list for several rows what belongs to the row. */
import { basename } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import { checkObjectList, findObjects, type ObjectExpectations } from "../objects/check.ts";
import { readObjects } from "../objects/formats.ts";
import type { ObjectList } from "../objects/object-list.ts";
import { objectsOfTomogram, type TomogramChoice } from "../objects/operations/of-tomogram.ts";
import { knownFile } from "./known-file.ts";
import { type PreflightContext, type StepRow, tomogramIndexColumn } from "./step-kind.ts";

/**
 * The objects of the row.
 * @throws TomoflowError what `readObjects` throws, and `objects-several-tomograms`, `objects-other-tomogram`,
 * `objects-tomogram-missing`, `tomogram-index`
 */
export async function readRowObjects(row: StepRow, port: string): Promise<ObjectList> {
  const path = row.files[port];
  const list = await readObjects(path);
  const index = tomogramIndexOf(row);
  if (!index.ok) throw errorOf(index.mistake);
  const found = objectsOfTomogram(list, { id: idOf(row), index: index.value });
  if (found.ok) return found.value.objects;
  const [mistake] = found.diagnostics;
  throw errorOf({ ...mistake, message: `${path}: ${mistake.message}` });
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
  { port, maySharePlaces = false, ...expected }: RowExpectations,
): Promise<CheckedObjects> {
  const path = row.files[port];
  const { list, diagnostics } = await findOnce(context, row, port);
  if (path === undefined || list === undefined) return { diagnostics };
  const place = context.table?.locate(row.id, port) ?? { file: path };
  const index = tomogramIndexOf(row);
  if (!index.ok) return { diagnostics: [...diagnostics, { ...index.mistake, location: place }] };
  const found = objectsOfTomogram(list, { id: idOf(row), index: index.value });
  const named = (mistake: Diagnostic) => ({
    ...mistake,
    message: `${basename(path)} for ${row.id}: ${mistake.message}`,
    location: place,
  });
  if (!found.ok) return { diagnostics: [...diagnostics, ...found.diagnostics.map(named)] };
  const { objects, selected } = found.value;
  const shared = selected || maySharePlaces ? [] : checkSharing(context, row, port);
  return {
    list: objects,
    diagnostics: [...diagnostics, ...shared, ...checkObjectList(objects, { ...expected, source: path })],
  };
}

export interface RowExpectations extends Omit<ObjectExpectations, "source"> {
  readonly port: string;
  /** Whether rows may have the same objects at the same places, as simulated tomograms may. */
  readonly maySharePlaces?: boolean;
}

/** A list that many rows read is parsed once. */
function findOnce(context: Look, row: StepRow, port: string): ReturnType<typeof findObjects> {
  const path = knownFile(context, row.files[port]);
  if (path === undefined || rowsReading(context, row, port).length < 2) return findObjects(path);
  return context.table?.once(`objects ${path}`, () => findObjects(path)) ?? findObjects(path);
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
