/** Jobs on a Slurm cluster. Slurm queues, places and watches over them; tomoflow writes down what it wants and listens to files. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { warningDiagnostic } from "../../../../core/diagnostic.ts";
import type { SlurmSettings } from "../../../../schema/slurm/slurm-settings.ts";
import { pause } from "../../../claims/pause.ts";
import type {
  Executor,
  ExecutorOptions,
  JobListener,
  OpenExecutor,
  SubmittedJob,
  WatchedJob,
} from "../../../executor.ts";
import { writeDurably } from "../../../store/durable.ts";
import {
  type BatchPlace,
  batchesFolder,
  batchFiles,
  jobNumber,
  readPlace,
  removeBatch,
  withdraw,
} from "./batch.ts";
import { type BatchFolder, watchBatchFolder } from "./batch-folder.ts";
import { findJob, openQueueView, type QueueView } from "./queue-view.ts";
import { watchSlurmJob } from "./slurm-job.ts";
import { cancelJobs, elementId, giveUp, Submissions } from "./submissions.ts";
import { workerWords } from "./worker-words.ts";

export interface SlurmOptions {
  readonly settings: SlurmSettings;
  /** Told at the end how often Slurm was asked, by command. */
  readonly onClosed?: (calls: Readonly<Record<string, number>>) => void;
}

export const slurmExecutor =
  (slurm: SlurmOptions): OpenExecutor =>
  (options) =>
    new SlurmExecutor(slurm, options);

interface LiveJob {
  readonly id: string;
  readonly folder: string;
  isToEnd: boolean;
  isTakenOut: boolean;
  hasStarted: () => boolean;
}

/** What is known of a batch that an earlier head submitted, or was about to. */
interface FoundBatch {
  readonly number: string;
  /** Elements that had not begun do nothing any more. */
  readonly withdrawn: boolean;
}

class SlurmExecutor implements Executor {
  readonly name = "slurm";
  readonly capacity = "queues";
  readonly outlivesHead = true;
  readonly keepsTime = true;
  readonly #slurm: SlurmOptions;
  /** Of the batches, absolute; every node sees it. */
  readonly #batches: string;
  readonly #submissions: Submissions;
  readonly #view: QueueView;
  readonly #kill: AbortSignal;
  readonly #tell: (text: string) => void;
  readonly #live = new Set<LiveJob>();
  readonly #folders = new Map<string, BatchFolder>();
  readonly #found = new Map<string, Promise<FoundBatch | undefined>>();
  readonly #badNodes = new Set<string>();
  #cancelTimer: NodeJS.Timeout | undefined;

