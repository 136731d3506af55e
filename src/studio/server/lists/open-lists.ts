/** The lists that somebody has open, each once, however many windows look at it. */
import type { ListKey } from "../../protocol/lists.ts";
import type { DocumentPlace, ListDocument } from "./document.ts";
import { openDocument } from "./open-document.ts";

/** Milliseconds that a list stays open after its last window: a page loaded anew comes back at once. */
const lingering = 30_000;

export class OpenLists {
  readonly #documents = new Map<string, { document: Promise<ListDocument>; timer?: NodeJS.Timeout }>();
  readonly #closing = new Map<string, Promise<void>>();
  readonly #place: (key: ListKey) => Promise<DocumentPlace>;

  /** @param place finds the file, and refuses what may not be opened */
  constructor(place: (key: ListKey) => Promise<DocumentPlace>) {
    this.#place = place;
  }

  /** @throws what `place` and `openDocument` throw */
  async open(key: ListKey): Promise<ListDocument> {
    const name = nameOf(key);
    const known = this.#documents.get(name);
    if (known) {
      this.#linger(name);
      return known.document;
    }
    // its journal is still that of the one before
    const document = Promise.resolve(this.#closing.get(name))
      .then(() => this.#place(key))
      .then(openDocument);
    this.#documents.set(name, { document });
    document.catch(() => this.#documents.delete(name));
    this.#linger(name);
    return document;
  }

  /** The list, if it is open. */
  find(key: ListKey): Promise<ListDocument> | undefined {
    return this.#documents.get(nameOf(key))?.document;
  }

  /** Writes and closes them all. */
  async close(): Promise<void> {
    const entries = [...this.#documents.values()];
    this.#documents.clear();
    for (const { timer } of entries) clearTimeout(timer);
    await Promise.all(this.#closing.values());
    const documents = await Promise.allSettled(entries.map(({ document }) => document));
    await Promise.all(documents.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
  }

  #linger(name: string): void {
    const entry = this.#documents.get(name);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void this.#closeUnused(name), lingering);
    entry.timer.unref();
  }

  async #closeUnused(name: string): Promise<void> {
    const entry = this.#documents.get(name);
    const document = await entry?.document.catch(() => undefined);
    if (!document) return;
    if (document.isFollowed) return this.#linger(name);
    this.#documents.delete(name);
    const closing = document.close().catch(() => undefined);
    this.#closing.set(name, closing);
    await closing;
    if (this.#closing.get(name) === closing) this.#closing.delete(name);
  }
}

const nameOf = ({ list, mode }: ListKey): string => `${mode}\n${list}`;
