/** One list that is open, whoever looks at it: its objects, edits in their order, and who is told of them. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { ObjectFileOptions } from "../../../objects/formats/object-format.ts";
import {
  applyOperation,
  type GrowingHistory,
  inFileOrder,
  recordEdit,
} from "../../protocol/list-operations.ts";
import type {
  ListedObject,
  ListKey,
  ListMessage,
  ListRequest,
  ObjectId,
  OpenedList,
  SimpleOperation,
} from "../../protocol/lists.ts";
import { findFault } from "./check-edit.ts";
import type { Claim } from "./claim.ts";
import { type Journal, type JournalEdit, type JournalLine, startJournal } from "./journal.ts";
import { adoptHistories, historyOf, replayJournal } from "./replay.ts";
import { ListSaver, type SaverStart } from "./saver.ts";

export interface DocumentPlace extends ListKey {
  /** Absolute. */
  readonly path: string;
  /** Folder of the project, absolute: its `.tomoflow` holds the journal. */
  readonly root: string;
  readonly options: ObjectFileOptions;
}

/** What was found on the disk: see `openDocument`. */
export interface DocumentStart {
  readonly claim: Claim;
  readonly epoch: string;
  /** Of the journal, or the base that it will begin with. */
  readonly lines: readonly JournalLine[];
  readonly saver: SaverStart;
  readonly isNew: boolean;
  readonly warnings: readonly Diagnostic[];
}

export type Listener = (message: ListMessage) => void;
type Edit = Extract<ListRequest, { type: "edit" }>;
/** A message before it is said of which list. */
type Unaddressed<M = ListMessage> = M extends ListMessage ? Omit<M, keyof ListKey> : never;

export class ListDocument {
  readonly #place: DocumentPlace;
  readonly #start: DocumentStart;
  readonly #objects: Map<ObjectId, ListedObject>;
  readonly #edits: JournalEdit[];
  readonly #histories: Map<string, GrowingHistory>;
  readonly #lastNumbers: Map<string, number>;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #saver: ListSaver;
  readonly #ready: Promise<void>;
  #version: number;
  #newIds = 0;
  #journal: Promise<Journal> | undefined;
  #closed: Promise<void> | undefined;

