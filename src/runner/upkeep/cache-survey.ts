/** What lies under `.tomoflow`, how much of the disk it takes, and what still refers to it. Looking only. */
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { liveLeases } from "../claims/lease.ts";
import { isRunning } from "../claims/process-identity.ts";
import { deadAttempts } from "../execution/attempt.ts";
import { Lock } from "../lock/lock.ts";
import { keyOfLog } from "../record/log-file.ts";
import { listRuns } from "../record/runs/list-runs.ts";
import { type Content, isFolder } from "../store/content.ts";
import type { Layout } from "../store/layout.ts";
import { linkedBlobs } from "../store/links.ts";
import { readManifest } from "../store/read-manifest.ts";
import { readTree } from "../store/tree.ts";

/** Something that can be removed on its own. */
export interface StoredThing {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970: when it was made or last of use. */
  readonly usedMilliseconds: number;
}

export interface StoredResult extends StoredThing {
  readonly key: string;
  readonly kind: string;
  readonly lineage: string | undefined;
  /** SHA-256 of each output; of a folder its list and all of its files. */
  readonly blobs: readonly string[];
}

export interface StoredLog extends StoredThing {
  readonly task: string;
  /** Of the result that the attempt worked at; absent in logs of the first version. */
  readonly key?: string;
  /** The newest of its task. */
  readonly isLast: boolean;
}

export interface StoredRun extends StoredThing {
  /** Among the last of its workflow and variant. */
  readonly isRecent: boolean;
}

export interface CacheSurvey {
  readonly results: readonly StoredResult[];
  /** By SHA-256. */
  readonly blobs: ReadonlyMap<string, StoredThing>;
  /** By lineage. */
  readonly checkpoints: ReadonlyMap<string, StoredThing>;
  readonly logs: readonly StoredLog[];
  /** Of volumes, for the studio: made again when they are missed. */
  readonly slices: readonly StoredThing[];
  /** Journals of lists that no server has open, and lists as they were before the studio wrote them first. */
  readonly studio: readonly StoredThing[];
  /** Records of runs that have ended. */
  readonly runs: readonly StoredRun[];
  /** Folders of attempts, and of slices half made, whose process is gone. */
  readonly deadAttempts: readonly StoredThing[];
  /** Of all lock files in the project's folder. */
  readonly locked: {
    readonly keys: ReadonlySet<string>;
    readonly blobs: ReadonlySet<string>;
    readonly tasks: ReadonlySet<string>;
  };
  /** SHA-256 of blobs that working copies are symbolic links to: without them these would hang in the air. */
  readonly linkedBlobs: ReadonlySet<string>;
  /** Lineages of tasks that are at work, in this run or another. */
  readonly liveLineages: ReadonlySet<string>;
}

/** Throws `lock-conflict`, `lock-unreadable`: what a lock refers to must be known before anything may go. */
export async function surveyCache(layout: Layout): Promise<CacheSurvey> {
  // leases first: what a run publishes after this look is newer than anything below
  const liveLineages = new Set((await liveLeases(layout.leases)).keys());
  const locked = await readLocks(layout);
  const slices = await foldersIn(layout.slices);
  return {
    liveLineages,
    locked,
    linkedBlobs: await linkedBlobs(layout),
    results: await surveyResults(layout),
    blobs: new Map(
      (await filesBelow(layout.blobs)).map((thing): [string, StoredThing] => [basename(thing.path), thing]),
    ),
    checkpoints: new Map((await foldersIn(layout.checkpoints)).map((thing) => [basename(thing.path), thing])),
    logs: await surveyLogs(layout.allLogs),
    runs: await surveyRuns(layout),
    slices: slices.filter(({ path }) => makerOf(path) === undefined),
    studio: await surveyStudio(layout.studio),
    deadAttempts: [
      ...(await Promise.all((await deadAttempts(layout.attempts)).map(wholeFolder))),
      ...slices.filter(isLeftHalfMade),
    ],
  };
}

async function readLocks(layout: Layout): Promise<CacheSurvey["locked"]> {
  const [keys, blobs, tasks] = [0, 1, 2].map(() => new Set<string>());
  for (const name of await namesIn(layout.project)) {
    if (!name.endsWith(".lock.yaml")) continue;
    const lock = await Lock.open(join(layout.project, name));
    for (const id of lock.ids) {
      const { key, outputs } = lock.get(id)!;
      keys!.add(key);
      tasks!.add(id);
      for (const content of Object.values(outputs))
        for (const blob of await blobsOf(content, layout)) blobs!.add(blob);
    }
  }
  return { keys: keys!, blobs: blobs!, tasks: tasks! };
}

/** SHA-256 of the file; of a folder its list and all of its files. */
async function blobsOf(content: Content, { blobs }: Layout): Promise<readonly string[]> {
  const { sha256 } = content;
  if (!isFolder(content)) return [sha256];
  const files = (await readTree(join(blobs, sha256.slice(0, 2), sha256))) ?? [];
  return [...new Set([sha256, ...files.map((file) => file.sha256)])];
}

