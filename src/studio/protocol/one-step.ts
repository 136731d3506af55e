/** One step alone on files, without a workflow: what the browser asks for, and what it is told while the step runs. */
import type { FileKind } from "./forms.ts";

export interface StepRowRequest {
  readonly id?: string;
  /** Plain values, e.g. `split: train`. */
  readonly values: Readonly<Record<string, string>>;
  /** Path from the project's root by input port. */
  readonly inputs: Readonly<Record<string, string>>;
}

export interface StepRequest {
  /** A built-in kind. */
  readonly uses: string;
  /** As in a workflow's `with`; files from the project's root. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Exactly one for a kind that works on a tomogram at a time. */
  readonly rows: readonly StepRowRequest[];
  /** As in a workflow, by label. */
  readonly classes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Where the outputs go, from the project's root. */
  readonly folder: string;
  /** `auto` or an engine's name. */
  readonly engine: string;
}

/** A mistake in a request, and where it belongs: `["rows", 0, "inputs", "tomogram"]`, `["parameters", "radius"]`. */
export interface StepMistake {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint?: string;
  readonly path?: readonly (string | number)[];
}

export interface StepCheckAnswer {
  readonly ok: boolean;
  readonly mistakes: readonly StepMistake[];
}

export interface StepResultFile {
  readonly port: string;
  /** From the project's root. */
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes: number;
}

/** A value of each metric at one time, e.g. after an epoch. */
export interface MetricsSample {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface StepRun {
  /** From 1, for this server. */
  readonly number: number;
  readonly request: StepRequest;
  readonly status: "running" | "stopping" | "done" | "failed" | "stopped";
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly seconds?: number;
  readonly progress?: {
    readonly done: number;
    readonly total: number;
    readonly unit: string;
    readonly detail?: string;
    readonly etaSeconds?: number;
  };
  readonly engine?: string;
  /** Latest value of every metric. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Thinned when there are many. */
  readonly samples: readonly MetricsSample[];
  /** The last lines. */
  readonly log: readonly string[];
  readonly results: readonly StepResultFile[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Over the socket, on the channel `one-step`: the run as it is now, at each change but at most some times a second. */
export interface OneStepMessage {
  readonly channel: "one-step";
  /** Null when nothing has run yet. */
  readonly run: StepRun | null;
}