  constructor(place: DocumentPlace, start: DocumentStart) {
    const { objects, edits, histories, lastNumbers, version } = replayJournal(start.lines);
    this.#place = place;
    this.#start = start;
    this.#objects = objects;
    this.#edits = [...edits];
    this.#histories = histories;
    this.#lastNumbers = lastNumbers;
    this.#version = version;
    this.#saver = this.#startSaver();
    this.#ready = this.#saver.look().then(() => {
      // edits that a server which was killed had not yet written
      if (this.#version !== start.saver.saved.version) this.#saver.changed();
    });
  }

  get objects(): ReadonlyMap<ObjectId, ListedObject> {
    return this.#objects;
  }

  get isFollowed(): boolean {
    return this.#listeners.size > 0;
  }

  /** The list as it is now, for a window that opens it; `session` is another where a living window has that one. */
  async open(session: string): Promise<OpenedList & { readonly session: string }> {
    await this.#ready;
    // a page that is loaded anew is quicker than the end of its old connection
    for (let look = 0; look < 10 && this.#listeners.has(session); look++) await wait(30);
    const own = this.#listeners.has(session) ? newSession() : session;
    await this.#adopt(own);
    const { list, mode } = this.#place;
    const { undo, redo } = historyOf(this.#histories, own);
    return {
      list,
      mode,
      session: own,
      epoch: this.#start.epoch,
      version: this.#version,
      objects: inFileOrder(this.#objects.values()),
      history: { undo: [...undo], redo: [...redo] },
      lastNumber: this.#lastNumbers.get(own) ?? 0,
      save: this.#saver.state,
      isNew: this.#start.isNew,
      warnings: this.#start.warnings,
    };
  }

  /** Sends every edit after `since` and all that come, until the returned function is called. */
  follow(
    { session, epoch, since }: { readonly session: string; readonly epoch: string; readonly since: number },
    listener: Listener,
  ): () => void {
    const isKnown = epoch === this.#start.epoch && since <= this.#version && since >= this.#firstVersion();
    if (!isKnown) {
      listener({ ...this.#key(), type: "reopen" });
      return () => undefined;
    }
    for (const edit of this.#edits)
      if (edit.version > since)
        listener({ ...this.#key(), ...edit, type: "applied", leftAlone: { missing: [], changed: [] } });
    listener({ ...this.#key(), type: "save", save: this.#saver.state });
    const listeners = this.#listeners.get(session) ?? new Set();
    this.#listeners.set(session, listeners.add(listener));
    this.#countWindows();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(session) === listeners) this.#listeners.delete(session);
      this.#countWindows();
      if (!this.isFollowed) void this.#saver.flush();
    };
  }

  /** Applies an edit and tells everybody, once the journal has it; `answer` is for what only its sender needs to know. */
  async edit({ session, epoch, number, role, operation }: Edit, answer: Listener): Promise<void> {
    if (epoch !== this.#start.epoch) return answer({ ...this.#key(), type: "reopen" });
    const last = this.#lastNumbers.get(session) ?? 0;
    if (number <= last) return;
    // one before it is still on its way, or lost: none may be left out without a word
    if (number !== last + 1) return answer({ ...this.#key(), type: "reopen" });
    const { saver } = this.#start;
    const fault = saver.fixedState?.state === "read-only" ? saver.fixedState.reason : findFault(operation);
    if (fault !== undefined) {
      this.#lastNumbers.set(session, number);
      return answer({ ...this.#key(), type: "refused", number, message: fault });
    }
    await this.#apply({ type: "edit", version: this.#version + 1, session, number, role, operation });
  }

  resolve(choice: "mine" | "theirs"): Promise<void> {
    return this.#saver.resolve(choice);
  }

  /** Writes to the file what is not yet there. */
  flush(): Promise<void> {
    return this.#saver.flush();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#ready;
    await this.#saver.close();
    const journal = await this.#journal?.catch(() => undefined);
    await journal?.close();
    await this.#start.claim.release();
  }

  #startSaver(): ListSaver {
    const { path, root, options } = this.#place;
    const document = {
      path,
      options,
      originals: join(root, ".tomoflow", "studio", "originals"),
      version: () => this.#version,
      objects: () => this.#objects,
      newId: () => `${this.#start.epoch}+${this.#version}.${++this.#newIds}`,
      journal: (...lines: readonly JournalLine[]) => this.#append(...lines),
      takeOver: (operations: readonly SimpleOperation[]) => this.#takeOver(operations),
      told: (message: string) => this.#tell({ type: "told", message }),
      stateChanged: (save: ListSaver["state"]) => this.#tell({ type: "save", save }),
    };
    return new ListSaver(document, this.#start.saver);
  }

  #firstVersion(): number {
    const [base] = this.#start.lines;
    return base?.type === "base" ? base.version : 0;
  }

  #key(): ListKey {
    const { list, mode } = this.#place;
    return { list, mode };
  }

  #tell(message: Unaddressed): void {
    for (const listeners of this.#listeners.values())
      for (const listener of listeners) listener({ ...this.#key(), ...message } as ListMessage);
  }

  #countWindows(): void {
    const count = this.#listeners.size - 1;
    this.#tell({ type: "others", count: Math.max(0, count) });
  }

  async #takeOver(operations: readonly SimpleOperation[]): Promise<void> {
    if (operations.length === 0) return;
    const operation = { type: "batch", operations } as const;
    const version = this.#version + 1;
    await this.#apply({ type: "edit", version, session: "disk", number: version, role: "disk", operation });
  }

  async #apply(edit: JournalEdit): Promise<void> {
    const { session, number, role, operation } = edit;
    const { inverse, leftAlone } = applyOperation(this.#objects, operation);
    recordEdit(historyOf(this.#histories, session), role, inverse);
    this.#lastNumbers.set(session, number);
    this.#version = edit.version;
    this.#edits.push(edit);
    // told before the edit is: nobody takes what is done for what is saved
    if (role !== "disk") this.#saver.changed();
    // a journal that cannot be written stops nobody: the file itself follows within a second
    await this.#append(edit).catch((error: Error) => this.#tell({ type: "told", message: error.message }));
    this.#tell({ ...edit, type: "applied", leftAlone });
  }

  async #append(...lines: readonly JournalLine[]): Promise<void> {
    this.#journal ??= startJournal(this.#start.claim.path, this.#start.lines);
    const journal = await this.#journal.catch((error) => {
      this.#journal = undefined;
      throw error;
    });
    await journal.append(...lines);
  }

  /** The first window after others are gone goes on with their undo. */
  async #adopt(session: string): Promise<void> {
    if (this.isFollowed || this.#histories.has(session)) return;
    const from = [...this.#histories.keys()].filter((other) => other !== "disk");
    if (from.length === 0) return;
    adoptHistories(this.#histories, { session, from });
    await this.#append({ type: "adopt", session, from }).catch(() => undefined);
  }
}

export const newSession = (): string => randomBytes(8).toString("hex");
