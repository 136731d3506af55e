/** Takes every task of a plan to its end: each when what it depends on has ended well. */
import PQueue from "p-queue";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { ownValue } from "../../schema/text/data-path.ts";
import { taskIdOf } from "../../schema/values/bindings.ts";
import { pause } from "../claims/pause.ts";
import type { TaskOutcome, TaskState } from "../events.ts";
import type { Executor } from "../executor.ts";
import { type Machine, type Request, requestElsewhere, requestOf } from "../machine/resources.ts";
import type { GpuSharing } from "../machine/task-gpus.ts";
import type { RunnerOptions } from "../options.ts";
import type { Judgement } from "../planning/judge.ts";
import type { Outputs } from "../planning/outputs.ts";
import { type ProjectPlan, stepDurations } from "../planning/plan.ts";
import { isComplete } from "../planning/preflight.ts";
import type { Project } from "../project.ts";
import { restoreTask } from "../results/restore.ts";
import {
  countOutcomes,
  endEvent,
  failedEnd,
  freshEnd,
  skippedEnd,
  type TaskEnd,
} from "../results/task-end.ts";
import { sameContent } from "../store/content.ts";
import type { Task } from "../tasks/graph.ts";
import { type AttemptNames, listAttempts } from "./attempt-record.ts";
import type { ExecutorSet } from "./executors/executor-set.ts";
import { judgeNow, type PerformOptions, performTask } from "./perform.ts";
import { Scheduler } from "./scheduler.ts";

export interface RunTasksOptions {
  readonly project: Project;
  readonly plan: ProjectPlan;
  readonly sharing: GpuSharing;
  readonly executors: ExecutorSet;
  readonly stop: AbortSignal;
  readonly options: RunnerOptions;
  /** What was found before the run. */
  readonly told: readonly Diagnostic[];
}

/** Files copied at a time from the cache. */
const restoresAtATime = 4;

/** Longest time that a core waits for the next task of its row, which may be copied from the cache for long. */
const mostMillisecondsKept = 1000;

/** What is not ours to share out. */
const boundless: Machine = {
  cores: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
  gpus: [],
};

/** Returns how many tasks ended in which way; never rejects for what goes wrong in a task. */
export function runTasks(options: RunTasksOptions): Promise<Readonly<Record<TaskOutcome, number>>> {
  return new TaskRun(options).run();
}

/**
 * Whole-table tasks, which others wait for, then row by row, so that the first rows are done to the end before the last
 * ones have begun. The steps of a row keep their order.
 */
function rowByRow(tasks: readonly Task[]): readonly Task[] {
  const rows = [...new Set(tasks.map(({ binding }) => binding.row))];
  const place = new Map(rows.map((row, index) => [row, row === undefined ? -1 : index]));
  return [...tasks].sort((a, b) => place.get(a.binding.row)! - place.get(b.binding.row)!);
}

class TaskRun {
  readonly #given: RunTasksOptions;
  /** One for what each executor has to share. */
  readonly #schedulers = new Map<Executor, Scheduler>();
  readonly #light = new PQueue({ concurrency: restoresAtATime });
  readonly #ends = new Map<string, TaskEnd>();
  readonly #outputs = new Map<string, Outputs>();
  /** Place of each task in line when several can start. */
  readonly #order: ReadonlyMap<string, number>;
  /** Tasks not settled that each task still waits for. */
  readonly #waitsFor = new Map<string, number>();
  readonly #dependents = new Map<string, Task[]>();
  /** Tasks that have begun something which must be waited for. */
  readonly #begun = new Set<string>();
  /** Tasks that are looked at again, now that what they read is there. */
  readonly #deciding = new Map<string, Promise<void>>();
  /** Seconds at work by step, where its tasks have a past. */
  readonly #expected: ReadonlyMap<string, number>;
  #attemptNames: Promise<AttemptNames> | undefined;
  #haltedBecause: string | undefined;
  #finish: () => void = () => undefined;

