/** What is known of a run, folded from its records in their order. Without the DOM. */
import type { PlannedTask, RecordedEvent, RecordedRun, RunRecord } from "../../protocol/workflow.ts";

type EventOf<Type extends RecordedEvent["type"]> = Extract<RecordedEvent, { type: Type }>;

/** Of a task in a run; `waiting` until it is its turn. */
export type TaskStatus = "waiting" | "queued" | "running" | EventOf<"task-ended">["outcome"];

export interface RunTask {
  readonly id: string;
  readonly status: TaskStatus;
  readonly attempt: number;
  readonly startedMs?: number;
  readonly seconds?: number;
  readonly progress?: EventOf<"task-progress">;
  readonly metrics: Readonly<Record<string, number>>;
  readonly engine?: string;
  readonly use?: { readonly cores: number; readonly memoryBytes: number };
  readonly resources?: EventOf<"task-started">["resources"];
  readonly ended?: EventOf<"task-ended">;
  readonly retrying?: EventOf<"task-retrying">;
}

export interface LogLine {
  readonly number: number;
  readonly task: string;
  readonly text: string;
}

export interface CurvePoint {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface RunModel {
  readonly run: string;
  /** Number of the last record taken in: where to go on after a lost connection. */
  readonly last: number;
  readonly asked?: EventOf<"run-asked">;
  readonly startedMs?: number;
  readonly lastMs?: number;
  /** Those with something to do, as planned when it began. */
  readonly planned: readonly PlannedTask[];
  readonly freshCount: number;
  readonly tasks: ReadonlyMap<string, RunTask>;
  readonly diagnostics: readonly EventOf<"diagnostic">["diagnostic"][];
  /** What tasks told, the last of it. */
  readonly lines: readonly LogLine[];
  /** By task; in the order of their steps. */
  readonly curves: ReadonlyMap<string, readonly CurvePoint[]>;
  readonly end?: RecordedRun["end"];
}

/** Lines that are kept. */
const mostLines = 500;

export const emptyRun = (run: string): RunModel => ({
  run,
  last: 0,
  planned: [],
  freshCount: 0,
  tasks: new Map(),
  diagnostics: [],
  lines: [],
  curves: new Map(),
});

/** Takes in what comes next; records that it has are left out. `gap` is true where some are missing between. */
export function takeRecords(
  model: RunModel,
  records: readonly RunRecord[],
): { readonly model: RunModel; readonly gap: boolean } {
  const fold: Fold = {
    ...model,
    tasks: new Map(model.tasks),
    curves: new Map(model.curves),
    lines: [...model.lines],
    diagnostics: [...model.diagnostics],
  };
  for (const record of records) {
    if (record.run !== model.run || record.number <= fold.last) continue;
    if (record.number !== fold.last + 1) return { model: cut(fold), gap: true };
    fold.last = record.number;
    fold.lastMs = Date.parse(record.time);
    take(fold, record);
  }
  return { model: cut(fold), gap: false };
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

interface Fold extends Omit<Mutable<RunModel>, "tasks" | "curves" | "lines" | "diagnostics"> {
  readonly tasks: Map<string, RunTask>;
  readonly curves: Map<string, readonly CurvePoint[]>;
  readonly lines: LogLine[];
  readonly diagnostics: RunModel["diagnostics"][number][];
}

const cut = (fold: Fold): RunModel => ({ ...fold, lines: fold.lines.slice(-mostLines) });

function take(fold: Fold, { event, time, number }: RunRecord): void {
  const change = (id: string, more: Partial<RunTask>): void => {
    const before = fold.tasks.get(id) ?? { id, status: "waiting", attempt: 1, metrics: {} };
    fold.tasks.set(id, { ...before, ...more });
  };
  switch (event.type) {
    case "run-asked":
      fold.asked = event;
      fold.startedMs = Date.parse(time);
      return;
    case "run-started":
      fold.planned = [...event.tasks];
      fold.freshCount = event.counts.fresh;
      for (const { id } of event.tasks) change(id, {});
      return;
    case "diagnostic":
      fold.diagnostics.push(event.diagnostic);
      return;
    case "task-started":
      change(event.task, {
        status: "running",
        attempt: event.attempt,
        startedMs: Date.parse(time),
        resources: event.resources,
        progress: undefined,
        retrying: undefined,
      });
      return;
    case "task-queued":
      change(event.task, { status: "queued" });
      return;
    case "task-progress":
      change(event.task, { progress: event });
      return;
    case "task-metrics": {
      change(event.task, { metrics: { ...fold.tasks.get(event.task)?.metrics, ...event.values } });
      if (event.step !== undefined)
        fold.curves.set(
          event.task,
          withPoint(fold.curves.get(event.task) ?? [], { step: event.step, values: event.values }),
        );
      return;
    }
    case "task-log":
      fold.lines.push({ number, task: event.task, text: event.text });
      return;
    case "task-retrying":
      change(event.task, { status: "waiting", retrying: event });
      return;
    case "task-engine":
      change(event.task, { engine: event.name });
      return;
    case "task-use":
      change(event.task, { use: event.use });
      return;
    case "task-ended":
      change(event.task, {
        status: event.outcome,
        seconds: event.seconds,
        ended: event,
        retrying: undefined,
      });
      return;
    case "run-ended":
    case "run-broken":
      fold.end = event;
  }
}

/** Steps never go back, but where an attempt began again. */
function withPoint(points: readonly CurvePoint[], point: CurvePoint): readonly CurvePoint[] {
  const before = points.filter(({ step }) => step < point.step);
  const same = points.find(({ step }) => step === point.step);
  return [...before, same ? { step: point.step, values: { ...same.values, ...point.values } } : point];
}
