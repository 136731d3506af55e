/**
 * Starts what is ready, in order, as far as cores, memory, GPUs and the number of jobs allow. A task that waits for a
 * resource is not overtaken by later ones that would take it too; one that waits for a GPU lets others use the cores.
 */
import PQueue from "p-queue";
import { type Grant, type Machine, type Request, ResourcePool } from "../machine/resources.ts";

interface Waiting {
  readonly order: number;
  readonly request: Request;
  readonly start: (grant: Grant) => Promise<void>;
}

export class Scheduler {
  readonly #queue: PQueue;
  readonly #pool: ResourcePool;
  #waiting: Waiting[] = [];

  constructor(machine: Machine, jobs: number) {
    this.#pool = new ResourcePool(machine);
    this.#queue = new PQueue({ concurrency: Math.max(1, jobs) });
  }

  /** Runs `start` when the request fits; the lower `order` goes first. `start` must not reject. */
  add(waiting: Waiting): void {
    const index = this.#waiting.findIndex(({ order }) => order > waiting.order);
    this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, waiting);
    this.#startWhatFits();
  }

  /** Takes back everything that has not started. */
  drop(): void {
    this.#waiting = [];
  }

  #startWhatFits(): void {
    let coresShort = false;
    for (const waiting of [...this.#waiting]) {
      if (this.#queue.pending + this.#queue.size >= this.#queue.concurrency || coresShort) return;
      const short = this.#pool.shortOf(waiting.request);
      if (short === undefined) this.#start(waiting);
      else coresShort = short !== "gpus";
    }
  }

  #start(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    const grant = this.#pool.take(waiting.request);
    void this.#queue
      .add(() => waiting.start(grant))
      .finally(() => {
        this.#pool.release(grant);
        this.#startWhatFits();
      });
  }
}
