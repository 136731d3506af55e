/**
 * Gathers changes of files until they are over: several edits count as one, and a file that is still being written
 * (a tomogram on its way from the microscope) is waited for, whether the system tells of its growth or not.
 */
import type { Clock } from "./clock.ts";

export interface SettlingOptions {
  readonly clock: Clock;
  /** Milliseconds without a change after which a file counts as written. */
  readonly quietMilliseconds: (path: string) => number;
  /** Equal texts, equal files; undefined when there is none. */
  readonly stampOf: (path: string) => Promise<string | undefined>;
  /** Called with all that changed, when all of it is quiet. */
  readonly onQuiet: (paths: readonly string[]) => void;
}

interface Changing {
  /** Clock time of the last change. */
  readonly since: number;
  readonly stamp: Promise<string | undefined>;
}

/** Close it, or its timer goes on. */
export class SettlingFiles {
  readonly #options: SettlingOptions;
  readonly #changing = new Map<string, Changing>();
  #cancel: () => void = () => undefined;
  #looking = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** A file has changed, come or gone. */
  changed(path: string): void {
    this.#note(path);
    if (!this.#looking) this.#schedule();
  }

  close(): void {
    this.#changing.clear();
    this.#cancel();
  }

  #note(path: string): void {
    const { clock, stampOf } = this.#options;
    this.#changing.set(path, { since: clock.now(), stamp: stampOf(path) });
  }

  #schedule(): void {
    this.#cancel();
    if (this.#changing.size === 0) return;
    const { clock, quietMilliseconds } = this.#options;
    const due = Math.max(...[...this.#changing].map(([path, { since }]) => since + quietMilliseconds(path)));
    this.#cancel = clock.after(Math.max(0, due - clock.now()), () => void this.#look());
  }

  /** All have been quiet as far as was told: are they? */
  async #look(): Promise<void> {
    this.#looking = true;
    const before = new Map(this.#changing);
    const grown = await Promise.all(
      [...before].map(async ([path, { stamp }]) => (await this.#options.stampOf(path)) !== (await stamp)),
    );
    this.#looking = false;
    [...before.keys()].forEach((path, index) => {
      if (grown[index] && this.#changing.get(path) === before.get(path)) this.#note(path);
    });
    const isQuiet = [...this.#changing].every(([path, changing]) => before.get(path) === changing);
    if (!isQuiet || this.#changing.size === 0) return this.#schedule();
    const paths = [...this.#changing.keys()].sort();
    this.#changing.clear();
    this.#options.onQuiet(paths);
  }
}
