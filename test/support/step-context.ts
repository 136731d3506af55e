import { outputPath } from "../../src/schema/folder-ports.ts";
import type { ClassDefinition } from "../../src/schema/step-description.ts";
import { withDefaults } from "../../src/schema/values/input-ports.ts";
import { runProgram } from "../../src/steps/run-program.ts";
import type { RunContext, StepKind, StepReport, StepRow } from "../../src/steps/step-kind.ts";

export interface StepTrial {
  /** As written under `with:`; the schema's defaults are added. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly classes: readonly ClassDefinition[];
  /** Absolute path by input port name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly id?: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** All rows of a whole-table step, in place of `files`, `id` and `values`. */
  readonly rows?: readonly StepRow[];
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
}

/** What the runner would hand to a step, writing into `folder`; reports are collected. */
export function stepContext<P>(
  kind: StepKind<P>,
  folder: string,
  trial: StepTrial,
): RunContext<P> & { readonly reports: readonly StepReport[] } {
  const parameters = withDefaults(kind, trial.parameters ?? {});
  const reports: StepReport[] = [];
  const report = (message: StepReport) => void reports.push(message);
  const signal = trial.signal ?? new AbortController().signal;
  const outputs = kind.ports(parameters).outputs.map((port) => [port.name, outputPath(folder, port)]);
  return {
    parameters: parameters as P,
    rows: trial.rows ?? [{ id: trial.id ?? "t0", values: trial.values ?? {}, files: trial.files ?? {} }],
    classes: trial.classes,
    outputs: Object.fromEntries(outputs),
    checkpointFolder: folder,
    engine: "auto",
    threads: 1,
    memoryBytes: trial.memoryBytes ?? 1e9,
    signal,
    report,
    runProgram: (words, options = {}) => runProgram(words, options, { threads: 1, signal, report }),
    reports,
  };
}
