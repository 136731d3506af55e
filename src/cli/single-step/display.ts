/** What a step that runs alone shows of itself, on standard error. */
import { harmlessTexts } from "../../core/harmless-text.ts";
import { paceMeter } from "../../runner/index.ts";
import type { StepReport } from "../../steps/step-kind.ts";
import { writeErrorLine } from "../output.ts";
import { progressBar, progressText } from "../reporters/progress-text.ts";

export interface Display {
  readonly report: (report: StepReport) => void;
  /** The latest values of every metric. */
  readonly metrics: () => Readonly<Record<string, number>>;
  /** Clears the progress line. */
  readonly end: () => void;
}

const barWidth = 20;

/** One line redrawn on a terminal; elsewhere a line every few seconds. `name` is the step's. */
export function createDisplay(name: string): Display {
  const terminal = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  const progressLine = createProgressLine(name, terminal);
  let metrics: Readonly<Record<string, number>> = {};
  const report = (message: StepReport): void => {
    if (message.type === "progress") progressLine.show(message);
    else if (message.type === "metrics") metrics = { ...metrics, ...message.values };
    else if (message.type !== "program") {
      progressLine.clear();
      writeErrorLine(message.type === "log" ? message.text : `${name} uses ${message.name}`);
    }
  };
  return { report, metrics: () => metrics, end: progressLine.clear };
}

interface ProgressLine {
  readonly show: (report: Extract<StepReport, { type: "progress" }>) => void;
  readonly clear: () => void;
}

function createProgressLine(name: string, terminal: boolean): ProgressLine {
  const intervalMs = terminal ? 100 : 5000;
  const pace = paceMeter();
  let shownAt = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (terminal) process.stderr.write("\r\u001b[K");
  };
  const show: ProgressLine["show"] = (report) => {
    const now = performance.now();
    const measured = pace(report.done, report.total);
    if (now - shownAt < intervalMs && report.done < report.total) return;
    shownAt = now;
    const text = progressText({ ...harmlessTexts(report), type: "task-progress", task: name, ...measured });
    if (!terminal) return writeErrorLine(`${name} ${text}`);
    clear();
    const fraction = report.total > 0 ? report.done / report.total : 0;
    process.stderr.write(
      `${progressBar(fraction, barWidth)} ${text.slice(0, process.stderr.columns - barWidth - 2)}`,
    );
  };
  return { show, clear };
}
