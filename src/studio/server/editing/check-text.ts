/** The session's own check of a text that may not be on the disk yet: what `tomoflow validate` would say of it. */
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import { readTable } from "../../../schema/table/table.ts";
import { asMap, isMap } from "../../../schema/text/data-path.ts";
import { parseYamlSource } from "../../../schema/text/yaml-source.ts";
import { openSession } from "../../../session/index.ts";
import type { Cell, CheckAnswer, PlacedMistake, TableView } from "../../protocol/forms.ts";
import { pathAt } from "../../protocol/workflow-text/path-at.ts";
import { parseText } from "../../protocol/workflow-text/text-document.ts";

export interface CheckRequest {
  /** Absolute: where the text stands or will stand. */
  readonly path: string;
  readonly text: string;
  /** Absolute: paths in the answer start there. */
  readonly root: string;
  /** Only the file itself and what it names, not what is in those files: fast enough for every keystroke. */
  readonly quick: boolean;
  readonly catalogPath?: string;
}

const shownRows = 1000;

/** Never throws for a mistake in the text. */
export async function checkText({
  path,
  text,
  root,
  quick,
  catalogPath,
}: CheckRequest): Promise<CheckAnswer> {
  const session = await openSession(path, { text, ...(catalogPath !== undefined && { catalogPath }) });
  const found = session.ok && !quick ? await session.value.check() : [];
  const all = [...session.diagnostics, ...found];
  const source = parseText(text);
  const place = (diagnostic: Diagnostic): PlacedMistake => placed(diagnostic, { path, root, source });
  return {
    ok: all.every(({ severity }) => severity !== "error"),
    mistakes: all.map(place),
    table: await viewTable(path, text),
  };
}

interface Surroundings {
  readonly path: string;
  readonly root: string;
  readonly source: ReturnType<typeof parseText>;
}

function placed(
  { location, ...diagnostic }: Diagnostic,
  { path, root, source }: Surroundings,
): PlacedMistake {
  const { code, severity, message, hint } = diagnostic;
  const mistake = { code, severity, message, ...(hint !== undefined && { hint }) };
  if (!location) return mistake;
  const { file, line, column, length } = location;
  const isHere = resolve(file) === path;
  return {
    ...mistake,
    file: fromRoot(resolve(file), root),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(length !== undefined && { length }),
    ...(isHere && line !== undefined && { path: pathAt(source, line, column ?? 1) }),
  };
}

/** With forward slashes; what lies elsewhere keeps its whole path. */
export function fromRoot(path: string, root: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/");
}

/** The rows that a text names, as far as they can be read. */
async function viewTable(path: string, text: string): Promise<TableView> {
  const nothing = { columns: [], rows: [], count: 0 };
  const parsed = parseYamlSource(path, text);
  const tomograms = parsed.ok ? asMap(parsed.value.value).tomograms : undefined;
  if (!parsed.ok || !isTable(tomograms)) return { source: "none", ...nothing };
  const { rows } = await readTable(parsed.value, tomograms, dirname(path));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.columns)))];
  return {
    ...sourceOf(tomograms),
    columns,
    count: rows.length,
    rows: rows.slice(0, shownRows).map(({ id, columns: cells }) => ({
      id,
      cells: Object.fromEntries(Object.entries(cells).map(([name, value]) => [name, cellOf(value)])),
    })),
  };
}

const isTable = (tomograms: unknown): boolean =>
  Array.isArray(tomograms) ||
  (typeof tomograms === "string" && /\.(csv|tsv|xlsx)$/.test(tomograms)) ||
  (isMap(tomograms) && typeof tomograms.glob === "string");

function sourceOf(tomograms: unknown): Pick<TableView, "source" | "from"> {
  if (typeof tomograms === "string") return { source: "file", from: tomograms };
  return isMap(tomograms) ? { source: "glob", from: String(tomograms.glob) } : { source: "rows" };
}

const cellOf = (value: unknown): Cell =>
  value === null || value === undefined
    ? null
    : typeof value === "number" || typeof value === "boolean" || typeof value === "string"
      ? value
      : JSON.stringify(value);
