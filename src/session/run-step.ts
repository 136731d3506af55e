/** One step on files, called from a program: checked, then run in a process of its own. */
import { resolve } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { type Result, resultOf } from "../core/result.ts";
import type { Parameters, Ports } from "../schema/step-description.ts";
import type { StepKind, StepReport } from "../steps/step-kind.ts";
import { checkSingleStep } from "./single-step/check.ts";
import { type ClassMap, checkClasses, withAbsoluteFiles } from "./single-step/classes.ts";
import { singleStepKind } from "./single-step/kind.ts";
import { type GivenRow, type InputWords, rowsOfFiles } from "./single-step/rows.ts";
import { runInWorker } from "./single-step/worker.ts";

/** What a step is given, and how it runs. Paths are relative to `folder`. */
export interface RunStepOptions {
  /** File by input, for one tomogram: `{tomogram: "t2.mrc"}`. */
  readonly inputs?: GivenRow["inputs"];
  /** Of the tomogram, beside `inputs`: what lists name its objects by. The base name of the first file when not given. */
  readonly id?: string;
  /** Instead of `inputs`, for a step over several tomograms (`train`, `evaluate`). */
  readonly rows?: readonly GivenRow[];
  /** As in `with:` of a workflow; those left out have their defaults. */
  readonly parameters?: Parameters;
  /** As `classes:` of a workflow, by label: `{1: {name: "ribosome", radius: 10}}`. */
  readonly classes?: ClassMap;
  /** File by output, where its name shall be another. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Where paths start, outputs go and the checkpoint lies; the current folder when not given. */
  readonly folder?: string;
  /** What computes networks: `auto` when not given. */
  readonly engine?: string;
  /** Processor threads; all of the machine's when not given. */
  readonly threads?: number;
  /** Stops the step at a safe point, with its checkpoint: called again with the same files, it goes on from there. */
  readonly signal?: AbortSignal;
  /** Progress, metrics and log lines as they come. */
  readonly report?: (report: StepReport) => void;
}

/** What a step wrote and measured. */
export interface StepResult {
  /** Absolute path by output. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The latest value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
}

const words: InputWords = {
  name: (port) => port,
  give: ({ name, description }) => `give its file as inputs.${name}: ${description}`,
};

/**
 * Runs one step (`target`, `train`, `segment`, `cluster`, `evaluate`, `simulate`, `command`) on files, without a workflow, in a process of
 * its own. Everything that is wrong with what it is given is in the result's diagnostics, before anything runs. Throws
 * `unknown-kind`, a TomoflowError where the step fails, and an AbortError where `signal` stopped it.
 */
export async function runStep(kind: string, options: RunStepOptions = {}): Promise<Result<StepResult>> {
  const { engine = "auto", report = () => undefined, signal = neverAborted() } = options;
  const folder = resolve(options.folder ?? ".");
  const given = new Map(
    Object.entries(options.outputs ?? {}).map(([port, path]) => [port, resolve(folder, path)]),
  );
  const checked = await checkStep(kind, options, { folder, given });
  if (!checked.ok) return checked;
  let metrics: Readonly<Record<string, number>> = {};
  const outputs = await runInWorker(checked.value, {
    given,
    folder,
    engine,
    ...(options.threads !== undefined && { threads: options.threads }),
    stop: signal,
    kill: neverAborted(),
    onOutput: () => undefined,
    onMessage: (message) => {
      if (message.type === "metrics") metrics = { ...metrics, ...message.values };
      if (isReport(message)) report(message);
    },
  });
  return resultOf({ outputs, metrics }, checked.diagnostics);
}

async function checkStep(
  name: string,
  { inputs, id, rows, parameters = {}, classes = {} }: RunStepOptions,
  { folder, given }: { readonly folder: string; readonly given: ReadonlyMap<string, string> },
): ReturnType<typeof checkSingleStep> {
  const kind = await singleStepKind(name);
  const mistakes = checkRows(kind, { inputs, rows });
  if (mistakes.length > 0) return { ok: false, diagnostics: mistakes };
  const givenRows = rows ?? [{ inputs: inputs ?? {}, ...(id !== undefined && { id }) }];
  const absolute = Object.entries(classes).map(([label, fields]) => [
    label,
    withAbsoluteFiles(fields, folder),
  ]);
  return checkSingleStep({
    kind,
    parameters,
    folder,
    rows: (ports) => {
      const unknown = checkNames(ports, { rows: givenRows, outputs: [...given.keys()] });
      return unknown.length > 0
        ? { ok: false, diagnostics: unknown }
        : rowsOfFiles(givenRows, ports.inputs, { folder, words });
    },
    classes: await checkClasses(Object.fromEntries(absolute)),
    outputs: given,
  });
}

function checkRows(
  { name, scope }: StepKind<Parameters>,
  { inputs, rows }: Pick<RunStepOptions, "inputs" | "rows">,
): readonly Diagnostic[] {
  if (rows && inputs)
    return [
      errorDiagnostic("wrong-rows", `${name} is given both inputs and rows`, { hint: "give one of them" }),
    ];
  if (scope === "table" || rows === undefined || rows.length === 1) return [];
  const hint = "call it once for each tomogram";
  return [
    errorDiagnostic("wrong-rows", `${name} works on one tomogram and is given ${rows.length} rows`, { hint }),
  ];
}

/** A name that is no input or output would be dropped without a word. */
function checkNames(
  ports: Ports,
  { rows, outputs }: { readonly rows: readonly GivenRow[]; readonly outputs: readonly string[] },
): readonly Diagnostic[] {
  const given = { input: rows.flatMap((row) => Object.keys(row.inputs)), output: outputs };
  const known = { input: ports.inputs, output: ports.outputs };
  return (["input", "output"] as const).flatMap((sort) => {
    const names = known[sort].map(({ name }) => name);
    return [...new Set(given[sort])]
      .filter((name) => !names.includes(name))
      .map((name) =>
        errorDiagnostic(`unknown-${sort}`, `there is no ${sort} ${name}`, {
          hint: names.length > 0 ? `the ${sort}s are ${names.join(", ")}` : `it takes no ${sort}s`,
        }),
      );
  });
}

const neverAborted = (): AbortSignal => new AbortController().signal;

/** Of what a worker says, that which a step reports. */
const isReport = (message: { readonly type: string }): message is StepReport =>
  ["progress", "metrics", "log", "engine", "program"].includes(message.type);
