/** Decides the state of one task: pure looking, the same for `plan`, `status` and every moment of `run`. */

import { ownValue } from "../../schema/text/data-path.ts";
import { taskIdOf } from "../../schema/values/bindings.ts";
import { type EnvironmentMask, maskOf } from "../../schema/values/environment-mask.ts";
import type { Reason, TaskState } from "../events.ts";
import type { LockedTask } from "../lock/lock.ts";
import type { Project } from "../project.ts";
import type { Content } from "../store/content.ts";
import type { Manifest } from "../store/store.ts";
import type { Task } from "../tasks/graph.ts";
import { contentsAsLocked } from "../tasks/input-content.ts";
import { type InputFile, inputFiles } from "../tasks/inputs.ts";
import { keysOf, recipeOf, type TaskKeys, type TaskRecipe } from "../tasks/key.ts";
import { matches, type Outputs, outputReasons, workingCopies } from "./outputs.ts";
import { type Comparison, explainChanges, inputName } from "./reasons.ts";

export interface Judgement {
  readonly state: TaskState;
  readonly reasons: readonly Reason[];
  readonly recipe: TaskRecipe;
  readonly inputs: readonly InputFile[];
  /** By input role, of those that are known. */
  readonly contents: ReadonlyMap<string, Content>;
  /** Absent while `pending` or an input is missing. */
  readonly keys?: TaskKeys;
  /** By port; known when `fresh` or `restore`. */
  readonly outputs?: Outputs;
  /** What `restore` takes from the cache. */
  readonly manifest?: Manifest;
  /** Input files that are not there and that no task makes. */
  readonly missing: readonly InputFile[];
  /** Working copies whose content exists nowhere else, by port: edited by hand. */
  readonly edited: Outputs;
}

export interface JudgeOptions {
  /** Outputs of the tasks before, by task id; absent while not known. */
  readonly upstream: ReadonlyMap<string, Outputs>;
  /** Asked for with `--force`: never fresh, never restored. */
  readonly forced: boolean;
  /** Content of a file, or of the part that counts of an input, as of this plan; undefined when there is none. */
  readonly contentOf: (input: Pick<InputFile, "path" | "part">) => Promise<Content | undefined>;
}

export async function judgeTask(task: Task, project: Project, options: JudgeOptions): Promise<Judgement> {
  const { workflow, layout, graph, lock } = project;
  const inputs = inputFiles(task, graph, workflow);
  const { contents, missing } = await contentsOfInputs(inputs, options);
  const recipe = recipeOf(task, workflow);
  const mask = maskOf(workflow.environment);
  // the key is made of the real values; what is recorded and shown is not
  const recorded = mask.recorded(recipe);
  const locked = lock.get(task.id);
  const common = { recipe: recorded, inputs, contents, missing };
  const comparison: Comparison = { task, recipe: recorded, inputs, contents, layout };
  const changes = async () => {
    if (!locked) return firstTime(task, lock.stepsWhenOpened);
    const asLocked = await contentsAsLocked(inputs, contents, { locked, cache: project.contents });
    return explainChanges(
      { ...comparison, ...(asLocked && { contents: asLocked }) },
      maskedLock(locked, mask),
    );
  };

  if (contents.size < inputs.length) {
    const waiting = [...waitingFor(inputs, contents, missing), ...absentInputs(missing, project)];
    const state = missing.length > 0 ? "run" : "pending";
    return { ...common, state, reasons: [...waiting, ...(await changes())], edited: {} };
  }
  const keys = keysOf(task, recipe, contents);
  const otherKey = async () => {
    const asLocked = await contentsAsLocked(inputs, contents, { locked, cache: project.contents });
    return asLocked && keysOf(task, recipe, asLocked).key;
  };
  const found = { ...common, keys, locked, changes, otherKey };
  return options.forced ? forced(task, project, found, options) : decide(task, project, found, options);
}

/** A lock of an earlier version holds the values themselves. */
function maskedLock(locked: LockedTask, { recorded }: EnvironmentMask): LockedTask {
  const { parameters, classes, rows } = locked;
  return { ...locked, ...recorded({ parameters, classes, rows }) };
}

