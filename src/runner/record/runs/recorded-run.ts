/** A run with its record: every event goes there and to the run's own sink, without secrets to both. */
import type { Diagnostic } from "../../../core/diagnostic.ts";
import { TomoflowError } from "../../../core/error.ts";
import { maskOf } from "../../../schema/values/environment-mask.ts";
import type { Workflow } from "../../../schema/workflow.ts";
import type { JobError } from "../../../task/job.ts";
import type { RunEvent } from "../../events.ts";
import type { RunnerOptions } from "../../options.ts";
import type { AskedOptions } from "../../run-records.ts";
import type { Layout } from "../../store/layout.ts";
import { maskedError, withMaskedSink } from "../masked-texts.ts";
import { pruneRuns } from "./prune-runs.ts";
import { recordRun } from "./write-run.ts";

export interface RecordedProject {
  readonly workflow: Workflow;
  readonly layout: Layout;
}

/**
 * Does `work` with options whose sink also records. That a run cannot be recorded is told once, as a warning, unless it is `idle`: one
 * with nothing to do succeeds where nothing can be written.
 */
export async function recordedRun<T>(
  { workflow, layout }: RecordedProject,
  { given, idle }: { readonly given: RunnerOptions; readonly idle: boolean },
  work: (options: RunnerOptions) => Promise<T>,
): Promise<T> {
  const early: Diagnostic[] = [];
  let hasStarted = false;
  const tell = (diagnostic: Diagnostic): void => {
    if (idle) return;
    if (hasStarted) given.sink({ type: "diagnostic", diagnostic });
    else early.push(diagnostic);
  };
  const recorder = await recordRun(workflow, layout, { asked: askedOf(given), onTrouble: tell });
  const sink = (event: RunEvent): void => {
    const started = event.type === "run-started";
    const told = started && recorder.id !== undefined ? { ...event, run: recorder.id } : event;
    recorder.take(told);
    given.sink(told);
    if (!started) return;
    hasStarted = true;
    for (const diagnostic of early) tell(diagnostic);
  };
  try {
    return await work(withMaskedSink({ ...given, sink }, workflow));
  } catch (error) {
    recorder.take({
      type: "run-broken",
      error: maskedError(jobErrorOf(error), maskOf(workflow.environment)),
    });
    throw error;
  } finally {
    await recorder.close();
    await pruneRuns(layout);
  }
}

function askedOf({ only, force, verify, engine, jobs, keepGoing }: RunnerOptions): AskedOptions {
  const all = { only, force, verify, engine, jobs, keepGoing };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && value !== false),
  );
}

function jobErrorOf(error: unknown): JobError {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof TomoflowError)) return { code: "runner-error", message };
  return { code: error.code, message, ...(error.hint !== undefined && { hint: error.hint }) };
}
