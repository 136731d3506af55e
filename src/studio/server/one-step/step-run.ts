/** What is known of a step that runs alone, folded from what its process tells. */
import { paceMeter, type WorkerMessage } from "../../../runner/index.ts";
import type { MetricsSample, StepRequest, StepRun } from "../../protocol/one-step.ts";

const keptLines = 400;
const keptSamples = 600;

export interface StepRunRecord {
  readonly state: () => StepRun;
  readonly take: (message: WorkerMessage) => void;
  readonly print: (text: string) => void;
  readonly change: (change: Partial<Pick<StepRun, "status" | "seconds" | "results" | "error">>) => void;
}

export function recordRun(number: number, request: StepRequest, startedMs: number): StepRunRecord {
  let run: StepRun = {
    number,
    request,
    status: "running",
    startedMs,
    metrics: {},
    samples: [],
    log: [],
    results: [],
  };
  const pace = paceMeter();
  let unfinished = "";
  const addLines = (lines: readonly string[]): void => {
    run = { ...run, log: [...run.log, ...lines].slice(-keptLines) };
  };
  return {
    state: () => run,
    change: (change) => {
      run = { ...run, ...change };
    },
    print: (text) => {
      const lines = (unfinished + text).split(/\r?\n|\r/);
      unfinished = lines.pop() ?? "";
      addLines(lines.filter((line) => line.trim() !== ""));
    },
    take: (message) => {
      if (message.type === "progress") {
        const { type: _, ...progress } = message;
        run = { ...run, progress: { ...progress, ...pace(message.done, message.total) } };
      } else if (message.type === "metrics") {
        run = {
          ...run,
          metrics: { ...run.metrics, ...message.values },
          samples: withSample(run.samples, message),
        };
      } else if (message.type === "log") addLines(message.text.split("\n"));
      else if (message.type === "engine") run = { ...run, engine: message.name };
    },
  };
}

/** Values of one step are one sample; every second one goes when there are too many. */
function withSample(
  samples: readonly MetricsSample[],
  { values, step }: Extract<WorkerMessage, { type: "metrics" }>,
): readonly MetricsSample[] {
  const last = samples.at(-1);
  const number = step ?? (last?.step ?? 0) + 1;
  if (last?.step === number)
    return [...samples.slice(0, -1), { step: number, values: { ...last.values, ...values } }];
  const more = [...samples, { step: number, values }];
  return more.length <= keptSamples ? more : more.filter((_, index) => index % 2 === (more.length - 1) % 2);
}
