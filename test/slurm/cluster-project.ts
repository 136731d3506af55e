/** A project of toy steps whose tasks run on the test cluster. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { formatDiagnostic } from "../../src/core/diagnostic.ts";
import { slurmExecutor } from "../../src/runner/execution/executors/slurm/index.ts";
import { type RunEvent, type RunnerOptions, runWorkflow } from "../../src/runner/index.ts";
import { loadWorkflow } from "../../src/schema/load-workflow.ts";
import { slurmSettings } from "../../src/schema/slurm/slurm-settings.ts";
import { temporaryFolder } from "../support/temporary.ts";
import type { ToyRun } from "../support/toy-project.ts";
import { stepKinds } from "./cluster-steps.ts";

export const catalogPath = new URL("./cluster-steps.ts", import.meta.url).href;

export interface ClusterRun extends ToyRun {
  /** Of Slurm's commands, by name. */
  readonly calls: Readonly<Record<string, number>>;
}

export interface ClusterRunOptions extends Partial<RunnerOptions> {
  /** As in slurm.yaml. */
  readonly slurm?: Readonly<Record<string, unknown>>;
  readonly local?: boolean;
}

export interface ClusterProject {
  readonly folder: string;
  run(options?: ClusterRunOptions): Promise<ClusterRun>;
  /** Ids of the jobs so far, by task, in the order of submission. */
  readonly jobs: ReadonlyMap<string, readonly string[]>;
  /** Results by their path under `results/`. */
  results(): Promise<Readonly<Record<string, string>>>;
  /** How often each row's work was done to the end. */
  timesDone(): Promise<Readonly<Record<string, number>>>;
}

/** Rows `r0`, `r1`, … with a text each, and these steps. */
export async function clusterProject(
  context: TestContext,
  { rows, steps }: { readonly rows: number; readonly steps: string },
): Promise<ClusterProject> {
  const folder = await temporaryFolder(context);
  await writeClusterProject(folder, { rows, steps });
  return openClusterProject(folder);
}

export async function writeClusterProject(
  folder: string,
  { rows, steps }: { readonly rows: number; readonly steps: string },
): Promise<void> {
  const names = Array.from({ length: rows }, (_, index) => `r${index}`);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const name of names) await write(`data/${name}.txt`, `text of ${name}\n`);
  const table = names.map((name) => `  - {id: ${name}, text: data/${name}.txt}\n`).join("");
  await write("workflow.yaml", `version: 1\nname: toy\ntomograms:\n${table}steps:\n${steps}`);
}

export function openClusterProject(folder: string): ClusterProject {
  const jobs = new Map<string, string[]>();
  return {
    folder,
    jobs,
    async run({ slurm = {}, local = false, ...options } = {}) {
      const events: RunEvent[] = [];
      let calls: Readonly<Record<string, number>> = {};
      const sink = (event: RunEvent) => {
        events.push(event);
        if (event.type === "task-queued") jobs.set(event.task, [...(jobs.get(event.task) ?? []), event.job]);
        options.sink?.(event);
      };
      const loaded = await loadWorkflow(join(folder, "workflow.yaml"), { catalog: stepKinds });
      if (!loaded.ok) throw new Error(loaded.diagnostics.map(formatDiagnostic).join("\n"));
      const settings = slurmSettings([{ poll: 1, late: 5, ...slurm }]);
      const onClosed = (asked: Readonly<Record<string, number>>) => {
        calls = asked;
      };
      const summary = await runWorkflow(loaded.value, {
        catalogPath,
        retryDelaySeconds: () => 0.1,
        ...(!local && {
          executors: { slurm: slurmExecutor({ settings, onClosed }) },
          executorOf: () => "slurm",
        }),
        ...options,
        sink,
      });
      const ends = events.filter((event) => event.type === "task-ended");
      const outcomes = Object.fromEntries(ends.map(({ task, outcome }) => [task, outcome]));
      return { summary, events, outcomes, calls };
    },
    async results() {
      const root = join(folder, "results");
      const names = (await readdir(root, { recursive: true, withFileTypes: true })).filter((each) =>
        each.isFile(),
      );
      const paths = names.map((each) => join(each.parentPath, each.name)).sort();
      const texts = paths.map(async (path) => [path.slice(root.length + 1), await readFile(path, "utf8")]);
      return Object.fromEntries(await Promise.all(texts));
    },
    async timesDone() {
      const times: Record<string, number> = {};
      for (const name of await readdir(join(folder, "ran")).catch(() => [] as string[])) {
        const row = name.split("-")[0]!;
        times[row] = (times[row] ?? 0) + 1;
      }
      return times;
    },
  };
}
