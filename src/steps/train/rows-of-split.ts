import type { StepRow } from "../step-kind.ts";

/** Rows by their `split`, in order of their ids, so that the order of the table does not matter. */
export function rowsOfSplit(rows: readonly StepRow[]): { training: StepRow[]; validation: StepRow[] } {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const having = (...names: readonly string[]) =>
    sorted.filter(({ values }) => names.includes(String(values.split)));
  return { training: having("train"), validation: having("valid", "validation") };
}
