/** One task's job, listened to through its files, with what Slurm says of it where they say nothing. */
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Job, JobError } from "../../../../task/job.ts";
import { jobFiles } from "../../../../task/job-folder.ts";
import type { JobEnd, JobListener, WatchedJob } from "../../../executor.ts";
import { followJob, type JobLife } from "../detached-job.ts";
import type { BatchPlace } from "./batch.ts";
import type { BatchFolder } from "./batch-folder.ts";
import { readExit } from "./exit-record.ts";
import { type Evidence, endWithoutWords, troubleOf } from "./explain.ts";
import { isOver } from "./job-states.ts";
import type { QueueView } from "./queue-view.ts";

export interface SlurmJobOptions {
  /** `123_4`. */
  readonly id: string;
  /** Of the attempt, absolute. */
  readonly folder: string;
  readonly place: BatchPlace;
  /** Of the batch, absolute. */
  readonly batchFolder: string;
  readonly batch: BatchFolder;
  readonly view: QueueView;
  readonly lateSeconds: number;
  readonly listener: JobListener;
  /** Asks for its end at once. */
  readonly cancel: () => void;
  /** It was taken out of its job before it began. */
  readonly isTakenOut: () => boolean;
  /** Told when the job has been on a node that cannot be trusted, and without one when there is no node left that it may have. */
  readonly onBadNode: (node: string | undefined) => void;
}

/** Between looks at the files of a task that is at work, and of one that waits for news. */
const [atWorkMilliseconds, idleMilliseconds] = [1000, 30_000];

/** Codes after which the node is not used again. */
const ofNode: ReadonlySet<string> = new Set(["node-failed", "launch-failed"]);

export function watchSlurmJob(options: SlurmJobOptions): WatchedJob & { readonly hasStarted: () => boolean } {
  const job = new SlurmJob(options);
  return { ...job.follow(), hasStarted: () => job.hasStarted };
}

class SlurmJob {
  readonly #options: SlurmJobOptions;
  hasStarted = false;
  #isAsked = false;
  /** When it was first seen to be over. */
  #overAt: number | undefined;
  #wake: () => void = () => undefined;
  #hasNews = false;

  constructor(options: SlurmJobOptions) {
    this.#options = options;
  }

  follow(): WatchedJob {
    const { folder, listener, id, place, view, batch, cancel } = this.#options;
    const onNews = () => this.#noticed();
    const stops = [view.watch({ id, since: place.since, onNews }), batch.watch(onNews)];
    const watched = followJob(folder, {
      listener: {
        ...listener,
        onStarted: (start) => {
          this.hasStarted = true;
          listener.onStarted(start);
        },
      },
      life: () => this.#life(),
      pause: () => this.#pause(),
      conclude: (told, asked) => this.#conclude(told, asked),
      kill: cancel,
    });
    const asking = (act: () => void) => () => {
      this.#isAsked = true;
      act();
      this.#noticed();
    };
    return {
      end: watched.end.then((end) => this.#ended(end)).finally(() => stops.map((stop) => stop())),
      stop: asking(watched.stop),
      kill: asking(watched.kill),
    };
  }

  #ended(end: JobEnd): JobEnd {
    if (end.outcome.type !== "failed" || !ofNode.has(end.outcome.error.code)) return end;
    const known = this.#options.view.known(this.#options.id);
    if (typeof known !== "object") return end;
    if (known.node) this.#options.onBadNode(known.node);
    else if (/BadConstraints|NodeConfig/i.test(known.reason)) this.#options.onBadNode(undefined);
    return end;
  }

