/**
 * Keeps a list's file as the list is: written whole within a second of an edit, never over what another program wrote. What changed
 * in the file is merged, or asked about.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { formatDiagnostic } from "../../../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import type { ObjectFileOptions } from "../../../objects/formats/object-format.ts";
import { inFileOrder, touchedBy } from "../../protocol/list-operations.ts";
import type { ListedObject, ObjectId, SaveState, SimpleOperation } from "../../protocol/lists.ts";
import type { JournalLine } from "./journal.ts";
import {
  encodeList,
  type FileMark,
  isSameMark,
  markOfFile,
  type ReadList,
  readBack,
  readList,
  replaceFile,
} from "./list-file.ts";
import { toTomogramObject } from "./listed-objects.ts";
import { type Merge, mergeFile } from "./merge.ts";
import type { SavedList } from "./replay.ts";

/** The list that is saved. */
export interface SavedDocument {
  readonly path: string;
  readonly options: ObjectFileOptions;
  /** Folder for copies of files as they were before the studio wrote them first. */
  readonly originals: string;
  readonly version: () => number;
  readonly objects: () => ReadonlyMap<ObjectId, ListedObject>;
  readonly newId: () => ObjectId;
  readonly journal: (...lines: readonly JournalLine[]) => Promise<void>;
  /** Takes operations over from the file. */
  readonly takeOver: (operations: readonly SimpleOperation[]) => Promise<void>;
  readonly told: (message: string) => void;
  readonly stateChanged: (state: SaveState) => void;
}

export interface SaverStart {
  readonly saved: SavedList;
  readonly mark: FileMark | undefined;
  /** The studio wrote the file, not somebody else. */
  readonly isOurs: boolean;
  /** Undefined: the file is written. */
  readonly fixedState?: SaveState;
}

/** Milliseconds from an edit to the file. */
const delay = 700;
/** Milliseconds between looks at what others do with the file. */
const lookEvery = 1000;
const retryAfter = 5000;

export class ListSaver {
  readonly #document: SavedDocument;
  readonly #fixed: SaveState | undefined;
  #saved: SavedList;
  /** The version that the file holds; undefined where it is to be written in any case. */
  #inFile: number | undefined;
  #mark: FileMark | undefined;
  #state: SaveState;
  #conflict: { merge?: Merge; read?: ReadList } | undefined;
  #unreadable: FileMark | undefined;
  /** The file is one that the studio wrote. */
  #isOurs: boolean;
  #timer: NodeJS.Timeout | undefined;
  readonly #looking: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();

  constructor(document: SavedDocument, { saved, mark, isOurs, fixedState }: SaverStart) {
    this.#document = document;
    this.#saved = saved;
    this.#inFile = saved.version;
    this.#mark = mark;
    this.#isOurs = isOurs;
    this.#fixed = fixedState;
    this.#state = fixedState ?? { state: "saved", version: saved.version };
    this.#looking = setInterval(() => void this.look(), lookEvery);
  }

  get state(): SaveState {
    return this.#state;
  }

  /** After an edit: the file follows within a second. */
  changed(): void {
    if (this.#fixed || this.#conflict) return;
    this.#setState({ state: "waiting", version: this.#document.version() });
    this.#schedule(delay);
  }

  /** Writes at once what is not yet in the file. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#next(() => this.#save());
  }

  /** Looks whether another program changed the file. */
  async look(): Promise<void> {
    await this.#next(async () => {
      if (this.#conflict || isSameMark(await markOfFile(this.#document.path), this.#mark)) return;
      await this.#takeFile();
    });
  }

  /** Ends a conflict. `mine` writes the list over the file; `theirs` takes the file over where both changed. */
  async resolve(choice: "mine" | "theirs"): Promise<void> {
    await this.#next(async () => {
      const conflict = this.#conflict;
      if (!conflict) return;
      this.#conflict = undefined;
      if (conflict.merge && conflict.read) await this.#settle(conflict.merge, conflict.read, choice);
      else if (choice === "theirs") {
        this.#unreadable = undefined;
        this.#mark = undefined;
        await this.#takeFile();
      } else {
        await this.#keepOriginal(`${Date.now()}`);
        this.#mark = await markOfFile(this.#document.path);
        this.#inFile = undefined;
      }
      if (!this.#conflict) this.changed();
    });
    if (!this.#conflict) await this.flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    await this.flush();
  }

