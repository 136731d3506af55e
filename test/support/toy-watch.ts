/** `watch` on a toy project: steps with toy kinds, a watcher that is told of changes by hand, a clock that stands still. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import type { RunEvent } from "../../src/runner/index.ts";
import type { StartFileWatcher } from "../../src/runner/watch/file-watcher.ts";
import { type WatchNews, type WatchOptions, watchWorkflow } from "../../src/runner/watch/index.ts";
import { loadWorkflow } from "../../src/schema/load-workflow.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { type ToyProject, toyCatalogPath } from "./toy-project.ts";
import { stepKinds } from "./toy-steps.ts";

type Told = RunEvent | WatchNews;

export interface ToyWatch {
  readonly clock: ManualClock;
  readonly told: readonly Told[];
  /** The next event that fits, from those not yet looked at. */
  next(fits: (event: Told) => boolean): Promise<Told>;
  /** Outcome of each task of the next run that ends, by id; afterwards it waits for changes. */
  nextRun(): Promise<Record<string, string>>;
  /** Writes a file and tells of it; with a manual clock lets the quiet time pass. */
  edit(path: string, text: string): Promise<void>;
  stop(): Promise<string>;
}

let version = 0;

export function toyWatch(
  context: TestContext,
  project: ToyProject,
  { startWatcher, ...options }: Partial<WatchOptions> = {},
): ToyWatch {
  const clock = manualClock();
  const controller = new AbortController();
  const told: Told[] = [];
  let looked = 0;
  let wake: () => void = () => undefined;
  let change: (path: string) => void = () => undefined;
  const tell = (event: Told) => {
    told.push(event);
    wake();
  };
  const byHand: StartFileWatcher = ({ onChange }) => {
    change = onChange;
    let known = "";
    return {
      async watch({ sources, inputs }) {
        const name = [...sources, ...inputs].join();
        const isNews = name !== known;
        known = name;
        return isNews;
      },
      close: async () => undefined,
    };
  };
  const ended = watchWorkflow({
    workflowPath: project.workflowPath,
    load: () =>
      loadWorkflow(project.workflowPath, {
        catalog: stepKinds,
        loadStepKind: async (path) => (await import(`${pathToFileURL(path).href}?${version++}`)).default,
      }),
    beginRun: async () => ({ sink: tell, finish: async () => undefined }),
    tell,
    catalogPath: toyCatalogPath,
    signal: controller.signal,
    ...(startWatcher ? { startWatcher } : { startWatcher: byHand, clock }),
    ...options,
  });
  ended.catch(() => wake());
  context.after(async () => {
    controller.abort();
    await ended.catch(() => undefined);
  });

  async function next(fits: (event: Told) => boolean): Promise<Told> {
    for (;;) {
      while (looked < told.length) {
        const event = told[looked++]!;
        if (fits(event)) return event;
      }
      await Promise.race([
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
        ended.then(() => {
          throw new Error("the watch has ended");
        }),
      ]);
    }
  }
  return {
    clock,
    told,
    next,
    async nextRun() {
      const from = looked;
      await next(({ type }) => type === "run-ended");
      const outcomes = told.slice(from, looked).filter((event) => event.type === "task-ended");
      await next(({ type }) => type === "watch-waiting" || type === "run-started");
      looked--;
      return Object.fromEntries(outcomes.map(({ task, outcome }) => [task, outcome]));
    },
    async edit(path, text) {
      await project.write(path, text);
      if (startWatcher) return;
      change(join(project.folder, path));
      await clock.advance(10_000);
    },
    async stop() {
      controller.abort();
      return ended;
    },
  };
}