async function surveyResults(layout: Layout): Promise<readonly StoredResult[]> {
  const found = (await filesBelow(layout.manifests)).filter(({ path }) => path.endsWith(".json"));
  const results = await Promise.all(
    found.map(async (thing): Promise<StoredResult | undefined> => {
      const manifest = await readManifest(thing.path);
      if (manifest === undefined) return undefined;
      const { key, kind, lineage, outputs } = manifest;
      const blobs = await Promise.all(Object.values(outputs).map((content) => blobsOf(content, layout)));
      return { ...thing, key, kind, lineage, blobs: blobs.flat() };
    }),
  );
  return results.filter((result) => result !== undefined);
}

/** Of every workflow: `<workflow>/<task>/<n>.log`. */
async function surveyLogs(folder: string): Promise<readonly StoredLog[]> {
  const logs: StoredLog[] = [];
  for (const workflow of await namesIn(folder))
    for (const task of await namesIn(join(folder, workflow)))
      logs.push(...(await surveyTask(task, join(folder, workflow, task))));
  return logs;
}

async function surveyTask(task: string, folder: string): Promise<readonly StoredLog[]> {
  const numberOf = ({ path }: StoredThing) => Number.parseInt(basename(path), 10);
  const own = (await filesIn(folder)).filter(({ path }) => path.endsWith(".log"));
  const last = Math.max(...own.map(numberOf));
  return Promise.all(
    own.map(async (thing) => {
      const key = await keyOfLog(thing.path);
      return { ...thing, task, isLast: numberOf(thing) === last, ...(key !== undefined && { key }) };
    }),
  );
}

/** Runs of each workflow and variant whose records stay however old they are. */
const recentRuns = 10;

async function surveyRuns(layout: Layout): Promise<readonly StoredRun[]> {
  const files = new Map((await filesIn(layout.runs)).map((thing) => [basename(thing.path, ".jsonl"), thing]));
  const seen = new Map<string, number>();
  return (await listRuns(layout)).flatMap(({ id, asked, state }) => {
    const workflow = JSON.stringify([asked.workflowPath, asked.variant]);
    const newer = seen.get(workflow) ?? 0;
    seen.set(workflow, newer + 1);
    const thing = files.get(id);
    return thing && state !== "running" ? [{ ...thing, isRecent: newer < recentRuns }] : [];
  });
}

/** Slices are made in a folder beside, named after the process. */
function makerOf(path: string): number | undefined {
  const number = /\.part-(\d+)-\d+$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The process may be of another machine, on the same disk: one that works writes all the time. */
const quietMilliseconds = 10 * 60_000;

function isLeftHalfMade({ path, usedMilliseconds }: StoredThing): boolean {
  const maker = makerOf(path);
  return maker !== undefined && !isRunningHere(maker) && Date.now() - usedMilliseconds > quietMilliseconds;
}

async function surveyStudio(folder: string): Promise<readonly StoredThing[]> {
  const lists = await filesIn(join(folder, "lists"));
  const journals = lists.filter(({ path }) => path.endsWith(".jsonl"));
  const isOpen = await Promise.all(
    journals.map(async ({ path }) => {
      const owner = await readFile(`${path}.claim`, "utf8").catch(() => "");
      return owner !== "" && isRunningHere(Number(owner.split(" ")[0]));
    }),
  );
  return [...journals.filter((_, index) => !isOpen[index]), ...(await filesIn(join(folder, "originals")))];
}

const isRunningHere = (pid: number): boolean =>
  Number.isInteger(pid) && pid > 0 && isRunning({ pid, start: undefined });

/** The files in the folders of `folder`: how blobs and manifests lie. Hidden ones are being written. */
async function filesBelow(folder: string): Promise<StoredThing[]> {
  const groups = await namesIn(folder);
  return (await Promise.all(groups.map((name) => filesIn(join(folder, name))))).flat();
}

async function filesIn(folder: string): Promise<StoredThing[]> {
  const names = (await namesIn(folder)).filter((name) => !name.startsWith("."));
  const things = await Promise.all(
    names.map(async (name): Promise<StoredThing | undefined> => {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (!stats?.isFile()) return undefined;
      return { path, bytes: stats.size, usedMilliseconds: stats.mtimeMs };
    }),
  );
  return things.filter((thing) => thing !== undefined);
}

const foldersIn = async (folder: string): Promise<StoredThing[]> =>
  Promise.all((await namesIn(folder)).map((name) => wholeFolder(join(folder, name))));

/** All that is in a folder; used when the newest file in it was. */
async function wholeFolder(path: string): Promise<StoredThing> {
  const entries = await readdir(path, { recursive: true }).catch(() => [] as string[]);
  const stats = await Promise.all(
    [path, ...entries.map((name) => join(path, name))].map((each) => lstat(each).catch(() => undefined)),
  );
  const files = stats.filter((each) => each?.isFile());
  return {
    path,
    bytes: files.reduce((sum, each) => sum + each!.size, 0),
    usedMilliseconds: Math.max(0, ...stats.map((each) => each?.mtimeMs ?? 0)),
  };
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
