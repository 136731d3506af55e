/** Lines that only ever get appended: for logs, pipes and continuous integration. */
import type { RunEvent } from "../../runner/events.ts";
import { reasonsText } from "../../runner/index.ts";
import { formatDuration, withShownPaths, writeDiagnostics, writeErrorLine } from "../output.ts";
import { metricsText, progressText, retryingText } from "./progress-text.ts";
import type { Reporter, ReporterOptions } from "./reporter.ts";
import { watchResources } from "./resource-use.ts";
import { createSummary, writeSummary } from "./summary.ts";
import { planText } from "./summary-text.ts";

/** A task's progress is written at most this often. */
const progressIntervalMs = 5000;

export function createPlainReporter(options: ReporterOptions): Reporter {
  const startedAt = options.now();
  const summary = createSummary(options);
  const isDue = createThrottle(options.now);
  const use = watchResources();
  let usedAt = startedAt;
  const write = (text: string): void => {
    const seconds = (options.now() - startedAt) / 1000;
    options.write(`[${seconds.toFixed(1).padStart(7)} s] ${text}`);
  };
  const metrics = new Map<string, Readonly<Record<string, number>>>();
  const sink = (event: RunEvent): void => {
    summary.record(event);
    if (event.type === "task-metrics")
      metrics.set(event.task, { ...metrics.get(event.task), ...event.values });
    if (event.type === "diagnostic") writeDiagnostics([event.diagnostic]);
    else if (event.type !== "task-progress" || event.done === event.total || isDue(event.task)) {
      const line = lineOf(event, metrics);
      if (line) write(line);
    }
    use.record(event);
    if (event.type === "task-started" && options.now() - usedAt >= progressIntervalMs) {
      usedAt = options.now();
      const text = use.text();
      if (text) write(text);
    }
  };
  return { sink, announce: writeErrorLine, finish: () => writeSummary(summary, options) };
}

/** True for a key at most once an interval. */
function createThrottle(now: () => number): (key: string) => boolean {
  const lastAt = new Map<string, number>();
  return (key) => {
    const due = now() - (lastAt.get(key) ?? Number.NEGATIVE_INFINITY) >= progressIntervalMs;
    if (due) lastAt.set(key, now());
    return due;
  };
}

type Metrics = ReadonlyMap<string, Readonly<Record<string, number>>>;

function lineOf(event: RunEvent, metrics: Metrics): string | undefined {
  switch (event.type) {
    case "run-started":
      return event.counts.fresh < event.tasks.length ? planText(event) : undefined;
    case "task-queued":
      return `${event.task} queued on ${event.executor} (${event.job})`;
    case "task-started": {
      const why = reasonsText(event);
      const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : "";
      const host = event.host === undefined ? "" : ` on ${event.host}`;
      return `${event.task} started${host}${attempt}${why && `: ${why}`}`;
    }
    case "task-progress": {
      // a detail says what matters of them, and later than the last metrics
      const values = event.detail ? "" : metricsText(metrics.get(event.task) ?? {});
      return `${event.task} ${progressText(event)}${values && `  ${values}`}`;
    }
    case "task-log":
      return `${event.task} | ${withShownPaths(event.text)}`;
    case "task-retrying":
      return `${event.task} ${retryingText(event)}`;
    case "task-engine":
      return `${event.task} uses ${event.name}`;
    case "task-ended":
      return endedText(event);
    default:
      return undefined;
  }
}

function endedText(event: Extract<RunEvent, { type: "task-ended" }>): string | undefined {
  if (event.outcome === "fresh") return undefined;
  const time = event.outcome === "skipped" ? "" : ` in ${formatDuration(event.seconds)}`;
  const why = event.error?.message ?? event.detail;
  return `${event.task} ${event.outcome}${time}${why ? `: ${withShownPaths(why)}` : ""}`;
}
