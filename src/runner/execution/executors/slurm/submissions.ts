/**
 * Gathers tasks for a moment and submits them together. Each submission has a name of its own, written down before sbatch is called,
 * and is looked for by it where sbatch fails: one that was given up is withdrawn, so that it does nothing even if it begins later.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { TomoflowError } from "../../../../core/error.ts";
import { pause } from "../../../claims/pause.ts";
import type { JobRequest } from "../../../executor.ts";
import { writeJob } from "../detached-job.ts";
import { batchFiles, jobNumber, withdraw, writeBatch, writePlace } from "./batch.ts";
import { type Answer, ask, askIntoFile, isOverLimit, isUnreachable, saidBy } from "./commands.ts";
import { type BatchingOptions, makeBatches, type PlannedBatch } from "./make-batches.ts";
import { findJob, mostElements } from "./queue-view.ts";
import { refusalOf } from "./refusal.ts";

export interface SubmissionsOptions extends Omit<BatchingOptions, "mostElements" | "badNodes"> {
  /** Folder of the batches, absolute. */
  readonly batches: string;
  readonly pollSeconds: number;
  /** Nodes that failed; emptied where no others are left. */
  readonly badNodes: Set<string>;
  /** Told when Slurm cannot take jobs at the moment. */
  readonly onTrouble: (text: string) => void;
}

interface Gathered extends JobRequest {
  readonly settle: { resolve(id: string): void; reject(error: unknown): void };
}

/** Tasks come one by one: so long a silence means that no more come at the moment. */
const [silenceMilliseconds, longestMilliseconds] = [400, 4000];

