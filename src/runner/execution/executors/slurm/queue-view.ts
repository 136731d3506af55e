/**
 * What Slurm says of the jobs that somebody watches: one squeue an interval for all, and one sacct for those that squeue has nothing
 * of. Where the controller does not answer, nothing is known, and it is asked again.
 */
import { type Answer, ask, saidBy } from "./commands.ts";
import {
  accountFormat,
  isOver,
  parseAccounts,
  parseQueue,
  queueFormat,
  type SlurmState,
  stateIn,
} from "./job-states.ts";

export interface WatchedId {
  /** `123_4`. */
  readonly id: string;
  /** Milliseconds since 1970: accounts from before do not matter. */
  readonly since: number;
  /** Told when something new is known. */
  readonly onNews: () => void;
}

/** `vanished`: Slurm answers, and knows no such job any more. */
export type Known = SlurmState | "vanished" | undefined;

export interface QueueView {
  /** Of an id that is watched. */
  known(id: string): Known;
  watch(watched: WatchedId): () => void;
  /** Asks soon, not at the next interval. */
  hurry(): void;
  /** Calls so far, by command: what it costs the controller. */
  readonly calls: Readonly<Record<"squeue" | "sacct", number>>;
  close(): void;
}

/** Answers without a word of a job after which it is taken for vanished; a job that was just submitted may not be there yet. */
const asksUntilVanished = 3;
const youngMilliseconds = 30_000;

interface Entry extends WatchedId {
  state?: SlurmState;
  absent: number;
}

export interface QueueViewOptions {
  readonly pollSeconds: number;
  /** Told once when Slurm does not answer, and once when it does again. */
  readonly onTrouble: (text: string) => void;
}

export function openQueueView(options: QueueViewOptions): QueueView {
  return new Poll(options);
}

class Poll implements QueueView {
  readonly #options: QueueViewOptions;
  readonly #entries = new Map<string, Entry>();
  readonly calls = { squeue: 0, sacct: 0 };
  /** False once sacct has said that there are no accounts. */
  #hasAccounts = true;
  #isInTrouble = false;
  #timer: NodeJS.Timeout | undefined;
  #asking = false;
  #closed = false;
  #lastAsked = 0;

  constructor(options: QueueViewOptions) {
    this.#options = options;
  }

  known(id: string): Known {
    const entry = this.#entries.get(id);
    if (entry?.state) return entry.state;
    const isYoung = entry === undefined || Date.now() - entry.since < youngMilliseconds;
    return !isYoung && entry.absent >= asksUntilVanished ? "vanished" : undefined;
  }

  watch(watched: WatchedId): () => void {
    this.#entries.set(watched.id, { ...watched, absent: 0 });
    this.#plan(this.#options.pollSeconds);
    return () => {
      this.#entries.delete(watched.id);
      if (this.#entries.size === 0) this.#stop();
    };
  }

  hurry(): void {
    const sinceLast = (Date.now() - this.#lastAsked) / 1000;
    this.#stop();
    this.#plan(Math.max(0.2, Math.min(2, this.#options.pollSeconds) - sinceLast));
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(seconds: number): void {
    if (this.#closed || this.#asking || this.#entries.size === 0) return;
    this.#timer ??= setTimeout(() => void this.#look(), seconds * 1000);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#asking = true;
    this.#lastAsked = Date.now();
    try {
      await this.#ask();
    } finally {
      this.#asking = false;
      this.#plan(this.#options.pollSeconds);
    }
  }

  async #ask(): Promise<void> {
    this.calls.squeue++;
    const answer = await ask([
      "squeue",
      "--noheader",
      "--array",
      "--states=all",
      `--user=${process.getuid!()}`,
      `--format=${queueFormat}`,
    ]);
    if (answer.code !== 0) return this.#trouble(answer);
    if (this.#isInTrouble) this.#options.onTrouble("Slurm answers again");
    this.#isInTrouble = false;
    const queue = parseQueue(answer.stdout);
    const asked = [...this.#entries.values()];
    for (const entry of asked) this.#learn(entry, stateIn(queue, entry.id));
    const unsaid = asked.filter(
      (entry) => !stateIn(queue, entry.id) && !(entry.state && isOver(entry.state)),
    );
    const accounts = await this.#accounts(unsaid);
    for (const entry of unsaid) {
      const state = accounts && stateIn(accounts, entry.id);
      // the accounts lag behind: what they take for waiting or at work is not in the queue any more
      if (state && isOver(state)) this.#learn(entry, state);
      else if (accounts) this.#missed(entry);
    }
    for (const entry of asked) entry.onNews();
  }

  #learn(entry: Entry, state: SlurmState | undefined): void {
    if (state === undefined) return;
    entry.state = state;
    entry.absent = 0;
  }

  #missed(entry: Entry): void {
    entry.absent++;
    if (entry.absent >= asksUntilVanished) delete entry.state;
  }

  /** Undefined where the accounts do not answer, so that nothing can be said of what they may hold. */
  async #accounts(entries: readonly Entry[]): Promise<ReadonlyMap<string, SlurmState> | undefined> {
    if (entries.length === 0 || !this.#hasAccounts) return new Map();
    this.calls.sacct++;
    const jobs = [...new Set(entries.map(({ id }) => id.split("_")[0]))].join(",");
    const since = Math.min(...entries.map((entry) => entry.since)) - 86_400_000;
    const answer = await askAccounts([`--jobs=${jobs}`, `--format=${accountFormat}`], since);
    if (answer.code === 0) return parseAccounts(answer.stdout);
    if (!hasNoAccounts(answer)) return undefined;
    this.#hasAccounts = false;
    return new Map();
  }

  #trouble(answer: Answer): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#options.onTrouble(
      `Slurm does not answer (${saidBy(answer)}): the jobs go on, and it is asked again`,
    );
  }
}

/** Without `--starttime` sacct may tell of today alone. */
const askAccounts = (words: readonly string[], since: number): Promise<Answer> =>
  ask(["sacct", "--noheader", "--parsable2", `--starttime=${slurmClock(since)}`, ...words]);

const slurmClock = (time: number): string =>
  new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

const hasNoAccounts = ({ code, stderr }: Answer): boolean =>
  code === undefined || /accounting storage is disabled|Slurm accounting storage/i.test(stderr);

/**
 * The number of the job of this name, by the queue, then by the accounts; `none` where both answer and know of none, undefined where
 * nobody answers.
 */
export async function findJob(name: string, since: number): Promise<string | "none" | undefined> {
  const queue = await ask([
    "squeue",
    "--noheader",
    "--states=all",
    `--user=${process.getuid!()}`,
    `--name=${name}`,
    "--format=%F",
  ]);
  if (queue.code !== 0) return undefined;
  const found = numberIn(queue.stdout);
  if (found !== undefined) return found;
  const accounts = await askAccounts(
    [`--name=${name}`, "--format=JobID", "--allocations"],
    since - 86_400_000,
  );
  if (accounts.code !== 0) return hasNoAccounts(accounts) ? "none" : undefined;
  return numberIn(accounts.stdout) ?? "none";
}

const numberIn = (text: string): string | undefined => /^\s*(\d+)(?:_|\s*$)/m.exec(text)?.[1];

/** Elements that an array may have. */
export async function mostElements(): Promise<number> {
  const { stdout } = await ask(["scontrol", "show", "config"]);
  const most = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? 1001);
  return Math.max(1, most);
}
