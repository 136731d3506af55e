/** Runs a step in this process: progress on standard error, the outputs' paths on standard output. */
import type { SingleStep } from "../../session/single-step/check.ts";
import { runSingleStep, type SingleStepPlaces } from "../../session/single-step/run.ts";
import { declaredContext } from "../../steps/declared-context.ts";
import { runProgram } from "../../steps/run-program.ts";
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

export interface StepRunOptions extends SingleStepPlaces {
  readonly engine: string;
  readonly threads: number;
  readonly json: boolean;
}

/** Throws what the step throws; a stopped step leaves its checkpoint, to go on from when called again. */
export async function runStep(
  step: SingleStep,
  { given, folder, engine, threads, json }: StepRunOptions,
): Promise<void> {
  const { kind, context } = step;
  const started = performance.now();
  using interruption = listenForInterruption(writeErrorLine);
  interruption.kill.addEventListener("abort", () => process.exit(exitCode.interrupted));
  const display = createDisplay(kind.name);
  const published = await runSingleStep(step, { given, folder }, async (places) => {
    try {
      const surroundings = { threads, signal: interruption.stop, report: display.report };
      await kind.run({
        ...declaredContext(kind, context),
        ...surroundings,
        ...places,
        engine,
        runProgram: (words, more = {}) => runProgram(words, more, surroundings),
      });
    } finally {
      display.end();
    }
  });
  const seconds = (performance.now() - started) / 1000;
  if (json) writeJson({ outputs: published, metrics: display.metrics(), seconds });
  else writeResult(kind.name, published, { seconds, metrics: display.metrics() });
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
