/** What is said when a run has ended: outcome, failures, results, metrics, what took long. */
import { readFile } from "node:fs/promises";
import type { RunEvent } from "../../runner/events.ts";
import { shownPath } from "../output.ts";
import { mainMetrics, shownMetrics } from "./main-metrics.ts";
import { metricsText } from "./progress-text.ts";
import type { ReporterOptions } from "./reporter.ts";
import { failuresText, labelledLines, outcomeText, slowestText, taintedText } from "./summary-text.ts";

type TaskEnded = Extract<RunEvent, { type: "task-ended" }>;

export interface Summary {
  readonly record: (event: RunEvent) => void;
  /** Without a final line break; empty when the run ended before it began. */
  readonly text: () => Promise<string>;
}

/** Writes the summary, or nothing where there is none. */
export async function writeSummary(summary: Summary, { write }: ReporterOptions): Promise<void> {
  const text = await summary.text();
  if (text) write(text);
}

/** Collects what the summary needs while the run goes on. */
export function createSummary({
  metricsPorts,
  width = Number.POSITIVE_INFINITY,
}: Pick<ReporterOptions, "metricsPorts" | "width">): Summary {
  const ended: TaskEnded[] = [];
  let runEnded: Extract<RunEvent, { type: "run-ended" }> | undefined;
  const record = (event: RunEvent): void => {
    if (event.type === "task-ended") ended.push(event);
    else if (event.type === "run-ended") runEnded = event;
  };
  const text = async (): Promise<string> => {
    if (!runEnded) return "";
    const outcome = outcomeText(runEnded);
    const worked = ended.some((task) => task.outcome !== "fresh" && task.outcome !== "skipped");
    const details: [string, string][] = worked ? [["results", shownPath(runEnded.resultsFolder)]] : [];
    if (worked) details.push(...(await metricsLines(ended, metricsPorts)));
    const slowest = slowestText(ended);
    if (slowest) details.push(["slowest", slowest]);
    const lines = [...failuresText(ended), ...taintedText(ended), outcome];
    return details.length > 0 ? `${lines.join("\n")}\n${labelledLines(details, width)}` : lines.join("\n");
  };
  return { record, text };
}

/** One line for each whole-table task that has metrics; those of single rows are too many to show. */
async function metricsLines(
  ended: readonly TaskEnded[],
  metricsPorts: ReporterOptions["metricsPorts"],
): Promise<[string, string][]> {
  const lines: [string, string][] = [];
  for (const { step, row, outputs, outcome } of ended) {
    if (row !== undefined || outcome === "failed") continue;
    for (const port of metricsPorts.get(step) ?? []) {
      const values = outputs[port] ? mainMetrics(await readJson(outputs[port])) : {};
      if (Object.keys(values).length > 0) lines.push([step, metricsText(values, shownMetrics)]);
    }
  }
  return lines;
}

/** A metrics file that cannot be read is no reason to fail a run that has ended: it is simply not shown. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