  constructor(slurm: SlurmOptions, { folder, project, catalogPath, kill, tell }: ExecutorOptions) {
    this.#slurm = slurm;
    this.#tell = (text) => tell(warningDiagnostic("slurm-away", text));
    this.#kill = kill;
    this.#batches = batchesFolder(project);
    const { settings } = slurm;
    const { pollSeconds } = settings;
    const onTrouble = (text: string) => this.#tell(text);
    this.#view = openQueueView({ pollSeconds, onTrouble });
    this.#submissions = new Submissions({
      ...{ settings, workflow: project.name, folder, batches: this.#batches },
      ...{ pollSeconds, badNodes: this.#badNodes, onTrouble },
      workerOf: (needs) => workerWords(needs, catalogPath),
    });
    kill.addEventListener("abort", () => {
      for (const job of this.#live) this.#cancel(job);
    });
  }

  submit(request: Parameters<Executor["submit"]>[0]): Promise<string> {
    return this.#submissions.add(request);
  }

  async attach(job: SubmittedJob, listener: JobListener): Promise<WatchedJob | undefined> {
    const place = await readPlace(job.folder);
    if (place === undefined) return undefined;
    const batchFolder = join(this.#batches, place.batch);
    const id = job.id ?? (await this.#idOf(place, batchFolder));
    if (id === undefined) return undefined;
    const live: LiveJob = {
      ...{ id, folder: job.folder, isToEnd: false, isTakenOut: false },
      hasStarted: () => false,
    };
    this.#live.add(live);
    const batch = this.#folders.get(batchFolder) ?? watchBatchFolder(batchFolder);
    this.#folders.set(batchFolder, batch);
    const { hasStarted, ...watched } = watchSlurmJob({
      ...{ id, folder: job.folder, place, batchFolder, batch, listener, view: this.#view },
      lateSeconds: this.#slurm.settings.lateSeconds,
      cancel: () => this.#cancel(live),
      isTakenOut: () => live.isTakenOut,
      onBadNode: (node) => this.#distrust(node),
    });
    live.hasStarted = hasStarted;
    const end = watched.end.finally(() => this.#live.delete(live));
    return { ...watched, end };
  }

  forgetCode(): void {}

  async close(): Promise<void> {
    this.#view.close();
    await Promise.all([...this.#folders.keys()].map(removeIfDone));
    await removeForgotten(this.#batches);
    this.#slurm.onClosed?.({ sbatch: this.#submissions.calls, ...this.#view.calls });
  }

  /** The id of a job that was written down without one: its head died around the call of sbatch. */
  async #idOf(place: BatchPlace, folder: string): Promise<string | undefined> {
    const { batch, element, elements, since } = place;
    const finding = this.#found.get(batch) ?? this.#findBatch(folder, batch, since);
    this.#found.set(batch, finding);
    const found = await finding;
    if (found === undefined) return undefined;
    if (found.withdrawn && !(await hasBegun(folder, element))) return undefined;
    return elementId(found.number, element, elements);
  }

  async #findBatch(folder: string, name: string, since: number): Promise<FoundBatch | undefined> {
    const said = jobNumber(await readFile(batchFiles(folder).answer, "utf8").catch(() => ""));
    const known = said ?? (await startedNumber(folder)) ?? (await this.#ask(name, since));
    if (known !== undefined) return { number: known, withdrawn: false };
    // sbatch may still be under way, and nobody can tell: what it submits shall do nothing
    await withdraw(folder);
    const late = await startedNumber(folder);
    if (late !== undefined) return { number: late, withdrawn: true };
    await giveUp(folder, name);
    return undefined;
  }

  async #ask(name: string, since: number): Promise<string | undefined> {
    for (;;) {
      const found = await findJob(name, since);
      if (found !== undefined) return found === "none" ? undefined : found;
      this.#tell("Slurm does not answer: whether the jobs of an earlier run are there is asked again");
      await pause(this.#slurm.settings.pollSeconds * 1000, this.#kill);
    }
  }

  /** Where one node after the other fails it is not the nodes. */
  #distrust(node: string | undefined): void {
    if (node === undefined || this.#badNodes.size >= mostBadNodes) this.#badNodes.clear();
    if (node !== undefined) this.#badNodes.add(node);
  }

  #cancel(job: LiveJob): void {
    job.isToEnd = true;
    this.#cancelTimer ??= setTimeout(() => void this.#cancelAll(), 100);
  }

  /** One scancel for all. Of a job that has others' tasks too, only a task that has not begun is taken out. */
  async #cancelAll(): Promise<void> {
    this.#cancelTimer = undefined;
    const jobs = [...this.#live];
    const wanted = new Set(jobs.filter(({ isToEnd }) => !isToEnd).map(({ id }) => id));
    const toEnd = jobs.filter(({ isToEnd, isTakenOut }) => isToEnd && !isTakenOut);
    const isShared = (job: LiveJob) => wanted.has(job.id) && !job.hasStarted();
    for (const job of toEnd.filter(isShared)) {
      await writeDurably(join(job.folder, ".job", "withdrawn"), "").catch(() => undefined);
      job.isTakenOut = true;
    }
    const ids = [...new Set(toEnd.filter((job) => !job.isTakenOut).map(({ id }) => id))];
    if (ids.length === 0) return;
    const { code, stderr } = await cancelJobs(ids);
    this.#view.hurry();
    // jobs that are over already are none to be cancelled
    if (code === 0 || /invalid job id|already completed/i.test(stderr)) return;
    this.#cancelTimer ??= setTimeout(() => void this.#cancelAll(), this.#slurm.settings.pollSeconds * 1000);
  }
}

/** Nodes that are left out at a time. */
const mostBadNodes = 8;

/** The number of the batch's job, as one of its elements wrote it when it started. */
async function startedNumber(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names.filter((each) => /^started-\d+$/.test(each))) {
    const id = /^(\d+)/.exec(await readFile(join(folder, name), "utf8").catch(() => ""))?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}

/** The element has started, and did not find that it was withdrawn. */
async function hasBegun(folder: string, element: number): Promise<boolean> {
  const [started, ended] = await Promise.all(
    [`started-${element}`, `ended-${element}`].map((name) =>
      readFile(join(folder, name), "utf8").catch(() => undefined),
    ),
  );
  return started !== undefined && ended?.trim() !== "withdrawn";
}

/** Removes old batches of heads that were killed, once nobody has an attempt of theirs any more. */
async function removeForgotten(batches: string): Promise<void> {
  const names = await readdir(batches).catch(() => [] as string[]);
  for (const folder of names.map((name) => join(batches, name))) {
    const stats = await stat(folder).catch(() => undefined);
    if (stats !== undefined && Date.now() - stats.mtimeMs > 86_400_000) await removeIfDone(folder);
  }
}

/** Removes the folder of a batch of whose attempts none is left. */
async function removeIfDone(folder: string): Promise<void> {
  const lines = (await readFile(batchFiles(folder).tasks, "utf8").catch(() => "")).split("\n");
  const attempts = lines.flatMap((line) => /^\d+ \d+ (.+)$/.exec(line)?.[1] ?? []);
  const places = await Promise.all(attempts.map(readPlace));
  if (places.some((place) => place !== undefined && folder.endsWith(`/${place.batch}`))) return;
  await removeBatch(folder).catch(() => undefined);
}