  /** Also where nobody pauses at the moment: the next pause is none. */
  #noticed(): void {
    this.#hasNews = true;
    this.#wake();
  }

  #pause(): Promise<void> {
    if (this.#hasNews) {
      this.#hasNews = false;
      return Promise.resolve();
    }
    const { batch, place } = this.#options;
    const isIdle = !batch.hasStarted(place.element) && this.#overAt === undefined && !this.#isAsked;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, isIdle ? idleMilliseconds : atWorkMilliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#hasNews = false;
        resolve();
      };
    });
  }

  /** Its element is over, whatever became of the task. */
  #isOver(): boolean {
    const { view, id, batch, place } = this.#options;
    const known = view.known(id);
    return batch.hasEnded(place.element) || known === "vanished" || (known !== undefined && isOver(known));
  }

  async #life(): Promise<JobLife> {
    const { folder, isTakenOut, view, id, batch, place } = this.#options;
    if (isTakenOut()) return { state: "gone" };
    if (batch.hasStarted(place.element) || this.hasStarted || this.#isOver()) {
      if ((await readExit(folder)) !== undefined) return { state: "gone", error: await this.#error() };
    }
    if (!this.#isOver()) {
      this.#overAt = undefined;
      return { state: view.known(id) === undefined ? "unknown" : "alive" };
    }
    this.#overAt ??= Date.now();
    // Slurm shall say why, where it has not yet
    const known = view.known(id);
    if (known === undefined || (known !== "vanished" && !isOver(known))) view.hurry();
    if (Date.now() - this.#overAt < this.#patience()) return { state: "unknown" };
    return { state: "gone", error: await this.#error() };
  }

  /** Milliseconds that the last files of an element that is over may take to be seen here. */
  #patience(): number {
    const { lateSeconds, view, id, batch, place } = this.#options;
    const known = view.known(id);
    const late = lateSeconds * 1000;
    if (typeof known === "object" && known.state !== "COMPLETED" && known.state !== "FAILED")
      return Math.min(late, batch.hasStarted(place.element) && !this.#isAsked ? 10_000 : 1000);
    return late;
  }

  async #evidence(): Promise<Evidence> {
    const { id, place, folder, view, batchFolder } = this.#options;
    const logs = [join(batchFolder, `${place.element}.log`), jobFiles(folder).output];
    const texts = await Promise.all(logs.map((path) => readFile(path, "utf8").catch(() => "")));
    const [log = ""] = texts;
    return {
      ...{ id, place, record: await readExit(folder), known: view.known(id), hasStarted: this.hasStarted },
      log,
      output: texts.map((text) => text.slice(-4000)).join(""),
    };
  }

  /** Of a job that is gone without a word; what Slurm and the script printed of it is shown. */
  async #error(): Promise<JobError> {
    if (!this.#isAsked) await this.#settled();
    await this.#showLog();
    return endWithoutWords(await this.#evidence());
  }

  async #showLog(): Promise<void> {
    const { batchFolder, place, listener } = this.#options;
    const text = await readFile(join(batchFolder, `${place.element}.log`), "utf8").catch(() => "");
    if (text.trim() !== "") listener.onOutput(`${text.slice(-4000).trimEnd()}\n`);
  }

  /** Resolves when Slurm says that the element is over, or has had the time to. */
  async #settled(): Promise<void> {
    const { view, id, lateSeconds, place } = this.#options;
    if (place.alike > 1) return;
    for (let waited = 0; waited < Math.max(5000, lateSeconds * 1000); waited += atWorkMilliseconds) {
      const known = view.known(id);
      if (known === "vanished" || (known !== undefined && isOver(known))) return;
      view.hurry();
      await new Promise((resolve) => setTimeout(resolve, atWorkMilliseconds));
    }
  }

  async #conclude(told: JobEnd, asked: boolean): Promise<JobEnd> {
    const { outcome } = told;
    const record = await this.#recordOf();
    if (asked || this.#isAsked) return told;
    // a step that ended by itself, well or not, had its memory or had it not: the record says so
    if (record === undefined || outcome.type === "interrupted") await this.#settled();
    const evidence = await this.#evidence();
    const trouble = troubleOf(evidence);
    if (trouble) {
      await this.#showLog();
      return { ...told, outcome: { type: "failed", error: trouble } };
    }
    if (outcome.type === "done" && record === undefined) {
      const known = evidence.known;
      const isWell = typeof known === "object" && known.state === "COMPLETED";
      if (!isWell) return { ...told, outcome: { type: "failed", error: endWithoutWords(evidence) } };
    }
    if (outcome.type === "done") await outputsSeen(this.#options.folder, this.#options.lateSeconds);
    return told;
  }

  /** Its exit record; undefined where none comes. */
  async #recordOf(): Promise<Evidence["record"]> {
    const { folder, lateSeconds } = this.#options;
    for (let overAt: number | undefined; ; ) {
      const record = await readExit(folder);
      if (record !== undefined) return record;
      if (this.#isOver()) overAt ??= Date.now();
      if (overAt !== undefined && Date.now() - overAt >= Math.min(this.#patience(), lateSeconds * 1000))
        return undefined;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Names of new files may be seen late on disks that hosts share; reading the folder anew asks the server. */
async function outputsSeen(folder: string, lateSeconds: number): Promise<void> {
  const job = JSON.parse(await readFile(jobFiles(folder).job, "utf8")) as Job;
  const paths = Object.values(job.outputs);
  for (let waited = 0; waited < lateSeconds * 1000; waited += 500) {
    const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
    if (found.every((stats) => stats !== undefined)) return;
    await Promise.all(paths.map((path) => readdir(dirname(path)).catch(() => undefined)));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