  constructor(given: RunTasksOptions) {
    this.#given = given;
    const { plan } = given;
    this.#expected = stepDurations(plan.tasks);
    this.#order = new Map(rowByRow(plan.selected).map(({ id }, index) => [id, index]));
    for (const task of plan.selected) {
      const before = task.dependsOn.filter((id) => this.#order.has(id));
      this.#waitsFor.set(task.id, before.length);
      for (const id of before) this.#dependents.set(id, [...(this.#dependents.get(id) ?? []), task]);
    }
  }

  async run(): Promise<Readonly<Record<TaskOutcome, number>>> {
    const { plan, stop } = this.#given;
    const onStop = () => this.#halt("interrupted");
    stop.addEventListener("abort", onStop);
    try {
      await new Promise<void>((resolve) => {
        this.#finish = resolve;
        if (stop.aborted) onStop();
        const ready = plan.selected.filter(({ id }) => this.#waitsFor.get(id) === 0);
        for (const task of ready) this.#advance(task);
        this.#finishWhenSettled();
      });
    } finally {
      stop.removeEventListener("abort", onStop);
    }
    return countOutcomes(this.#ends.values());
  }

  #advance(task: Task): void {
    if (this.#ends.has(task.id)) return;
    const end = this.#immediateEnd(task);
    if (end) this.#settle(task, end);
    else if (this.#planned(task, "run")) this.#schedule(task);
    else {
      this.#begun.add(task.id);
      this.#deciding.set(
        task.id,
        this.#light.add(() => this.#decide(task)).finally(() => this.#deciding.delete(task.id)),
      );
    }
  }

  #immediateEnd(task: Task): TaskEnd | undefined {
    const failedBefore = task.dependsOn.find((id) => this.#order.has(id) && !this.#outputs.has(id));
    if (failedBefore !== undefined) return skippedEnd(`${failedBefore} did not end well`);
    const judgement = this.#planned(task, "fresh");
    if (judgement) return freshEnd(judgement);
    return this.#haltedBecause === undefined ? undefined : skippedEnd(this.#haltedBecause);
  }

  /** What the plan said, if it said this and with the outputs that the earlier tasks really have. */
  #planned(task: Task, state: TaskState): Judgement | undefined {
    const judgement = this.#given.plan.judgements.get(task.id)!;
    const isTrue = judgement.inputs.every(
      ({ role, source }) =>
        source.type === "file" ||
        sameContent(
          ownValue(this.#outputs.get(taskIdOf(source.step, source.row)), source.output),
          judgement.contents.get(role),
        ),
    );
    return judgement.state === state && isTrue ? judgement : undefined;
  }

  async #decide(task: Task): Promise<void> {
    try {
      const judgement = await judgeNow(task, this.#performOptions(task));
      const end =
        judgement.state === "fresh"
          ? freshEnd(judgement)
          : await restoreTask(task, judgement, this.#performOptions(task));
      if (end) this.#settle(task, end);
      else this.#schedule(task);
    } catch (error) {
      this.#settle(task, failedEnd(error));
    }
  }

  #schedule(task: Task): void {
    this.#begun.delete(task.id);
    if (this.#haltedBecause !== undefined) {
      this.#settle(task, skippedEnd(this.#haltedBecause));
      return;
    }
    const executor = this.#given.executors.of(task);
    this.#schedulerOf(executor).add({
      order: this.#order.get(task.id)!,
      request: this.#requestOf(task, executor.capacity),
      start: async (grant) => {
        this.#begun.add(task.id);
        this.#settle(task, await performTask(task, grant, this.#performOptions(task)));
        await this.#waitForNext(task);
      },
    });
  }

  #schedulerOf(executor: Executor): Scheduler {
    const { jobs } = this.#given.options;
    const { capacity } = executor;
    const scheduler =
      this.#schedulers.get(executor) ??
      (capacity === "queues"
        ? new Scheduler(boundless, jobs ?? Number.POSITIVE_INFINITY)
        : new Scheduler(capacity, jobs ?? capacity.cores));
    this.#schedulers.set(executor, scheduler);
    return scheduler;
  }

  #requestOf(task: Task, capacity: Executor["capacity"]): Request {
    if (capacity === "queues") return requestElsewhere(task);
    return requestOf(task, { machine: capacity, sharing: this.#given.sharing });
  }

  /** Keeps what `task` had for a moment, so that what follows it is in line before another row begins. */
  async #waitForNext(task: Task): Promise<void> {
    const next = (this.#dependents.get(task.id) ?? []).flatMap(({ id }) => this.#deciding.get(id) ?? []);
    if (next.length === 0) return;
    const enough = new AbortController();
    await Promise.race([
      Promise.all(next),
      pause(mostMillisecondsKept, enough.signal).catch(() => undefined),
    ]);
    enough.abort();
  }

  #performOptions(task: Task): PerformOptions {
    const { project, executors, stop, options, plan, told } = this.#given;
    return {
      project,
      executor: executors.of(task),
      stop,
      told,
      control: options.control,
      retryDelaySeconds: options.retryDelaySeconds,
      sink: options.sink,
      engine: options.engine,
      forced: plan.forced,
      attemptNames: () => {
        this.#attemptNames ??= listAttempts(project.layout);
        return this.#attemptNames;
      },
      expectedSeconds: this.#expected.get(task.step.id),
      preflight: isComplete(task, plan) ? undefined : options.preflight,
      upstream: this.#outputs,
    };
  }

  #settle(task: Task, end: TaskEnd): void {
    this.#ends.set(task.id, end);
    this.#begun.delete(task.id);
    if (end.outputs) this.#outputs.set(task.id, end.outputs);
    this.#given.options.sink(endEvent(task, end));
    if ((end.outcome === "failed" || end.outcome === "tainted") && !this.#given.options.keepGoing)
      this.#halt(`${task.id} ${end.outcome === "failed" ? "failed" : "is tainted"}`);
    for (const dependent of this.#dependents.get(task.id) ?? []) {
      const left = this.#waitsFor.get(dependent.id)! - 1;
      this.#waitsFor.set(dependent.id, left);
      if (left === 0) this.#advance(dependent);
    }
    this.#finishWhenSettled();
  }

  /** Nothing new starts; what runs is waited for. */
  #halt(because: string): void {
    if (this.#haltedBecause !== undefined) return;
    this.#haltedBecause = because;
    for (const scheduler of this.#schedulers.values()) scheduler.drop();
    for (const task of this.#given.plan.selected)
      if (this.#waitsFor.get(task.id) === 0 && !this.#begun.has(task.id)) this.#advance(task);
  }

  #finishWhenSettled(): void {
    if (this.#ends.size === this.#order.size) this.#finish();
  }
}
