/** A workflow file after parsing, checking and resolving: what the runner plans with. */
import type { Location } from "../core/diagnostic.ts";
import type { ClassDefinition, Parameters, StepDescription } from "./step-description.ts";

/** A row of the tomogram table. */
export interface TableRow {
  /** `[A-Za-z0-9._-]+`, unique. */
  readonly id: string;
  /** Every column but the id; paths as written (relative to the workflow's folder). An empty cell is null. */
  readonly columns: Readonly<Record<string, unknown>>;
  readonly location: Location;
}

export interface Resources {
  readonly gpu?: number;
  readonly cpus?: number;
  /** Bytes. */
  readonly memoryBytes?: number;
  readonly timeSeconds?: number;
}

/** The rows a step works on: `tomograms` or an earlier step, filtered. */
export interface StepSource {
  readonly from: string;
  readonly where: Readonly<Record<string, readonly unknown[]>>;
}

/** One step of a workflow file. */
export interface WorkflowStep {
  /** The key under `steps:`; `[A-Za-z0-9_-]+`. */
  readonly id: string;
  readonly kind: StepDescription;
  readonly source: StepSource;
  /** Parameters as written in `with:`, defaults added; expressions still unresolved (`bindInputs` resolves them). */
  readonly parameters: Parameters;
  /** Input port -> expression or path, where `with` redirects an input port to something other than its column. */
  readonly inputOverrides: Readonly<Record<string, unknown>>;
  /** Ids of the steps that come before: `from` and every `${step.output}`; disabled ones included. */
  readonly dependsOn: readonly string[];
  /** Folder of the working copies, absolute; row tasks add `/<row>`. */
  readonly outputFolder: string;
  readonly resources: Resources;
  readonly retries: number;
  readonly enabled: boolean;
  /** False: an interrupted task starts over. */
  readonly checkpoint: boolean;
  /** `auto` or an engine's name. */
  readonly engine: string;
  /** `local` or `slurm`. */
  readonly executor: string;
  readonly location: Location;
}

/** A workflow file, read and checked: classes, rows and steps with every default filled in. */
export interface Workflow {
  readonly name: string;
  /** What it is about, in the user's words. */
  readonly description?: string;
  /** Absolute path of the YAML file. */
  readonly path: string;
  /** SHA-256 of the file's text as it was loaded. */
  readonly textSha256: string;
  /** Folder of the YAML file, absolute: the project root; relative paths start here. */
  readonly folder: string;
  readonly classes: readonly ClassDefinition[];
  readonly rows: readonly TableRow[];
  /** Where the rows come from besides the workflow file: a table file, or patterns of files; relative to the folder. */
  readonly tableSource?: { readonly file?: string; readonly patterns?: readonly string[] };
  /** Shared values, `--set` and the variant applied, expressions resolved. */
  readonly params: Parameters;
  /** The environment variables that the file names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The name given with `--variant`. */
  readonly variant?: string;
  /** In dependency order; disabled steps included. */
  readonly steps: readonly WorkflowStep[];
  /** Where the file that a row gives an input of a step is written: its cell, or the value in `with`. */
  locateInput(step: WorkflowStep, row: string, port: string): Location;
  readonly cache: { readonly link: "reflink" | "copy" | "hardlink" | "symlink" };
}
