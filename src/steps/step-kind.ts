import type { Diagnostic } from "../core/diagnostic.ts";
import type { ClassDefinition, Parameters, StepDescription } from "../schema/step-description.ts";
import type { OutputSize, PreflightTable } from "../task/preflight.ts";
import type { TaskReport as StepReport } from "../task/report.ts";
import type { TaskRow as StepRow } from "../task/row.ts";

export type { OutputSize, PreflightTable, StepReport, StepRow };

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
