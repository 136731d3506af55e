/** Lays locks side by side: with which parameters and data results were made, and how good they are. */
import { TomoflowError } from "../../core/error.ts";
import type { TaskMetrics } from "../record/history.ts";
import { commitOf } from "./git.ts";
import { type Leaf, leavesOf } from "./leaves.ts";
import { type LockedTasks, lockIn, lockNow, metricsOf, type WorkflowPlace } from "./lock-at.ts";
import { parametersOf } from "./lock-parameters.ts";

/** One side of a comparison: a commit, the working tree, or a variant of one. */
export interface ComparedSide {
  /** `HEAD~1`, `working tree`, `wide`. */
  readonly label: string;
  /** Full hash; absent for the working tree. */
  readonly commit?: string;
  readonly variant?: string;
  /** By task id, then by output port. */
  readonly metrics: Readonly<Record<string, TaskMetrics>>;
}

/** One value over all sides. */
export interface ComparedValue {
  /** `cluster.radius`, `segment@t2.bias` where the rows of a step differ, `data/t0.xml`, `evaluate.metrics.macro.f1`. */
  readonly name: string;
  /** One a side; null where that side has none. */
  readonly values: readonly Leaf[];
  readonly differs: boolean;
}

/** What differs between revisions or variants of a workflow, and what does not. */
export interface LockComparison {
  readonly sides: readonly ComparedSide[];
  /** Parameters, class fields and rows of every step, its engine and the version of tomoflow; those that differ first. */
  readonly parameters: readonly ComparedValue[];
  /** Files that no task made, by path: their SHA-256. Those that differ first. */
  readonly data: readonly ComparedValue[];
  readonly metrics: readonly ComparedValue[];
}

/** Which revisions or variants to compare. */
export interface CompareOptions {
  /** None: the commit checked out; one: that against the working tree; two: against each other. */
  readonly revisions?: readonly string[];
  /** None: the plain workflow; one alone: that against the plain workflow; more: against each other. */
  readonly variants?: readonly string[];
}

/**
 * Compares what the locks tell. Throws `compare-what` for a choice that makes no sense, `no-lock`, `not-in-revision`,
 * `unknown-revision`, and what git and a lock throw.
 */
export async function compareLocks(
  place: WorkflowPlace,
  options: CompareOptions = {},
): Promise<LockComparison> {
  const sides: Awaited<ReturnType<typeof openSide>>[] = [];
  for (const choice of chooseSides(options)) sides.push(await openSide(place, choice));
  const column = (valuesOf: (tasks: LockedTasks) => ReadonlyMap<string, Leaf>) =>
    sideBySide(sides.map(({ tasks }) => valuesOf(tasks)));
  return {
    sides: sides.map(({ side }) => side),
    parameters: sideBySide(parametersOf(sides.map(({ tasks }) => tasks))),
    data: column(dataOf),
    metrics: column((tasks) => leavesOf(metricsOf(tasks), "")),
  };
}

interface Choice {
  readonly revision?: string;
  readonly variant?: string;
}

function chooseSides({ revisions = [], variants = [] }: CompareOptions): readonly Choice[] {
  const names = [...new Set(variants)];
  if (revisions.length > 2 || (revisions.length === 2 && names.length > 1))
    throw new TomoflowError("compare-what", "that is too much to compare", {
      hint: "two revisions, or some variants in one revision: compare HEAD~1 main, compare --variant a --variant b",
    });
  const [variant] = names;
  if (revisions.length === 2) return revisions.map((revision) => ({ revision, variant }));
  const [revision] = revisions;
  if (names.length > 1) return names.map((name) => ({ revision, variant: name }));
  if (revision !== undefined) return [{ revision, variant }, { variant }];
  return variant === undefined ? [{ revision: "HEAD" }, {}] : [{}, { variant }];
}

async function openSide(
  place: WorkflowPlace,
  { revision, variant }: Choice,
): Promise<{ side: ComparedSide; tasks: LockedTasks }> {
  const own = { path: place.path, folder: place.folder, ...(variant !== undefined && { variant }) };
  const commit = revision === undefined ? undefined : await commitOf(place.folder, revision);
  const tasks =
    commit === undefined ? await lockNow(own) : await lockIn(own, { commit, revision: revision! });
  const label = [variant, revision].filter((part) => part !== undefined).join(" in ") || "working tree";
  const side = {
    label,
    ...(commit !== undefined && { commit }),
    ...(variant !== undefined && { variant }),
    metrics: metricsOf(tasks),
  };
  return { side, tasks };
}

/** Inputs that are no output of the same lock. */
function dataOf(tasks: LockedTasks): ReadonlyMap<string, Leaf> {
  const made = new Set(
    [...tasks.values()].flatMap(({ outputs }) => Object.values(outputs).map(({ path }) => path)),
  );
  const inputs = [...tasks.values()].flatMap((task) => Object.values(task.inputs));
  return new Map(
    inputs
      .filter(({ path }) => !made.has(path))
      .map(({ path, sha256, part }) => [part === undefined ? path : `${path} (${part})`, sha256]),
  );
}

function sideBySide(columns: readonly ReadonlyMap<string, Leaf>[]): readonly ComparedValue[] {
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort();
  const compared = names.map((name) => {
    const values = columns.map((column) => column.get(name) ?? null);
    return { name, values, differs: values.some((value) => value !== values[0]) };
  });
  return [...compared.filter(({ differs }) => differs), ...compared.filter(({ differs }) => !differs)];
}
