/** Records of tasks by what they made: in the lock at hand, the other locks beside it, and those that git keeps. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type LockedTask, parseLock } from "../lock/lock.ts";
import type { Project } from "../project.ts";
import { fileAt, git } from "../revisions/git.ts";
import { isFolder } from "../store/content.ts";
import { toProjectPath } from "../store/layout.ts";
import type { Manifest } from "../store/store.ts";

export interface TaskRecord {
  readonly id: string;
  /** The output port that made the file asked for. */
  readonly port: string;
  readonly task: LockedTask;
  /** Name of the lock file. */
  readonly lock: string;
  /** Full hash, when the record stands in a commit and no longer in the folder. */
  readonly commit?: string;
}

export interface FileWanted {
  readonly sha256: string;
  /** As the locks write it; of several tasks that made the same content the one with this path is meant. */
  readonly path?: string;
}

/** The lock at hand first, then others as they are needed. */
export class Records {
  readonly #project: Project;
  readonly #known: RecordedLock[];
  #othersRead: Promise<void> | undefined;

  constructor(project: Project) {
    this.#project = project;
    const { lock, layout } = project;
    const tasks = new Map(lock.ids.map((id) => [id, lock.get(id)!]));
    this.#known = [recordLock(basename(layout.lock), tasks)];
  }

  /** The task that made this content; undefined when no lock, now or in a commit, tells of one. */
  async makerOf(wanted: FileWanted): Promise<TaskRecord | undefined> {
    return (await this.#makerNow(wanted)) ?? (await this.#searchCommits(wanted));
  }

  /** As `makerOf`; commits are searched only for a file that some task makes, not for every file of the user's own. */
  async makerOfInput(wanted: FileWanted & { readonly path: string }): Promise<TaskRecord | undefined> {
    const now = await this.#makerNow(wanted);
    return now ?? (this.ownerOf(wanted.path) && (await this.#searchCommits(wanted)));
  }

  /** The folder that tasks make or read as a whole and in which the file at `path` lies; undefined where there is none. */
  folderAround(path: string): string | undefined {
    const folders = new Set(this.#known.flatMap(({ folders }) => [...folders]));
    for (let above = dirname(path); above !== dirname(above); above = dirname(above))
      if (folders.has(above)) return above;
    return undefined;
  }

  /** The task that should make the file at `path`, whatever it holds now. */
  ownerOf(path: string): TaskRecord | undefined {
    return this.#known.find(({ byPath }) => byPath.has(path))?.byPath.get(path);
  }

  /** Tasks of the lock at hand that read the file, with its roles: `target@t0 (objects)`. */
  readersOf({ sha256, path }: { sha256?: string; path: string }): readonly string[] {
    const isIt = (file: { path: string; sha256: string }) => file.path === path || file.sha256 === sha256;
    return [...this.#known[0]!.tasks].flatMap(([id, { inputs }]) => {
      const roles = Object.entries(inputs).filter(([, file]) => isIt(file));
      return roles.length > 0 ? [`${id} (${roles.map(([role]) => role).join(", ")})`] : [];
    });
  }

  /** What the cache knows of a content whose record no lock keeps any more. */
  async cachedMakerOf(sha256: string): Promise<{ manifest: Manifest; port: string } | undefined> {
    const { manifests } = this.#project.layout;
    const names = await readdir(manifests, { recursive: true }).catch(() => [] as string[]);
    for (const name of names.filter((each) => each.endsWith(".json"))) {
      const text = await readFile(join(manifests, name), "utf8").catch(() => "");
      if (!text.includes(sha256)) continue;
      const manifest = JSON.parse(text) as Manifest;
      const port = Object.entries(manifest.outputs).find(([, file]) => file.sha256 === sha256)?.[0];
      if (port !== undefined) return { manifest, port };
    }
    return undefined;
  }

  async #makerNow(wanted: FileWanted): Promise<TaskRecord | undefined> {
    const found = findIn(this.#known, wanted);
    if (found) return found;
    this.#othersRead ??= readOtherLocks(this.#project).then((locks) => void this.#known.push(...locks));
    await this.#othersRead;
    return findIn(this.#known, wanted);
  }

  /** The last commit in which the content came or went; without git there is none. */
  async #searchCommits(wanted: FileWanted): Promise<TaskRecord | undefined> {
    const { project: folder } = this.#project.layout;
    const words = ["log", "-2", `-S${wanted.sha256}`, "--format=%H", "--", ":(glob)*.lock.yaml"];
    const commits = (await git(folder, words).catch(() => "")).split("\n").filter(Boolean);
    for (const commit of commits) {
      const locks = await locksAt(folder, commit);
      const found = findIn(locks, wanted);
      if (!found) continue;
      this.#known.push(...locks);
      return found;
    }
    return undefined;
  }
}

type Tasks = ReadonlyMap<string, LockedTask>;

interface RecordedLock {
  readonly tasks: Tasks;
  readonly byHash: ReadonlyMap<string, readonly TaskRecord[]>;
  readonly byPath: ReadonlyMap<string, TaskRecord>;
  /** Paths of inputs and outputs that are folders. */
  readonly folders: ReadonlySet<string>;
}

function recordLock(lock: string, tasks: Tasks, commit?: string): RecordedLock {
  const byHash = new Map<string, TaskRecord[]>();
  const byPath = new Map<string, TaskRecord>();
  for (const [id, task] of tasks)
    for (const [port, { sha256, path }] of Object.entries(task.outputs)) {
      const record = { id, port, task, lock, ...(commit !== undefined && { commit }) };
      byPath.set(path, record);
      const same = byHash.get(sha256);
      if (same) same.push(record);
      else byHash.set(sha256, [record]);
    }
  const files = [...tasks.values()].flatMap(({ inputs, outputs }) =>
    [inputs, outputs].flatMap((each) => Object.values(each)),
  );
  return { tasks, byHash, byPath, folders: new Set(files.filter(isFolder).map(({ path }) => path)) };
}

function findIn(locks: readonly RecordedLock[], { sha256, path }: FileWanted): TaskRecord | undefined {
  const found = locks.flatMap(({ byHash }) => byHash.get(sha256) ?? []);
  return found.find(({ task, port }) => task.outputs[port]!.path === path) ?? found[0];
}

/** Locks of variants and of other workflows in the folder; one that cannot be read is passed over. */
async function readOtherLocks({ layout }: Project): Promise<readonly RecordedLock[]> {
  const names = (await readdir(layout.project)).filter((name) => name.endsWith(".lock.yaml")).sort();
  const others = names.filter((name) => toProjectPath(layout, layout.lock) !== name);
  const locks = await Promise.all(
    others.map(async (name) => lockFrom(name, await readFile(join(layout.project, name), "utf8"))),
  );
  return locks.filter((lock) => lock !== undefined);
}

async function locksAt(folder: string, commit: string): Promise<readonly RecordedLock[]> {
  const listed = await git(folder, ["ls-tree", "--name-only", commit]).catch(() => "");
  const names = listed.split("\n").filter((name) => name.endsWith(".lock.yaml"));
  const locks = await Promise.all(
    names.map(async (name) => {
      const text = await fileAt(folder, commit, name);
      return text === undefined ? undefined : lockFrom(name, text, commit);
    }),
  );
  return locks.filter((lock) => lock !== undefined);
}

function lockFrom(name: string, text: string, commit?: string): RecordedLock | undefined {
  try {
    return recordLock(name, parseLock(name, text), commit);
  } catch {
    return undefined;
  }
}
