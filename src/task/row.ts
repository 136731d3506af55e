/** One row of the table as a step sees it: its id, plain columns, and the files of its input ports (absolute paths). */
export interface TaskRow {
  /** In `run` only for a kind whose ports name the column `id`. */
  readonly id: string;
  /** True where nobody has named the row: in a step that runs alone the id is then made up of the name of a file. */
  readonly unnamed?: boolean;
  /** Plain columns, e.g. `split`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Absolute path by input port name; optional ports may be absent. */
  readonly files: Readonly<Record<string, string>>;
}