interface Found {
  readonly recipe: TaskRecipe;
  readonly inputs: readonly InputFile[];
  readonly contents: ReadonlyMap<string, Content>;
  readonly missing: readonly InputFile[];
  readonly keys: TaskKeys;
  readonly locked: LockedTask | undefined;
  /** Looked for only when asked: most tasks of a large workflow are fresh. */
  readonly changes: () => Promise<readonly Reason[]>;
  /** The key over other parts of the same files, see `contentsAsLocked`. */
  readonly otherKey: () => Promise<string | undefined>;
}

async function decide(task: Task, project: Project, found: Found, options: JudgeOptions): Promise<Judgement> {
  const { locked, changes, keys, otherKey, ...common } = found;
  const copies = await workingCopies(task, options.contentOf);
  const other = locked?.key === keys.key ? undefined : await otherKey();
  const sameKey = locked !== undefined && [keys.key, other].includes(locked.key);
  if (sameKey && matches(copies, locked.outputs))
    return { ...common, keys, state: "fresh", reasons: [], outputs: locked.outputs, edited: {} };

  const manifest =
    (await project.store.find(keys.key)) ??
    (other === undefined ? undefined : await project.store.find(other));
  const { reasons, edited } = await outputReasons(task, copies, { locked, manifest, project });
  const causes = sameKey ? reasons : [...orOtherRecipe(await changes()), ...reasons];
  if (manifest && samePorts(task, manifest))
    return {
      ...common,
      keys,
      state: "restore",
      reasons: causes,
      outputs: manifest.outputs,
      manifest,
      edited,
    };
  return { ...common, keys, state: "run", reasons: causes, edited };
}

async function forced(task: Task, project: Project, found: Found, options: JudgeOptions): Promise<Judgement> {
  const { locked, changes, keys, otherKey: _, ...common } = found;
  const manifest = await project.store.find(keys.key);
  const copies = await workingCopies(task, options.contentOf);
  const { edited } = await outputReasons(task, copies, { locked, manifest, project });
  return {
    ...common,
    keys,
    state: "run",
    reasons: [{ code: "forced", text: "asked for with --force" }, ...(await changes())],
    edited,
  };
}

async function contentsOfInputs(inputs: readonly InputFile[], { upstream, contentOf }: JudgeOptions) {
  const contents = new Map<string, Content>();
  const missing: InputFile[] = [];
  await Promise.all(
    inputs.map(async (input) => {
      const { role, source } = input;
      const content =
        source.type === "output"
          ? ownValue(upstream.get(taskIdOf(source.step, source.row)), source.output)
          : await contentOf(input);
      if (content) contents.set(role, content);
      else if (source.type === "file") missing.push(input);
    }),
  );
  return { contents, missing };
}

const samePorts = (task: Task, { outputs }: Manifest): boolean =>
  Object.keys(task.binding.outputs).every((port) => Object.hasOwn(outputs, port));

const otherRecipe: Reason = { code: "version", text: "the lock was made by another version of tomoflow" };

const orOtherRecipe = (changes: readonly Reason[]): readonly Reason[] =>
  changes.length > 0 ? changes : [otherRecipe];

function firstTime({ step, binding: { row } }: Task, knownSteps: ReadonlySet<string>): Reason[] {
  return row !== undefined && knownSteps.has(step.id)
    ? [{ code: "row", text: `new row ${row}` }]
    : [{ code: "new", text: "has not run yet" }];
}

function waitingFor(
  inputs: readonly InputFile[],
  contents: ReadonlyMap<string, Content>,
  missing: readonly InputFile[],
): Reason[] {
  const absent = inputs.filter((input) => !contents.has(input.role) && !missing.includes(input));
  const steps = new Map<string, string[]>();
  for (const { source } of absent)
    if (source.type === "output")
      steps.set(source.step, [...(steps.get(source.step) ?? []), taskIdOf(source.step, source.row)]);
  return [...steps].map(([step, tasks]) => {
    const unique = [...new Set(tasks)];
    return {
      code: "upstream",
      text: `waits for ${unique.length === 1 ? unique[0] : `${unique.length} tasks of ${step}`}`,
    };
  });
}

const absentInputs = (missing: readonly InputFile[], { layout }: Project): Reason[] =>
  missing.map((input) => ({ code: "input", text: `${inputName(input, layout)} is missing` }));
