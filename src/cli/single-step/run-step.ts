/** Runs a step in this process: progress on standard error, the outputs' paths on standard output. */
import { mkdir, rm, rmdir } from "node:fs/promises";
import { totalmem } from "node:os";
import type { OutputPort, Parameters } from "../../schema/step-description.ts";
import { checkpointFolderOf } from "../../session/single-step/checkpoint-folder.ts";
import { prepareOutputs } from "../../session/single-step/outputs.ts";
import { declaredContext } from "../../steps/declared-context.ts";
import { runProgram } from "../../steps/run-program.ts";
import type { StepContext, StepKind } from "../../steps/step-kind.ts";
import { exitCode } from "../exit-code.ts";
import { listenForInterruption } from "../interruption.ts";
import {
  formatDuration,
  formatTable,
  paint,
  shownPath,
  writeErrorLine,
  writeJson,
  writeLine,
} from "../output.ts";
import { metricsText } from "../reporters/progress-text.ts";
import { createDisplay } from "./display.ts";

export interface StepRunOptions {
  readonly outputs: readonly OutputPort[];
  /** Path by output port, where the user chose one. */
  readonly given: ReadonlyMap<string, string>;
  /** Where the other outputs go. */
  readonly folder: string;
  readonly engine: string;
  readonly threads: number;
  readonly json: boolean;
}

/** Part of the memory that a step may plan with, as in a workflow. */
const usableMemory = 0.9;

/** Throws what the step throws; a stopped step leaves its checkpoint, to go on from when called again. */
export async function runStep(
  kind: StepKind<Parameters>,
  context: StepContext,
  options: StepRunOptions,
): Promise<void> {
  const started = performance.now();
  using interruption = listenForInterruption(writeErrorLine);
  interruption.kill.addEventListener("abort", () => process.exit(exitCode.interrupted));
  const outputs = await prepareOutputs(options.outputs, options.given, options.folder);
  const checkpointFolder = await checkpointFolderOf(kind, context, options.folder);
  await mkdir(checkpointFolder, { recursive: true });
  const display = createDisplay(kind.name);
  try {
    const surroundings = { threads: options.threads, signal: interruption.stop, report: display.report };
    await kind.run({
      ...declaredContext(kind, context),
      ...surroundings,
      outputs: outputs.paths,
      checkpointFolder,
      engine: options.engine,
      memoryBytes: Math.floor(totalmem() * usableMemory),
      runProgram: (words, more = {}) => runProgram(words, more, surroundings),
    });
    await outputs.publish();
    await rm(checkpointFolder, { recursive: true, force: true });
  } finally {
    display.end();
    await outputs.discard();
    await removeIfEmpty(checkpointFolder);
  }
  const seconds = (performance.now() - started) / 1000;
  if (options.json) writeJson({ outputs: outputs.published, metrics: display.metrics(), seconds });
  else writeResult(kind.name, outputs.published, { seconds, metrics: display.metrics() });
}

/** A folder with a checkpoint in it stays. */
async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code ?? "")) throw error;
  });
}

interface Result {
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
}

function writeResult(
  name: string,
  outputs: Readonly<Record<string, string>>,
  { seconds, metrics }: Result,
): void {
  writeErrorLine(`${paint("green", "✔", process.stderr)} ${name} done in ${formatDuration(seconds)}`);
  if (Object.keys(metrics).length > 0) writeErrorLine(`  ${metricsText(metrics)}`);
  const rows = Object.entries(outputs).map(([port, path]) => [paint("dim", port), shownPath(path)]);
  writeLine(formatTable(rows));
}
