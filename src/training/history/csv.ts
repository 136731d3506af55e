/**
 * Histories as tables: a row an epoch, the columns named as the data sets of the HDF5 file, scores with the class behind
 * (`val_f1_ribosome`). RFC 4180, with a dot before decimals; an empty cell is a value that is not known (NaN).
 */
import { writeFile } from "node:fs/promises";
import { TomoflowError } from "../../core/error.ts";
import { readRegularFile } from "../../core/regular-file.ts";
import { writeWholeFile } from "../../core/whole-file.ts";
import type { EpochRecord, History } from "../history.ts";

const scalarColumns = ["epoch", "loss", "acc", "val_loss", "val_acc", "learning_rate"] as const;
const scorePrefixes = ["val_f1_", "val_precision_", "val_recall_"] as const;

/** A history and its classes' names by label, background first. */
export interface NamedHistory {
  readonly history: History;
  readonly classNames: readonly string[];
}

/** Replaces `path` as a whole. `classNames` by label, background first. */
export async function writeHistoryCsv(
  path: string,
  history: History,
  classNames: readonly string[],
): Promise<void> {
  const header = [
    ...scalarColumns,
    ...scorePrefixes.flatMap((prefix) => classNames.map((name) => prefix + name)),
  ];
  const lines = [header.map(quote), ...history.map((record) => cellsOf(record).map(formatNumber))];
  const text = lines.map((cells) => `${cells.join(",")}\n`).join("");
  await writeWholeFile(path, (temporary) => writeFile(temporary, text));
}

const cellsOf = (record: EpochRecord): readonly number[] => [
  record.epoch,
  record.loss,
  record.accuracy,
  record.validationLoss,
  record.validationAccuracy,
  record.learningRate,
  ...record.f1,
  ...record.precision,
  ...record.recall,
];

const formatNumber = (value: number): string => (Number.isNaN(value) ? "" : String(value));
const parseNumber = (text: string): number => (text === "" ? Number.NaN : Number(text));

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** @throws TomoflowError `history-columns`, `history-number` */
export async function readHistoryCsv(path: string): Promise<NamedHistory> {
  const text = String(await readRegularFile(path));
  const [header = [], ...rows] = parseCells(text.replace(/^\uFEFF/, ""), path);
  const classNames = header
    .filter((name) => name.startsWith(scorePrefixes[0]))
    .map((name) => name.slice(scorePrefixes[0].length));
  checkHeader(header, classNames, path);
  const history = rows.map((cells, index) =>
    recordOf(cells, { classes: classNames.length, path, line: index + 2 }),
  );
  return { history, classNames };
}

function checkHeader(header: readonly string[], classNames: readonly string[], path: string): void {
  const wanted = [
    ...scalarColumns,
    ...scorePrefixes.flatMap((prefix) => classNames.map((name) => prefix + name)),
  ];
  const wrong = wanted.findIndex((name, index) => header[index] !== name);
  if (wrong === -1 && classNames.length > 0 && header.length === wanted.length) return;
  const where = wrong === -1 ? "the end" : `column ${wrong + 1}, which should be ${wanted[wrong]}`;
  throw new TomoflowError("history-columns", `${path} is not a training history: it differs at ${where}`, {
    hint: "give the history .csv that tomoflow train wrote",
  });
}

function recordOf(
  cells: readonly string[],
  { classes, path, line }: { classes: number; path: string; line: number },
): EpochRecord {
  const numbers = cells.map(parseNumber);
  const bad = cells.findIndex((text, index) => text !== "" && Number.isNaN(numbers[index]));
  const width = scalarColumns.length + scorePrefixes.length * classes;
  if (bad !== -1 || cells.length !== width)
    throw new TomoflowError(
      "history-number",
      bad === -1
        ? `${path}, line ${line}: ${cells.length} cells instead of ${width}`
        : `${path}, line ${line}: \`${cells[bad]}\` is not a number`,
    );
  const [epoch, loss, accuracy, validationLoss, validationAccuracy, learningRate, ...scores] = numbers;
  return {
    epoch: epoch!,
    loss: loss!,
    accuracy: accuracy!,
    validationLoss: validationLoss!,
    validationAccuracy: validationAccuracy!,
    f1: scores.slice(0, classes),
    precision: scores.slice(classes, 2 * classes),
    recall: scores.slice(2 * classes),
    learningRate: learningRate!,
  };
}

/** One cell and the comma or line end behind it. */
const cellPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function parseCells(text: string, path: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  cellPattern.lastIndex = 0;
  while (cellPattern.lastIndex < text.length) {
    const [, quoted, plain, end] = cellPattern.exec(text) ?? [];
    if (end === undefined)
      throw new TomoflowError("history-quotes", `${path}, row ${rows.length + 1}: a quote is not closed`);
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push([...row, ""]);
  return rows;
}
