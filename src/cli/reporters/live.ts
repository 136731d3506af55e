/** The live view of a terminal: a line a step, under it the tasks that run, redrawn by listr2. */

import type { ListrTask, ListrTaskState } from "listr2";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { harmlessTexts } from "../../core/harmless-text.ts";
import type { RunEvent } from "../../runner/events.ts";
import {
  type RunProgress,
  recordEvent,
  type StepProgress,
  startProgress,
  stepHasBegun,
  stepIsOver,
} from "../../session/run-progress.ts";
import { paint, writeDiagnostics, writeErrorLine } from "../output.ts";
import { stepLines } from "./live-text.ts";
import type { Reporter, ReporterOptions } from "./reporter.ts";
import { watchResources } from "./resource-use.ts";
import { createSummary, writeSummary } from "./summary.ts";
import { planText } from "./summary-text.ts";

/** Texts are made anew this often, however many events come. */
const refreshMs = 200;

export function createLiveReporter(options: ReporterOptions): Reporter {
  const summary = createSummary(options);
  const use = watchResources();
  const heldDiagnostics: Diagnostic[] = [];
  let progress: RunProgress | undefined;
  let view: View | undefined;
  const sink = (told: RunEvent): void => {
    const event = harmlessTexts(told);
    summary.record(event);
    use.record(event);
    if (event.type === "run-started") {
      if (event.counts.fresh < event.tasks.length) options.write(planText(event));
      progress = startProgress(event.workflow, event.tasks);
    } else if (event.type === "diagnostic") {
      if (view) heldDiagnostics.push(event.diagnostic);
      else writeDiagnostics([event.diagnostic]);
    } else if (progress) {
      recordEvent(progress, event, options.now());
      if (isWork(event)) view ??= openView(progress, options.now, use.text);
    }
  };
  const finish = async (): Promise<void> => {
    await view?.close();
    writeDiagnostics(heldDiagnostics);
    await writeSummary(summary, options);
  };
  const announce = (text: string): void => {
    if (view) view.announce(text);
    else writeErrorLine(text);
  };
  return { sink, announce, finish };
}

/** The view opens with the first task that is not simply fresh, so that a run with nothing to do never loads listr2. */
const isWork = (event: RunEvent): boolean =>
  event.type === "task-started" ||
  event.type === "task-queued" ||
  (event.type === "task-ended" && event.outcome === "restored");

interface View {
  /** Shows a line below the steps. */
  announce(text: string): void;
  /** Draws the last state and gives the terminal back. */
  close(): Promise<void>;
}

function openView(progress: RunProgress, now: () => number, useText: () => string | undefined): View {
  const nameWidth = Math.max(...progress.steps.map(({ id }) => id.length));
  const lines = progress.steps.map((step) => createStepLine(step, () => stepLines(step, nameWidth, now())));
  const timer = setInterval(() => {
    for (const line of lines) line.refresh();
    use.show(useText());
  }, refreshMs);
  const use = createNotice("dim");
  const notice = createNotice("yellow");
  const drawn = draw([...lines, use, notice]);
  return {
    announce: notice.show,
    async close() {
      clearInterval(timer);
      for (const line of lines) line.end();
      use.show(undefined);
      use.end();
      notice.end();
      await drawn;
    },
  };
}

/** Loads listr2 and lets it draw the lines until each has ended. */
async function draw(lines: readonly Pick<StepLine, "task">[]): Promise<void> {
  const { Listr } = await import("listr2");
  const rendererOptions = { formatOutput: "truncate", showErrorMessage: false } as const;
  const options = { concurrent: true, exitOnError: false, registerSignalListeners: false, rendererOptions };
  await new Listr(
    lines.map(({ task }) => task),
    options,
  ).run();
}

/** One step on the screen. */
interface StepLine {
  readonly task: ListrTask;
  /** Makes the text anew, and ends the line when the step is over. */
  readonly refresh: () => void;
  readonly end: () => void;
}

function createStepLine(step: StepProgress, text: () => string): StepLine {
  let drawn: Parameters<ListrTask["task"]>[1] | undefined;
  let settle: ((failure?: Error) => void) | undefined;
  let closed = false;
  const show = (state: "STARTED" | "WAITING"): void => {
    if (!drawn) return;
    drawn.title = text();
    drawn.task.state$ = state as ListrTaskState;
  };
  const end = (): void => {
    closed = true;
    const failed = step.tasks.some(({ status }) => status === "failed");
    show(failed || step.tasks.every(({ status }) => wentWell.has(status)) ? "STARTED" : "WAITING");
    settle?.(failed ? new Error(step.id) : undefined);
    drawn = undefined;
  };
  const refresh = (): void => {
    if (stepIsOver(step)) end();
    else show(stepHasBegun(step) ? "STARTED" : "WAITING");
  };
  const run: ListrTask["task"] = (_context, line) =>
    new Promise<void>((resolve, reject) => {
      drawn = line;
      settle = (failure) => (failure ? reject(failure) : resolve());
      if (closed) end();
      else refresh();
    });
  return { task: { title: text(), task: run }, refresh, end };
}

/** Outcomes that earn a tick. */
const wentWell: ReadonlySet<string> = new Set(["fresh", "restored", "done", "tainted"]);

interface Notice extends Pick<StepLine, "task" | "end"> {
  /** Nothing hides it. */
  readonly show: (text: string | undefined) => void;
}

/** A line that stays away until there is something to show. */
function createNotice(color: "dim" | "yellow"): Notice {
  const closing = new AbortController();
  let shown: string | undefined;
  let drawn: Parameters<ListrTask["task"]>[1] | undefined;
  const show = (text: string | undefined): void => {
    shown = text === undefined ? undefined : paint(color, text);
    // a line without a title is not drawn; the wrapper's own setter would make a text of it
    if (drawn) drawn.task.title$ = shown as string;
  };
  const run: ListrTask["task"] = (_context, line) =>
    new Promise<void>((resolve) => {
      drawn = line;
      drawn.task.state$ = "WAITING" as ListrTaskState;
      if (shown) drawn.title = shown;
      if (closing.signal.aborted) resolve();
      closing.signal.addEventListener("abort", () => resolve());
    });
  return { task: { task: run }, show, end: () => closing.abort() };
}
