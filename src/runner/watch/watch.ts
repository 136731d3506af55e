/**
 * Runs a workflow again whenever something that it is made of has changed. One run at a time: a change while one goes
 * on stops the tasks that it makes stale, the others go on, and the next run does what is left.
 */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { isAbort, TomoflowError } from "../../core/error.ts";
import type { Result } from "../../core/result.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { EventSink, RunEvent } from "../events.ts";
import type { RunnerOptions, RunSummary } from "../options.ts";
import { runWorkflow } from "../run.ts";
import { stampOf } from "../store/stat-cache.ts";
import { type Clock, systemClock } from "./clock.ts";
import { diskWatcher, type FileWatcher, type StartFileWatcher } from "./file-watcher.ts";
import { SettlingFiles } from "./settling.ts";
import { SteeredRun } from "./steering.ts";
import { filesToWatch, onlyWorkflowFile, type WatchedFiles } from "./watched-files.ts";

/** What happens between runs, and to them. */
export type WatchNews =
  /** The workflow cannot be used as it is; it is looked at again when it changes, or its files come. */
  | { readonly type: "watch-wrong"; readonly diagnostics: readonly Diagnostic[] }
  /** Waits for changes of so many files. */
  | { readonly type: "watch-waiting"; readonly files: number }
  /** Paths, absolute. */
  | { readonly type: "watch-changed"; readonly paths: readonly string[] }
  /** Tasks at work that a change made stale. */
  | { readonly type: "watch-stopping"; readonly tasks: readonly string[] };

export interface WatchedRun {
  readonly sink: EventSink;
  /** Called after the last event. */
  finish(): Promise<void>;
}

export interface WatchOptions
  extends Pick<
    RunnerOptions,
    | "catalogPath"
    | "preflight"
    | "checkEngines"
    | "outputBytes"
    | "gpuEngine"
    | "engine"
    | "jobs"
    | "only"
    | "signal"
    | "kill"
  > {
  readonly workflowPath: string;
  /** Reads the workflow anew, with modules of the user's own steps as they are now. */
  readonly load: () => Promise<Result<Workflow>>;
  /** Called before each run. */
  readonly beginRun: (workflow: Workflow) => Promise<WatchedRun>;
  /** Called with what happens between runs: waiting, a change, a mistake in the file. */
  readonly tell: (news: WatchNews) => void;
  readonly startWatcher?: StartFileWatcher;
  readonly clock?: Clock;
}

/** Milliseconds without a change: for what people edit, and for data, which may be long in writing. */
const quietSource = 300;
const quietInput = 2000;
/** A workflow that is wrong may be so for want of a file that cannot be watched: it is read again this often. */
const wrongAgain = 2000;

/**
 * Runs until `signal` aborts; returns how the last run ended. Throws what `runWorkflow` throws, and `watch-limit` when
 * the system cannot watch so many files.
 */
export const watchWorkflow = (options: WatchOptions): Promise<RunSummary["outcome"]> =>
  new Watch(options).run();

