/** `matches.csv` and `confusion.csv`. */
import type { TomogramObject } from "../object-list.ts";
import type { Evaluation, Match } from "./evaluate-objects.ts";

const matchColumns = [
  "tomogram",
  "status",
  "truth_label",
  "detection_label",
  "confused_with",
  "distance",
  "truth_x",
  "truth_y",
  "truth_z",
  "detection_x",
  "detection_y",
  "detection_z",
  "cluster_size",
  "score",
  "margin",
];

/** One line for each match (`matched`), truth object without one (`missed`) and detection without one (`spurious`). */
export function matchesTable({ matches }: Evaluation): string {
  return csv([matchColumns, ...matches.map(matchRow)]);
}

function matchRow({ tomogram, truth, detection, distance, confusedWith }: Match): readonly unknown[] {
  const status = truth && detection ? "matched" : truth ? "missed" : "spurious";
  return [
    tomogram,
    status,
    truth?.label,
    detection?.label,
    confusedWith,
    decimals(distance),
    ...position(truth),
    ...position(detection),
    detection?.clusterSize,
    decimals(detection?.score),
    decimals(detection?.margin),
  ];
}

const position = (object: TomogramObject | undefined): readonly (string | undefined)[] =>
  [object?.x, object?.y, object?.z].map(decimals);

/** Counts of the confusion matrix: a row for each true class and for none, a column for each found class and for none. */
export function confusionTable(
  { labels, confusion }: Evaluation,
  names: ReadonlyMap<number, string>,
): string {
  const titles = labels.map((label) => names.get(label) ?? String(label));
  const rows = confusion.map((counts, row) => [titles[row] ?? "(spurious)", ...counts]);
  return csv([["truth \\ detection", ...titles, "(missed)"], ...rows]);
}

const decimals = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(Number(value.toFixed(4)));

const csv = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => `${row.map((value) => quote(String(value ?? ""))).join(",")}\n`).join("");

const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