export class Submissions {
  readonly #options: SubmissionsOptions;
  #gathered: Gathered[] = [];
  #timer: NodeJS.Timeout | undefined;
  #firstAt = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #most: Promise<number> | undefined;
  /** Calls of sbatch so far. */
  calls = 0;

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  /** Resolves with the job's id when Slurm has it. Throws `slurm-refused`, `AbortError` and explained system errors. */
  add(request: JobRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#gathered.length === 0) this.#firstAt = Date.now();
      this.#gathered.push({ ...request, settle: { resolve, reject } });
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#submitAll(), this.#wait());
    });
  }

  /** Milliseconds. What follows soon after a submission is gathered for longer, so that Slurm is asked seldom. */
  #wait(): number {
    const now = Date.now();
    const sinceLast = now - this.#lastAt;
    const interval = Math.min(10, this.#options.pollSeconds) * 1000;
    const left = this.#firstAt + longestMilliseconds - now;
    return Math.max(interval - sinceLast, Math.min(silenceMilliseconds, Math.max(0, left)));
  }

  async #submitAll(): Promise<void> {
    const requests = this.#gathered;
    this.#gathered = [];
    this.#lastAt = Date.now();
    try {
      this.#most ??= mostElements();
      const most = await this.#most;
      const wanted = requests.filter(({ stop, settle }) => {
        if (stop.aborted) settle.reject(stop.reason);
        return !stop.aborted;
      });
      for (const batch of this.#parted(wanted, most)) await this.#submitBatch(batch);
    } catch (error) {
      for (const { settle } of requests) settle.reject(error);
    } finally {
      this.#lastAt = Date.now();
    }
  }

  #parted(requests: readonly Gathered[], most: number): readonly PlannedBatch<Gathered>[] {
    return makeBatches(requests, {
      ...this.#options,
      mostElements: most,
      badNodes: [...this.#options.badNodes],
    });
  }

  async #submitBatch(batch: PlannedBatch<Gathered>): Promise<void> {
    try {
      const number = await this.#untilTaken(batch);
      batch.tasks.forEach(({ settle }, index) => {
        settle.resolve(elementId(number, Math.floor(index / batch.perElement), batch.elements));
      });
    } catch (error) {
      for (const { settle } of batch.tasks) settle.reject(error);
    }
  }

  /** Number of the job. Goes on until Slurm takes it, refuses it, or nobody wants it any more. */
  async #untilTaken(batch: PlannedBatch<Gathered>): Promise<string> {
    using all = allOf(batch.tasks.map((task) => task.stop));
    const { signal: stop } = all;
    for (let told = false; ; told = true) {
      const name = this.#nameOf(batch);
      const answer = await this.#submitOnce(batch, name);
      const number = answer.code === 0 ? jobNumber(answer.stdout) : undefined;
      if (number !== undefined) return number;
      const found = await this.#foundAfter(answer, { name, stop });
      if (found !== undefined) return found;
      if (isOverLimit(answer) && batch.elements > 1) return this.#inHalves(batch);
      if (this.#options.badNodes.size > 0 && /node configuration is not available/i.test(answer.stderr))
        this.#options.badNodes.clear();
      else if (!isUnreachable(answer) && !isOverLimit(answer)) throw refused(answer, batch);
      if (!told)
        this.#options.onTrouble(`Slurm takes no jobs at the moment (${saidBy(answer)}): it is tried again`);
      await pause(this.#options.pollSeconds * 1000, stop);
    }
  }

  /** sbatch may say that it failed, and have submitted the job. What is not found is withdrawn: it may yet come. */
  async #foundAfter(
    answer: Answer,
    { name, stop }: { readonly name: string; readonly stop: AbortSignal },
  ): Promise<string | undefined> {
    for (;;) {
      const found = await findJob(name, Date.now());
      if (found !== "none" && found !== undefined) return found;
      // refused in so many words: it is not there, whoever answers
      if (found === "none" || !(isUnreachable(answer) || answer.code === undefined || answer.code === 0)) {
        await giveUp(join(this.#options.batches, name), name);
        return undefined;
      }
      await pause(this.#options.pollSeconds * 1000, stop).catch(async (error: unknown) => {
        await giveUp(join(this.#options.batches, name), name);
        throw error;
      });
    }
  }

  async #inHalves(batch: PlannedBatch<Gathered>): Promise<string> {
    const most = Math.max(1, Math.ceil(batch.elements / 2));
    for (const half of this.#parted(batch.tasks, most)) await this.#submitBatch(half);
    // every task has been answered by its half
    return "0";
  }

  async #submitOnce(batch: PlannedBatch<Gathered>, name: string): Promise<Answer> {
    const { perElement, elements, needs, tasks, script } = batch;
    const folder = join(this.#options.batches, name);
    const { memoryBytes, timeSeconds = 0 } = needs;
    const placed = tasks.map((task, index) => ({ task, element: Math.floor(index / perElement) }));
    await writeBatch({
      ...{ name, folder, script },
      tasks: placed.map(({ task, element }) => ({ element, folder: task.folder, timeSeconds })),
    });
    await Promise.all(
      placed.map(async ({ task, element }) => {
        const job = { ...task.job, threads: needs.cpus, ...(memoryBytes !== undefined && { memoryBytes }) };
        await writeJob({ ...task, job });
        const place = { batch: name, element, alike: perElement, elements, since: Date.now() };
        await writePlace(task.folder, {
          ...place,
          ...(memoryBytes !== undefined && { memoryBytes }),
          ...(timeSeconds > 0 && { timeSeconds }),
        });
      }),
    );
    this.calls++;
    return askIntoFile(submitWords(name, folder, elements), batchFiles(folder).answer);
  }

  #nameOf({ step }: PlannedBatch<Gathered>): string {
    const start = `tf-${this.#options.workflow}-${step}`.slice(0, 80);
    return `${start}-${randomBytes(5).toString("hex")}`;
  }
}

/** As typed. */
export const submitWords = (name: string, folder: string, elements: number): readonly string[] => [
  "sbatch",
  "--parsable",
  `--job-name=${name}`,
  `--comment=tomoflow ${name}`,
  `--output=${join(folder, elements > 1 ? "%a.log" : "0.log")}`,
  batchFiles(folder).script,
  folder,
];

export const elementId = (number: string, element: number, elements: number): string =>
  elements > 1 ? `${number}_${element}` : number;

interface AllOf extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborted when all are, until it is disposed of. */
function allOf(signals: readonly AbortSignal[]): AllOf {
  const all = new AbortController();
  const different = [...new Set(signals)];
  const look = () => {
    if (different.every(({ aborted }) => aborted)) all.abort(different[0]!.reason);
  };
  for (const signal of different) signal.addEventListener("abort", look);
  look();
  return {
    signal: all.signal,
    [Symbol.dispose]() {
      for (const signal of different) signal.removeEventListener("abort", look);
    },
  };
}

function refused(answer: Answer, { step }: PlannedBatch<Gathered>): TomoflowError {
  const { said, hint } = refusalOf(answer) ?? {
    said: saidBy(answer),
    hint: "see what the site prints around it",
  };
  return new TomoflowError("slurm-refused", `Slurm refused the jobs of step ${step}: ${said}`, { hint });
}

/** No job of this name shall do anything that it has not begun, also where it comes only later. */
export async function giveUp(folder: string, name: string): Promise<void> {
  await withdraw(folder);
  void ask(["scancel", `--user=${process.getuid!()}`, `--name=${name}`]);
}

/** Cancels jobs by one call. */
export const cancelJobs = (ids: readonly string[]): Promise<Answer> => ask(["scancel", ...ids]);
