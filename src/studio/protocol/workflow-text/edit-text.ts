/**
 * Edits the text of a workflow by cutting and pasting: every byte that an edit does not mean stays as it is, comments and order
 * too. After each edit the text is read again and compared with what the edit means for plain data, so that none does something
 * else without a word.
 */
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { Result } from "../../../core/result.ts";
import { type Cut, makeCuts } from "./cut.ts";
import { insertCuts } from "./cut-insert.ts";
import { moveCuts } from "./cut-move.ts";
import { removeCuts } from "./cut-remove.ts";
import { renameCuts, renameStepCuts } from "./cut-rename.ts";
import { setCuts } from "./cut-set.ts";
import { applyToData, type EditPath, type Operation } from "./operation.ts";
import { dataOf, isMap, isSeq, nodeAt, parseText, type TextDocument } from "./text-document.ts";

/** Makes the edits one after another. Nothing is changed when one of them cannot be made. */
export function editText(text: string, operations: readonly Operation[]): Result<string> {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  let edited = text.slice(mark.length);
  const atOnce = operations.length > 1 ? editAtOnce(edited, operations) : undefined;
  if (atOnce !== undefined) return { ok: true, value: mark + atOnce, diagnostics: [] };
  for (const operation of operations) {
    const next = editOnce(edited, operation);
    if (typeof next !== "string") return { ok: false, diagnostics: [next] };
    edited = next;
  }
  return { ok: true, value: mark + edited, diagnostics: [] };
}

/** Many cells of a table by one reading of the text; undefined where the edits meet, which one after another is sure to get right. */
function editAtOnce(text: string, operations: readonly Operation[]): string | undefined {
  const source = parseText(text);
  if (source.document.errors.length > 0) return undefined;
  let expected = dataOf(source);
  const cuts: Cut[] = [];
  for (const operation of operations) {
    if (!["set", "remove", "insert"].includes(operation.type)) return undefined;
    expected = applyToData(expected, operation);
    const own = expected === undefined ? undefined : cutsOf(source, withinList(source, operation), expected);
    if (own === undefined) return undefined;
    cuts.push(...own);
  }
  const sorted = [...cuts].sort((a, b) => a.from - b.from || a.to - b.to);
  if (sorted.some(({ to }, index) => to > (sorted[index + 1]?.from ?? to))) return undefined;
  const edited = makeCuts(text, cuts);
  return means(edited, expected) ? edited : undefined;
}

/** Items that follow others which are yet to be made go behind the last that is there. */
function withinList(source: TextDocument, operation: Operation): Operation {
  if (operation.type !== "insert") return operation;
  const list = nodeAt(source, operation.path);
  return { ...operation, index: Math.min(operation.index, isSeq(list) ? list.items.length : 0) };
}

function editOnce(text: string, operation: Operation): string | Diagnostic {
  const source = parseText(text);
  const fault = source.document.errors[0];
  if (fault)
    return refusal("yaml-syntax", `the text is not valid YAML: ${fault.message}`, "mend the text first");
  const expected = applyToData(dataOf(source), operation);
  if (expected === undefined) return cannotEdit(operation);
  const cuts = cutsOf(source, operation, expected);
  if (cuts !== undefined) {
    const edited = makeCuts(text, cuts);
    if (means(edited, expected) && isInOrder(edited, operation)) return edited;
  }
  return editWhole(source, operation, expected) ?? cannotEdit(operation);
}

function cutsOf(source: TextDocument, operation: Operation, expected: unknown): readonly Cut[] | undefined {
  switch (operation.type) {
    case "set":
      return setCuts(source, operation.path, operation.value);
    case "remove":
      return removeCuts(source, operation.path);
    case "insert":
      return (
        insertCuts(source, operation) ?? setCuts(source, operation.path, valueAt(expected, operation.path))
      );
    case "move":
      return moveCuts(source, operation);
    case "rename":
      return renameCuts(source, operation.path, operation.name);
    case "rename-step":
      return renameStepCuts(source, operation);
  }
}

const means = (text: string, expected: unknown): boolean => {
  const source = parseText(text);
  return source.document.errors.length === 0 && isSame(dataOf(source), expected);
};

/** The order of a map's keys is not data: what moved must be where it was meant to be. */
function isInOrder(text: string, operation: Operation): boolean {
  if (operation.type !== "move") return true;
  const parent = nodeAt(parseText(text), operation.path.slice(0, -1));
  if (!isMap(parent)) return true;
  return (
    String((parent.items[operation.to]?.key as { value?: unknown } | undefined)?.value) ===
    String(operation.path.at(-1))
  );
}

/** For rare layouts (explicit keys, anchors on keys): the text as the parser writes it, comments kept, spacing not. */
function editWhole(source: TextDocument, operation: Operation, expected: unknown): string | undefined {
  if (operation.type !== "set" && operation.type !== "remove") return undefined;
  const { document } = parseText(source.text);
  try {
    if (operation.type === "set") document.setIn(operation.path, document.createNode(operation.value));
    else document.deleteIn(operation.path);
    const written = document.toString({ lineWidth: 0, flowCollectionPadding: false });
    return means(written, expected) ? written : undefined;
  } catch {
    return undefined;
  }
}

const valueAt = (data: unknown, path: EditPath): unknown =>
  path.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step as never],
    data,
  );

/** Deep equality of what YAML can hold; keys in any order. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

function cannotEdit(operation: Operation): Diagnostic {
  const place = "path" in operation ? showPath(operation.path) : `steps.${operation.step}`;
  return refusal(
    "edit-refused",
    `${place} cannot be changed here: it comes from another place of the file (an anchor, say), or is not there`,
    "change it in the text",
  );
}

/** `steps.train.with.patchSize`, `tomograms[2].split`. */
export const showPath = (path: EditPath): string =>
  path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  ) || "the file";

const refusal = (code: string, message: string, hint: string): Diagnostic => ({
  code,
  severity: "error",
  message,
  hint,
});