class Watch {
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #watcher: FileWatcher;
  readonly #settling: SettlingFiles;
  #watched: WatchedFiles;
  #changes: readonly string[] = [];
  #wake: () => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  readonly #failures = new Map<string, string>();
  #running: SteeredRun | undefined;
  #steering: Promise<void> = Promise.resolve();
  #told = "";

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#watched = onlyWorkflowFile(options.workflowPath);
    this.#settling = new SettlingFiles({
      clock: this.#clock,
      quietMilliseconds: (path) => (this.#watched.sources.has(path) ? quietSource : quietInput),
      stampOf: async (path) => (await stampOf(path).catch(() => undefined))?.state,
      onQuiet: (paths) => this.#onQuiet(paths),
    });
    this.#watcher = (options.startWatcher ?? diskWatcher())({
      onChange: (path) => this.#settling.changed(path),
      onError: (error) => this.#fail(error),
    });
  }

  async run(): Promise<RunSummary["outcome"]> {
    const { signal } = this.#options;
    const wake = () => this.#wake();
    signal?.addEventListener("abort", wake);
    let outcome: RunSummary["outcome"] | undefined;
    try {
      await this.#watcher.watch(this.#watched);
      while (!signal?.aborted) {
        const loaded = await this.#loadWatched();
        const ended = loaded.ok ? await this.#runOnce(loaded.value) : undefined;
        outcome = ended ?? outcome;
        if (signal?.aborted) break;
        if (ended) this.#tell({ type: "watch-waiting", files: sizeOf(this.#watched) });
        await this.#nextChange(ended ? undefined : wrongAgain);
      }
      return outcome ?? "done";
    } finally {
      signal?.removeEventListener("abort", wake);
      await this.#watcher.close();
      this.#settling.close();
    }
  }

  /** Reads the workflow until it is one whose files were watched before it was read. */
  async #loadWatched(): Promise<Result<Workflow>> {
    for (;;) {
      const loaded = await this.#options.load();
      if (!loaded.ok) this.#tellWrong(loaded.diagnostics);
      if (!loaded.ok || !(await this.#watch(loaded.value))) return loaded;
    }
  }

  async #watch(workflow: Workflow): Promise<boolean> {
    this.#watched = filesToWatch(workflow);
    return this.#watcher.watch(this.#watched);
  }

  /** Undefined when the run could not even be planned, say for a conflict in the lock. */
  async #runOnce(workflow: Workflow): Promise<RunSummary["outcome"] | undefined> {
    const { beginRun, catalogPath, engine, jobs, only, signal, kill } = this.#options;
    const { preflight, checkEngines, outputBytes, gpuEngine } = this.#options;
    const steered = new SteeredRun(workflow, this.#failures);
    const { sink, finish } = await beginRun(workflow);
    this.#running = steered;
    try {
      const summary = await runWorkflow(workflow, {
        ...{ catalogPath, engine, jobs, only, signal, kill },
        ...{ preflight, checkEngines, outputBytes, gpuEngine },
        keepGoing: true,
        control: steered,
        sink: (event) => {
          if (event.type === "task-ended") steered.ended(event.task, failureOf(event));
          sink(event);
        },
      });
      this.#told = "";
      return summary.outcome;
    } catch (error) {
      this.#tellError(error);
      return undefined;
    } finally {
      this.#running = undefined;
      await this.#steering;
      await finish();
    }
  }

  #onQuiet(paths: readonly string[]): void {
    this.#changes = [...new Set([...this.#changes, ...paths])];
    this.#tell({ type: "watch-changed", paths });
    this.#steering = this.#steering
      .then(() => this.#steer())
      .catch((error) => this.#tellError(error))
      .catch((error) => this.#fail(error));
    this.#wake();
  }

  /** In the middle of a run: what has become stale need not go on. */
  async #steer(): Promise<void> {
    if (!this.#running) return;
    const loaded = await this.#options.load();
    if (!loaded.ok) return this.#tellWrong(loaded.diagnostics);
    await this.#watch(loaded.value);
    const { only } = this.#options;
    const tasks = (await this.#running?.stopStale(loaded.value, only ? { only } : {})) ?? [];
    if (tasks.length > 0) this.#tell({ type: "watch-stopping", tasks });
  }

  /** Resolves at once when something has changed since the last call. */
  async #nextChange(atMostMilliseconds?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#changes.length > 0 || this.#failure || this.#options.signal?.aborted) return resolve();
      if (atMostMilliseconds === undefined) return;
      const cancel = this.#clock.after(atMostMilliseconds, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = () => undefined;
    this.#changes = [];
    if (this.#failure) throw this.#failure.error;
  }

  #tell(news: WatchNews): void {
    this.#options.tell(news);
  }

  /** The same mistakes are told once. */
  #tellWrong(diagnostics: readonly Diagnostic[]): void {
    const text = JSON.stringify(diagnostics);
    if (text === this.#told) return;
    this.#told = text;
    this.#tell({ type: "watch-wrong", diagnostics });
  }

  /** What the user can mend is told; anything else ends the watch. */
  #tellError(error: unknown): void {
    if (!(error instanceof TomoflowError) || error.code === "watch-limit") throw error;
    const { code, message, hint } = error;
    this.#tellWrong([errorDiagnostic(code, message, { hint })]);
  }

  #fail(error: unknown): void {
    if (isAbort(error) && this.#options.signal?.aborted) return;
    this.#failure ??= { error };
    this.#wake();
  }
}

const failureOf = ({ outcome, error }: Extract<RunEvent, { type: "task-ended" }>): string | undefined =>
  outcome === "failed" ? (error?.message ?? "") : undefined;

const sizeOf = ({ sources, inputs }: WatchedFiles): number => sources.size + inputs.size;