  #schedule(milliseconds: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), milliseconds);
  }

  /** One thing at a time. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => this.#failed(error));
    return this.#work;
  }

  #failed(error: unknown): void {
    const { message, hint } = error as TomoflowError;
    this.#setState({ state: "failed", message, ...(error instanceof TomoflowError && hint && { hint }) });
    this.#schedule(retryAfter);
  }

  #setState(state: SaveState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#document.stateChanged(state);
  }

  async #save(): Promise<void> {
    const { path, options, objects, journal } = this.#document;
    if (this.#fixed || this.#conflict || this.#document.version() === this.#inFile) return;
    const onDisk = await markOfFile(path);
    if (!isSameMark(onDisk, this.#mark) && !(await this.#takeFile())) return;
    const version = this.#document.version();
    const then = new Map(objects());
    this.#setState({ state: "saving", version });
    const list = inFileOrder(then.values()).map(toTomogramObject);
    const { bytes, hash, warnings } = await encodeList(path, list, options);
    for (const warning of warnings) this.#document.told(warning.message);
    await journal({ type: "saving", version, hash });
    if (!this.#isOurs && this.#saved.hash) await this.#keepOriginal(this.#saved.hash.slice(0, 8));
    this.#isOurs = true;
    const mark = await replaceFile(path, bytes, async () => isSameMark(await markOfFile(path), this.#mark));
    if (!mark) return this.#save();
    this.#saved = { hash, version, objects: then };
    this.#inFile = version;
    this.#mark = mark;
    await journal({ type: "saved", version, hash });
    const now = this.#document.version();
    this.#setState({ state: now === version ? "saved" : "waiting", version: now });
    if (now !== version) this.#schedule(delay);
  }

  /** The file as somebody else made it, before the studio writes over it: nobody's work is lost. */
  async #keepOriginal(name: string): Promise<void> {
    const { path, originals } = this.#document;
    const ending = extname(path);
    await mkdir(originals, { recursive: true });
    await copyFile(path, join(originals, `${basename(path, ending)}-${name}${ending}`)).catch((error) => {
      if (error.code !== "ENOENT") throw explainSystemError(error, path);
    });
  }

  /** Takes the file over as it is now. False where nothing may be written for now. */
  async #takeFile(): Promise<boolean> {
    const { path, options } = this.#document;
    const read = await readList(path, options).catch((error: unknown) => {
      if (error instanceof TomoflowError && error.code === "file-missing") return undefined;
      throw error;
    });
    if (!read)
      return (
        this.#saved.hash === null || this.#ask("gone", `${basename(path)} was removed by another program`)
      );
    if (read.hash === this.#saved.hash) {
      this.#mark = read.mark;
      return true;
    }
    if (!read.list.ok) return this.#waitUntilReadable(read);
    this.#unreadable = undefined;
    const base = inFileOrder(this.#saved.objects.values());
    const written = await encodeList(path, base.map(toTomogramObject), options);
    const merge = mergeFile({
      base,
      baseRows: await readBack(path, written.bytes, options),
      rows: read.list.value,
      ours: this.#document.objects(),
      newId: this.#document.newId,
    });
    await this.#document.takeOver(merge.operations);
    if (merge.conflicts.length === 0 || this.#fixed) {
      await this.#settle(merge, read, "mine");
      this.#document.told(tellMerge(basename(path), merge));
      return true;
    }
    this.#conflict = { merge, read };
    return this.#ask("changed", tellConflict(basename(path), merge), merge.conflicts);
  }

  /** A program may still be writing: it is asked about when it stays like this. */
  #waitUntilReadable(read: ReadList): boolean {
    const { path } = this.#document;
    const [first] = read.list.diagnostics;
    if (isSameMark(this.#unreadable, read.mark)) {
      const why = first ? `: ${formatDiagnostic({ ...first, hint: undefined }).split("\n")[0]}` : "";
      return this.#ask(
        "unreadable",
        `${basename(path)} was changed by another program and cannot be read${why}`,
      );
    }
    this.#unreadable = read.mark;
    this.#schedule(lookEvery);
    return false;
  }

  #ask(kind: "changed" | "gone" | "unreadable", message: string, ids: readonly ObjectId[] = []): boolean {
    this.#conflict ??= {};
    this.#setState({ state: "conflict", kind, message, ids });
    return false;
  }

  async #settle(merge: Merge, read: ReadList, choice: "mine" | "theirs"): Promise<void> {
    if (choice === "theirs") await this.#document.takeOver(merge.theirs);
    const version = this.#document.version();
    const objects = new Map(merge.there.map((object) => [object.id, object]));
    await this.#document.journal({ type: "taken", version, hash: read.hash, objects: merge.there });
    const { path, options } = this.#document;
    const list = inFileOrder(this.#document.objects().values()).map(toTomogramObject);
    const isSame = (await encodeList(path, list, options)).hash === read.hash;
    this.#saved = { hash: read.hash, version, objects };
    this.#inFile = isSame ? version : undefined;
    this.#mark = read.mark;
    this.#isOurs = false;
    if (this.#fixed) return;
    this.#setState({ state: isSame ? "saved" : "waiting", version });
    if (!isSame) this.#schedule(delay);
  }
}

function tellMerge(name: string, { operations, conflicts }: Merge): string {
  const ids = new Set(operations.flatMap((operation) => touchedBy(operation)));
  const objects = ids.size === 1 ? "1 object" : `${ids.size} objects`;
  const kept = conflicts.length === 0 ? "" : `; ${conflicts.length} that you changed stay as you made them`;
  return `${name} was changed by another program: ${objects} taken over${kept}`;
}

function tellConflict(name: string, { conflicts }: Merge): string {
  const objects = conflicts.length === 1 ? "1 object was" : `${conflicts.length} objects were`;
  return `${name} was changed by another program: ${objects} changed both there and here`;
}
