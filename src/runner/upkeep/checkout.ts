/**
 * Puts the files that the lock names back into the working tree, from the cache: after `git checkout` of another
 * revision its results come back without a run. What was edited by hand is kept beside.
 */
import { lstat } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, resolve, sep } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { placeFinder } from "../../schema/checks/real-place.ts";
import { didYouMean } from "../../schema/text/suggest.ts";
import type { Workflow, WorkflowStep } from "../../schema/workflow.ts";
import { Lock, type LockedFile } from "../lock/lock.ts";
import { sameContent } from "../store/content.ts";
import { type Layout, layoutOf, prepareLayout, toProjectPath } from "../store/layout.ts";
import { linkedBlob } from "../store/links.ts";
import { setAside } from "../store/set-aside.ts";
import { StatCache } from "../store/stat-cache.ts";
import { openStore, type Store } from "../store/store.ts";
import { giveToWorkingTree } from "../store/working-copy.ts";

/** A result of the lock file, and whether it is in its place now. */
export interface CheckedOutFile {
  readonly task: string;
  readonly port: string;
  /** Relative to the project where it lies inside. */
  readonly path: string;
  /** `same`: it was there already; `absent`: neither there nor in the cache, or damaged there. */
  readonly outcome: "same" | "restored" | "absent";
  /** Bytes. */
  readonly size: number;
  /** Where what was edited by hand is now, relative to the project. */
  readonly keptAs?: string;
}

/** Which results to put back. */
export interface CheckoutOptions {
  /** Tasks (`train`, `segment@t2`, a step with all its rows) or paths of files or folders; everything when not given. */
  readonly only?: readonly string[];
}

/** Where steps put their results. */
interface SteppedFolders {
  readonly steps?: readonly Pick<WorkflowStep, "outputFolder">[];
}

interface Place {
  readonly layout: Layout;
  readonly store: Store;
  readonly contents: StatCache;
  readonly link: Workflow["cache"]["link"];
}

interface Wanted {
  readonly task: string;
  readonly port: string;
  readonly file: LockedFile;
}

/**
 * Returns what became of each file, in the order of the lock. Throws `no-lock`, `unknown-output`, `lock-conflict`,
 * `lock-unreadable` and explained system errors.
 */
export async function checkoutLock(
  workflow: Pick<Workflow, "path" | "folder" | "variant" | "cache"> & SteppedFolders,
  { only = [] }: CheckoutOptions = {},
): Promise<readonly CheckedOutFile[]> {
  const layout = layoutOf(workflow);
  const wanted = chooseFiles(await Lock.open(layout.lock), layout, only);
  const outs = outsideFolders(workflow);
  const placeOf = placeFinder();
  for (const { file } of wanted) checkPath(file.path, { layout, outs, placeOf });
  await prepareLayout(layout);
  const contents = await StatCache.open(layout.statCache);
  try {
    const place = { layout, contents, store: openStore(layout, contents), link: workflow.cache.link };
    const files: CheckedOutFile[] = [];
    for (const each of wanted) files.push(await checkoutFile(each, place));
    return files;
  } finally {
    await contents.close();
  }
}

/** Those that the workflow names as they are, not by what links make of them. */
const outsideFolders = ({
  steps = [],
  folder,
}: SteppedFolders & Pick<Workflow, "folder">): readonly string[] =>
  steps.map(({ outputFolder }) => outputFolder).filter((path) => !isWithin(path, folder));

function chooseFiles(lock: Lock, layout: Layout, only: readonly string[]): readonly Wanted[] {
  const all = lock.ids.flatMap((task) =>
    Object.entries(lock.get(task)!.outputs).map(([port, file]) => ({ task, port, file })),
  );
  if (all.length === 0)
    throw new TomoflowError("no-lock", `${layout.lock} names no results`, {
      hint: "tomoflow run makes them; get the lock file of another revision with git checkout",
    });
  if (only.length === 0) return all;
  const chosen = only.map((name) => {
    const matching = all.filter((wanted) => isNamed(wanted, name, layout));
    if (matching.length === 0) throw unknownOutput(name, lock);
    return matching;
  });
  const names = new Set(chosen.flat());
  return all.filter((wanted) => names.has(wanted));
}

function isNamed({ task, file }: Wanted, name: string, layout: Layout): boolean {
  if (task === name || task.split("@")[0] === name) return true;
  const [path, asked] = [resolve(layout.project, file.path), resolve(name)];
  return path === asked || path.startsWith(`${asked}/`);
}

function unknownOutput(name: string, lock: Lock): TomoflowError {
  const steps = [...new Set(lock.ids.map((id) => id.split("@")[0]!))];
  return new TomoflowError("unknown-output", `the lock has no task and no file ${name}`, {
    hint:
      didYouMean(name, [...steps, ...lock.ids]) ??
      `name a step (${steps.join(", ")}), a task or a file of results`,
  });
}

/**
 * A lock comes with git, from anyone: a path in it lies in the project, links followed, or in a folder that the workflow
 * itself names with `out`.
 */
function checkPath(
  path: string,
  { layout, outs, placeOf }: { layout: Layout; outs: readonly string[]; placeOf: (path: string) => string },
): void {
  const [target, project] = [placeOf(dirname(resolve(layout.project, path))), placeOf(layout.project)];
  const isTidy = isAbsolute(path) || (normalize(path) === path && !path.startsWith(".."));
  const isOurs = isWithin(target, join(project, ".tomoflow"));
  if (isTidy && !isOurs && [project, ...outs.map(placeOf)].some((folder) => isWithin(target, folder))) return;
  const where =
    isAbsolute(path) || target === dirname(resolve(project, path)) ? "" : `, by a link to ${target},`;
  const what = isOurs ? "in the cache itself" : "outside the project";
  throw new TomoflowError("lock-unreadable", `${layout.lock} names the file ${path}${where} ${what}`, {
    hint: "look at what changed the lock; if the results belong there, name the folder with out in the workflow",
  });
}

const isWithin = (path: string, folder: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);

async function checkoutFile({ task, port, file }: Wanted, place: Place): Promise<CheckedOutFile> {
  const { layout, store, contents } = place;
  const target = resolve(layout.project, file.path);
  const told = { task, port, path: file.path, size: file.size };
  const there = await contents.contentOf(target);
  if (sameContent(there, file)) return { ...told, outcome: "same" };
  if (!(await store.has(file)) || !(await store.isSound(file))) return { ...told, outcome: "absent" };
  const isOurs = there === undefined || (await store.has(there)) || (await isForeignLink(target, layout));
  const kept = isOurs ? undefined : await setAside(target, there.sha256, { layout, taskId: task });
  await giveToWorkingTree(file, target, place);
  return {
    ...told,
    outcome: "restored",
    ...(kept !== undefined && { keptAs: toProjectPath(layout, kept) }),
  };
}

/** The content of a user's own link lies elsewhere and stays; an edit through one of ours lies in the cache, where it does not. */
const isForeignLink = async (path: string, layout: Layout): Promise<boolean> =>
  (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true &&
  (await linkedBlob(path, layout)) === undefined;
