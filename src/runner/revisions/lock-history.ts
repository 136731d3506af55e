/** The metrics of every commit that touched the lock. */
import { basename } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { parseLock } from "../lock/lock.ts";
import type { TaskMetrics } from "../record/history.ts";
import { layoutOf } from "../store/layout.ts";
import { fileAt, git } from "./git.ts";
import { leavesOf } from "./leaves.ts";
import { lockText, metricsOf, type WorkflowPlace } from "./lock-at.ts";

/** A commit that touched the lock file, with the lock as it was then. */
export interface LockRevision {
  /** Full hash; absent for a lock in the folder that is not committed yet. */
  readonly commit?: string;
  /** `2026-11-20T09:30:00+01:00` */
  readonly date?: string;
  readonly author?: string;
  readonly subject?: string;
  /** By task id, then by output port. */
  readonly metrics: Readonly<Record<string, TaskMetrics>>;
  /** Names of the values that are not as in the revision before, e.g. `evaluate.metrics.macro.f1`; none for the first. */
  readonly changed: readonly string[];
  /** The lock of this revision is gone or cannot be read (merge conflict, another version), in words. */
  readonly problem?: string;
}

/**
 * Newest first, at most `limit` commits. Throws `no-history` when no commit holds the lock, and what git throws:
 * `not-in-git`, `git-missing`, `no-commits`.
 */
export async function readLockHistory(
  place: WorkflowPlace,
  { limit = 20 }: { readonly limit?: number } = {},
): Promise<readonly LockRevision[]> {
  const name = basename(layoutOf(place).lock);
  // one more than shown, to tell what changed in the last one shown
  const commits = await commitsOf(place.folder, name, limit + 1);
  if (commits.length === 0)
    throw new TomoflowError("no-history", `no commit holds ${name}`, {
      hint: `commit it after a run: git add ${name} && git commit`,
    });
  const revisions = await Promise.all(commits.map((commit) => readRevision(place.folder, name, commit)));
  const uncommitted = await uncommittedRevision(place, name);
  const all = uncommitted ? [uncommitted, ...revisions] : revisions;
  return all
    .map((revision, index) => ({ ...revision, changed: changesSince(all[index + 1], revision) }))
    .slice(0, limit + (uncommitted ? 1 : 0));
}

type Commit = Required<Pick<LockRevision, "commit" | "date" | "author" | "subject">>;
type Revision = Omit<LockRevision, "changed">;

async function commitsOf(folder: string, name: string, limit: number): Promise<readonly Commit[]> {
  const format = "--format=%H%x00%aI%x00%an%x00%s";
  const text = await git(folder, ["log", `--max-count=${limit}`, format, "--", `./${name}`]);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [commit, date, author, subject] = line.split("\0") as [string, string, string, string];
      return { commit, date, author, subject };
    });
}

async function readRevision(folder: string, name: string, commit: Commit): Promise<Revision> {
  const text = await fileAt(folder, commit.commit, name);
  return { ...commit, ...metricsIn(name, text) };
}

function metricsIn(name: string, text: string | undefined): Pick<LockRevision, "metrics" | "problem"> {
  if (text === undefined) return { metrics: {}, problem: "the lock is deleted here" };
  try {
    return { metrics: metricsOf(parseLock(name, text)) };
  } catch (error) {
    return { metrics: {}, problem: (error as Error).message };
  }
}

/** The lock in the folder, when it is not as in the commit checked out. */
async function uncommittedRevision(place: WorkflowPlace, name: string): Promise<Revision | undefined> {
  const text = await lockText(place);
  if (text === undefined || text === (await fileAt(place.folder, "HEAD", name))) return undefined;
  return metricsIn(name, text);
}

function changesSince(before: Revision | undefined, after: Revision): readonly string[] {
  if (!before) return [];
  const [old, now] = [leavesOf(before.metrics, ""), leavesOf(after.metrics, "")];
  return [...now].filter(([name, value]) => old.get(name) !== value).map(([name]) => name);
}
