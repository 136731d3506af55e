/**
 * Batches filled by threads, in shared memory: the thread that feeds a GPU draws recipes and hands over what is ready. Which thread
 * fills a batch, and when, does not show in it (fill-batch.ts).
 */
import type { Worker } from "node:worker_threads";
import { toldError } from "../core/error.ts";
import { startThread } from "../core/sibling-module.ts";
import { allocateBatch, type Batch } from "./fill-batch.ts";
import type { FillNews, FillSets, FillWork } from "./fill-thread.ts";
import { type BatchSampler, createSampler, type SamplingOptions } from "./patch-sampler.ts";
import type { TrainingTomogram } from "./training-set.ts";

export interface SampledTomograms {
  /** In memory that threads share (`openTrainingSet` with `isShared`). */
  readonly tomograms: readonly TrainingTomogram[];
  readonly options: SamplingOptions;
}

interface Waiting {
  readonly work: FillWork;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class BatchThreads {
  readonly #threads: readonly Worker[];
  readonly #idle: Worker[];
  readonly #waiting: Waiting[] = [];
  readonly #atWork = new Map<Worker, Waiting>();
  /** Of each list of tomograms, in their order. */
  readonly samplers: readonly BatchSampler[];

  /** @throws TomoflowError as `createSampler` */
  constructor(sets: readonly SampledTomograms[], count: number) {
    this.samplers = sets.map(({ tomograms, options }, set) => ({
      ...createSampler(tomograms, options),
      fillsAtOnce: count,
      allocate: () => allocateBatch(options, (bytes) => new SharedArrayBuffer(bytes)),
      fill: (recipes, target: Batch) => this.#fill({ type: "fill", set, recipes, target }),
    }));
    const told: FillSets = {
      type: "sets",
      sets: sets.map(({ tomograms, options: { patchSize, classes } }) => ({
        tomograms,
        options: { patchSize, classes },
      })),
    };
    this.#threads = Array.from({ length: count }, () => {
      const thread = startThread(import.meta.url, "./fill-thread");
      thread.on("message", (news: FillNews) => this.#hear(thread, news));
      thread.on("error", (error) => this.#lose(thread, error));
      thread.on("exit", () => this.#lose(thread, new Error("a thread that fills batches ended")));
      thread.postMessage(told);
      return thread;
    });
    this.#idle = [...this.#threads];
  }

  /** Ends the threads; what they are at is lost. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #fill(work: FillWork): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      this.#handOut();
    });
  }

  /** The earliest first: it is needed next. */
  #handOut(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const [thread, next] = [this.#idle.pop()!, this.#waiting.shift()!];
      this.#atWork.set(thread, next);
      thread.postMessage(next.work);
    }
  }

  #hear(thread: Worker, news: FillNews): void {
    const done = this.#atWork.get(thread);
    this.#atWork.delete(thread);
    this.#idle.push(thread);
    if (news.type === "filled") done?.resolve();
    else done?.reject(toldError(news.error));
    this.#handOut();
  }

  /** Without it, nothing that waits may come to its turn. */
  #lose(thread: Worker, error: unknown): void {
    const lost = this.#atWork.get(thread);
    this.#atWork.delete(thread);
    for (const { reject } of [...(lost ? [lost] : []), ...this.#waiting.splice(0)]) reject(error);
  }
}
