import type { Location } from "../core/diagnostic.ts";
import type { TaskRow } from "./row.ts";

/** The rows around those of a task, in a workflow. */
export interface PreflightTable {
  /** Where the file that a row gives an input is written in the workflow. */
  locate(row: string, port: string): Location;
  /** The rows of the step of which this input is this file, in the order of the table; those of other tasks among them. */
  rowsReading(port: string, path: string): readonly TaskRow[];
  /** The rows of the task that writes this file; none where no task of the workflow does. */
  rowsBehind(path: string): readonly TaskRow[];
  /** Does a look once that several tasks need; `key` tells looks apart. */
  once<T>(key: string, look: () => Promise<T>): Promise<T>;
}

/** Bytes that the outputs of a task will take. */
export interface OutputSize {
  readonly least: number;
  readonly likely: number;
}
