import type { Diagnostic, Location } from "../core/diagnostic.ts";
import type { ClassDefinition, Parameters, StepDescription } from "../schema/step-description.ts";

/** One row of the table as a step sees it: its id, plain columns, and the files of its input ports (absolute paths). */
export interface StepRow {
  /** In `run` only for a kind whose ports name the column `id`. */
  readonly id: string;
  /** True where nobody has named the row: in a step that runs alone the id is then made up of the name of a file. */
  readonly unnamed?: boolean;
  /** Plain columns, e.g. `split`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Absolute path by input port name; optional ports may be absent. */
  readonly files: Readonly<Record<string, string>>;
}

/** The column with a row's number in object lists of several tomograms; a kind that reads such lists has it among its own. */
export const tomogramIndexColumn = "tomo_idx";

/** Everything a step may know of its surroundings: the same for local, Slurm and stand-alone runs. */
export interface StepContext<P = Parameters> {
  /** Resolved and schema-checked; `x-file` parameters hold absolute paths. */
  readonly parameters: P;
  /** Exactly one row for a per-row kind. */
  readonly rows: readonly StepRow[];
  readonly classes: readonly ClassDefinition[];
}

/** What a step knows in its preflight. */
export interface PreflightContext<P = Parameters> extends StepContext<P> {
  /**
   * Absolute paths of the files that earlier steps have yet to write: there may be none yet, or an older one that says
   * nothing. The preflight is asked again when they are there. None when absent.
   */
  readonly pending?: ReadonlySet<string>;
  /** The rows around those of the task; none when the step runs alone. */
  readonly table?: PreflightTable;
}

/** The rows around those of a task, in a workflow. */
export interface PreflightTable {
  /** Where the file that a row gives an input is written in the workflow. */
  locate(row: string, port: string): Location;
  /** The rows of the step of which this input is this file, in the order of the table; those of other tasks among them. */
  rowsReading(port: string, path: string): readonly StepRow[];
  /** The rows of the task that writes this file; none where no task of the workflow does. */
  rowsBehind(path: string): readonly StepRow[];
  /** Does a look once that several tasks need; `key` tells looks apart. */
  once<T>(key: string, look: () => Promise<T>): Promise<T>;
}

/** What a step may do while it runs. */
export interface RunContext<P = Parameters> extends StepContext<P> {
  /** Absolute path to write by output port name; the folder exists, and the runner publishes the files afterwards. */
  readonly outputs: Readonly<Record<string, string>>;
  /** A folder that survives failure and interruption of this task, for checkpoints. */
  readonly checkpointFolder: string;
  /** `auto` or an engine's name. */
  readonly engine: string;
  readonly threads: number;
  /** Memory the step may plan with. */
  readonly memoryBytes: number;
  /** Aborted on Ctrl-C: stop at the next safe point, after writing a checkpoint. */
  readonly signal: AbortSignal;
  /** Tells progress and metrics; throttled by the receiver, so call it freely. */
  readonly report: (report: StepReport) => void;
  /**
   * Runs an external program to its end: `words` are the program and its arguments, without a shell in between. What it
   * writes goes to the log. Stopping the task ends the program and all that it has started. Throws TomoflowError
   * `program-missing`, `program-not-executable`, `program-failed` (with the last lines it wrote), `program-crashed`.
   */
  readonly runProgram: (words: readonly string[], options?: ProgramOptions) => Promise<void>;
}

/** How a program is run. */
export interface ProgramOptions {
  /** Working folder, absolute; in a workflow that of the workflow file when not given. */
  readonly folder?: string;
  /** Variables besides those that tomoflow was started with; OMP_NUM_THREADS is the task's threads unless set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Absolute path of a file that takes the standard output, which is not logged then. */
  readonly stdout?: string;
  /** Called with every line that is not empty, e.g. to report progress. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

export type StepReport =
  /** `done` of `total` units, e.g. `{done: 12, total: 100, unit: "epoch"}`; `detail` is a short free text. */
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      readonly detail?: string;
    }
  /** Latest values, e.g. `{loss: 1.3, "f1.ribosome": 0.9}`. */
  | { readonly type: "metrics"; readonly values: Readonly<Record<string, number>>; readonly step?: number }
  /** A line for the log. */
  | { readonly type: "log"; readonly text: string }
  /** The engine in use, recorded in the lock: `onnx (CPU)`. */
  | { readonly type: "engine"; readonly name: string }
  /** A process group that the step has started: it is ended with the step's own process, however that ends. */
  | { readonly type: "program"; readonly pid: number; readonly state: "started" | "ended" };

export interface OutputSize {
  readonly least: number;
  readonly likely: number;
}

/** A kind of step: what the language needs (`StepDescription`), its preflight and its work. */
export interface StepKind<P = Parameters> extends StepDescription {
  /** Looks for mistakes in headers and lists, quickly, before any long work of the workflow starts. Never throws for a user's mistake. */
  preflight?(context: PreflightContext<P>): Promise<readonly Diagnostic[]>;
  /**
   * Bytes that the outputs will take at least, and probably, told from headers before any work; small files need not count.
   * Undefined where that cannot be told.
   */
  outputBytes?(context: PreflightContext<P>): Promise<OutputSize | undefined>;
  /** Does the work: writes every output of its ports. Throws TomoflowError for what goes wrong. */
  run(context: RunContext<P>): Promise<void>;
}
