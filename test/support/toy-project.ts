/** A project folder with a workflow of toy steps, run by the real runner with real worker processes. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { formatDiagnostic } from "../../src/core/diagnostic.ts";
import {
  type Plan,
  type PlanOptions,
  planWorkflow,
  type RunEvent,
  type RunnerOptions,
  type RunSummary,
  runWorkflow,
  type TaskOutcome,
} from "../../src/runner/index.ts";
import { loadWorkflow } from "../../src/schema/load-workflow.ts";
import type { StepDescription } from "../../src/schema/step-description.ts";
import type { Workflow } from "../../src/schema/workflow.ts";
import { temporaryFolder } from "./temporary.ts";
import { stepKinds } from "./toy-steps.ts";

export const toyCatalogPath = new URL("./toy-steps.ts", import.meta.url).href;

export interface ToyRun {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  /** By task id. */
  readonly outcomes: Readonly<Record<string, TaskOutcome>>;
}

export interface ToyProject {
  readonly folder: string;
  readonly workflowPath: string;
  readonly lockPath: string;
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  load(): Promise<Workflow>;
  plan(options?: PlanOptions): Promise<Plan>;
  /** `state` and reasons of a task, e.g. `run: data/a.txt changed 12ab… → 34cd…`. */
  why(task: string, options?: PlanOptions): Promise<string>;
  run(options?: Partial<RunnerOptions>): Promise<ToyRun>;
}

export async function toyProject(
  context: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<ToyProject> {
  const project = openToyProject(await temporaryFolder(context));
  for (const [path, text] of Object.entries(files)) await project.write(path, text);
  return project;
}

const loadStepKind = async (path: string): Promise<StepDescription> =>
  (await import(pathToFileURL(path).href)).default;

/** `variant`: every look at it and run of it is as with `--variant`. */
export function openToyProject(
  folder: string,
  { variant, file = "workflow.yaml" }: { variant?: string; file?: string } = {},
): ToyProject {
  const workflowPath = join(folder, file);
  const load = async () => {
    const loaded = await loadWorkflow(workflowPath, { catalog: stepKinds, loadStepKind, variant });
    if (!loaded.ok) throw new Error(loaded.diagnostics.map(formatDiagnostic).join("\n"));
    return loaded.value;
  };
  const plan = async (options: PlanOptions = {}) => planWorkflow(await load(), options);
  return {
    folder,
    workflowPath,
    lockPath: join(
      folder,
      `${file.replace(".yaml", "")}${variant === undefined ? "" : `@${variant}`}.lock.yaml`,
    ),
    async write(path, text) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    read: (path) => readFile(join(folder, path), "utf8"),
    remove: (path) => rm(join(folder, path), { recursive: true }),
    load,
    plan,
    async why(id, options) {
      const task = (await plan(options)).tasks.find((each) => each.id === id);
      return task ? [task.state, task.reasons.map(({ text }) => text).join("; ")].join(": ") : "no such task";
    },
    async run(options = {}) {
      const events: RunEvent[] = [];
      const sink = (event: RunEvent) => {
        events.push(event);
        options.sink?.(event);
      };
      const summary = await runWorkflow(await load(), { catalogPath: toyCatalogPath, ...options, sink });
      const ends = events.filter((event) => event.type === "task-ended");
      return {
        summary,
        events,
        outcomes: Object.fromEntries(ends.map(({ task, outcome }) => [task, outcome])),
      };
    },
  };
}

/** Two texts through `shout`, then `measure` a row and `join` the table. */
export const shoutFiles = {
  "data/a.txt": "one\n",
  "data/b.txt": "three\n",
  "workflow.yaml": `
version: 1
name: toy
classes:
  1: {name: ribosome, radius: 10}
tomograms:
  - {id: a, text: data/a.txt, split: train}
  - {id: b, text: data/b.txt, split: valid}
params: {suffix: "!"}
steps:
  shout: {uses: shout, from: tomograms, with: {suffix: "\${params.suffix}"}}
  measure: {uses: measure, from: shout}
  join: {uses: join, from: shout}
`,
};

/** Two texts spelt into folders, which are then listed. */
export const folderFiles = {
  "data/a.txt": "one\n",
  "data/b.txt": "three\n",
  "workflow.yaml": `
version: 1
name: toy
tomograms:
  - {id: a, text: data/a.txt}
  - {id: b, text: data/b.txt}
params: {odd: none}
steps:
  spell: {uses: spell, from: tomograms, with: {odd: "\${params.odd}"}}
  list: {uses: list, from: spell}
`,
};
