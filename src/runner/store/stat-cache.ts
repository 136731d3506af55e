/**
 * Content hashes by what `stat` says of a file, so that nothing is hashed twice. Keyed by device and inode, so a moved
 * project keeps its entries. A file changed within two seconds before its hashing is never remembered (its clock may
 * be that coarse), except one that we published ourselves, see `backdate`. Lines are appended; a torn one is ignored.
 */
import { type BigIntStats, stat } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { sha256 } from "../../core/hash.ts";
import { notRegularFile } from "../../core/regular-file.ts";
import { isRemoteAddress } from "../../core/remote-address.ts";
import type { Content } from "./content.ts";
import { writeDurably } from "./durable.ts";
import { FileHasher } from "./file-hasher.ts";
import { PartCache, type PartRequest } from "./part-cache.ts";
import { hasSameFolders, lookAtFolder } from "./tree-look.ts";

/** What `stat` says: equal stamps, equal content (but see the two seconds above). */
export interface Stamp {
  /** `device:inode`. */
  readonly file: string;
  /** `size:mtime:ctime`, times in nanoseconds. */
  readonly state: string;
  readonly size: number;
  /** `device:inode size mtime`: what giving the file another name leaves as it was. */
  readonly body: string;
  /** Milliseconds since 1970: the later of mtime and ctime. */
  readonly changedMilliseconds: number;
}

/** A content, and the stamp with which the file had it. */
export interface Look {
  readonly content: Content;
  readonly stamp: Stamp;
  /** Of a folder: its files, and the stamps of the folders in it, by their paths from it. */
  readonly inside?: {
    readonly files: ReadonlyMap<string, Look>;
    readonly folders: ReadonlyMap<string, string>;
  };
}

interface Entry {
  readonly state: string;
  readonly sha256: string;
}

const entryLine = /^(\d+:\d+) (\d+:-?\d+:-?\d+) ([0-9a-f]{64})$/;
const distrustMilliseconds = 2000;
const attempts = 3;

export class StatCache {
  readonly #path: string;
  readonly #hasher = new FileHasher();
  readonly #entries: Map<string, Entry>;
  readonly #now: () => number;
  readonly #parts: PartCache;
  #unsaved: string[] = [];
  #saving: Promise<void> = Promise.resolve();
  #hashed = 0;

  private constructor(
    path: string,
    { entries, parts, now }: { entries: Map<string, Entry>; parts: PartCache; now: () => number },
  ) {
    this.#path = path;
    this.#entries = entries;
    this.#parts = parts;
    this.#now = now;
  }

  /** `verify` starts with an empty memory: every file is hashed again. `now` in milliseconds since 1970. */
  static async open(
    path: string,
    { verify = false, now = Date.now }: { verify?: boolean; now?: () => number } = {},
  ): Promise<StatCache> {
    const parts = await PartCache.open(`${path}-parts`, { verify, stampOf });
    return new StatCache(path, { entries: verify ? new Map() : await loadEntries(path), parts, now });
  }

  /** How many files were really read and hashed. */
  get hashedFiles(): number {
    return this.#hashed;
  }

  /**
   * Hash and size of a file, or of a folder with all that is in it; undefined when there is none. Throws `file-changing` for
   * one that will not hold still, `file-not-regular`, and for folders what `listFolder` throws.
   */
  async contentOf(path: string): Promise<Content | undefined> {
    return (await this.lookAt(path))?.content;
  }

  /** The same, with what `stat` said of the file that had this content. */
  async lookAt(path: string): Promise<Look | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stamp = await stampOrFolder(path);
      if (stamp === undefined) return undefined;
      if (stamp === "folder") {
        const look = await this.#lookAtFolder(path);
        if (look === undefined) continue;
        return look;
      }
      const known = this.#entries.get(stamp.file);
      if (known?.state === stamp.state) return { content: { sha256: known.sha256, size: stamp.size }, stamp };
      const content = await this.#hash(path, stamp);
      if (content !== undefined) return { content, stamp };
    }
    throw new TomoflowError("file-changing", `${path} keeps changing while it is read`, {
      hint: "wait until it is written completely, then run again",
    });
  }

  /**
   * A part of a file; undefined when there is no file, or the part cannot be told. Of a folder all counts, together with what the part is
   * called. Throws what `PartCache.lookAt` and `lookAt` throw.
   */
  async lookAtPart(path: string, part: PartRequest): Promise<Look | undefined> {
    if (isRemoteAddress(path)) return lookAtAddress(path, part);
    if ((await stampOrFolder(path)) !== "folder") return this.#parts.lookAt(path, part);
    const look = await this.lookAt(path);
    if (look?.content.files === undefined) return undefined;
    const { sha256: hash, size } = look.content;
    return { ...look, content: { sha256: sha256(`${hash} ${part.name}`), size, part: part.name } };
  }

  /**
   * Takes the hash of a file as known that got the name `path` after its content was: for files that we made and
   * backdated. `as` is its stamp from before; a file that another process has put there or written since is not ours.
   */
  async remember(path: string, sha256: string, as: Stamp | undefined): Promise<void> {
    const stamp = await stampOf(path).catch(() => undefined);
    if (stamp !== undefined && stamp.body === as?.body) this.#record(stamp, sha256);
  }

  /** Appends what is new. A failure to save costs time later, never a result, so it is let go. */
  async save(): Promise<void> {
    await Promise.all([this.#saveOwn(), this.#parts.save()]);
  }

  #saveOwn(): Promise<void> {
    const lines = this.#unsaved;
    if (lines.length === 0) return this.#saving;
    this.#unsaved = [];
    this.#saving = this.#saving.then(() => appendFile(this.#path, lines.join(""))).catch(() => undefined);
    return this.#saving;
  }

  async close(): Promise<void> {
    await this.save();
    await this.#hasher.close();
  }

  async #lookAtFolder(path: string): Promise<Look | undefined> {
    const before = this.#hashed;
    const look = await lookAtFolder(path, (file) => this.lookAt(file));
    if (look === undefined) return undefined;
    // hashing takes a while
    return this.#hashed === before || (await hasSameFolders(path, look)) ? look : undefined;
  }

  async #hash(path: string, before: Stamp): Promise<Content | undefined> {
    const started = this.#now();
    this.#hashed++;
    const sha256 = await this.#hasher.hash(path, before.size);
    const after = await stampOf(path);
    if (after?.file !== before.file || after.state !== before.state) return undefined;
    if (before.changedMilliseconds < started - distrustMilliseconds) this.#record(before, sha256);
    return { sha256, size: before.size };
  }

  #record({ file, state }: Stamp, sha256: string): void {
    this.#entries.set(file, { state, sha256 });
    this.#unsaved.push(`${file} ${state} ${sha256}\n`);
  }
}

/** Nothing of this machine tells whether it has changed: whoever reads the part asks the server. */
async function lookAtAddress(address: string, { read }: PartRequest): Promise<Look | undefined> {
  const content = await read();
  if (content === undefined) return undefined;
  const { sha256: hash, size } = content;
  const stamp = { file: address, state: hash, size, body: hash, changedMilliseconds: 0 };
  return { content, stamp };
}

/** Undefined when there is no such file. Throws `file-is-folder`, `file-not-regular` and explained system errors. */
export async function stampOf(path: string): Promise<Stamp | undefined> {
  const stamp = await stampOrFolder(path);
  if (stamp === "folder") throw new TomoflowError("file-is-folder", `${path} is a folder, not a file`);
  return stamp;
}

function stampOrFolder(path: string): Promise<Stamp | "folder" | undefined> {
  return new Promise((resolve, reject) => {
    // the form with a callback takes two thirds of the promise's time, and a plan asks thousands of times
    stat(path, { bigint: true }, (error, stats) => {
      if (stats?.isDirectory()) return resolve("folder");
      const problem: NodeJS.ErrnoException | null = error ?? notRegularFile(stats, path) ?? null;
      if (problem === null) resolve(stampFrom(stats));
      else if (problem.code === "ENOENT" || problem.code === "ENOTDIR") resolve(undefined);
      else reject(explainSystemError(problem, path));
    });
  });
}

function stampFrom({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Stamp {
  return {
    body: `${dev}:${ino} ${size} ${mtimeNs}`,
    file: `${dev}:${ino}`,
    state: `${size}:${mtimeNs}:${ctimeNs}`,
    size: Number(size),
    changedMilliseconds: Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n),
  };
}

async function loadEntries(path: string): Promise<Map<string, Entry>> {
  const text = await readFile(path, "utf8").catch(() => "");
  const entries = new Map<string, Entry>();
  let lines = 0;
  for (const line of text.split("\n")) {
    lines++;
    const match = entryLine.exec(line);
    if (match) entries.set(match[1]!, { state: match[2]!, sha256: match[3]! });
  }
  if (lines > 1000 && lines > 2 * entries.size) await compact(path, entries);
  else if (text !== "" && !text.endsWith("\n")) await appendFile(path, "\n").catch(() => undefined);
  return entries;
}

async function compact(path: string, entries: ReadonlyMap<string, Entry>): Promise<void> {
  const lines = [...entries].map(([file, { state, sha256 }]) => `${file} ${state} ${sha256}\n`);
  await writeDurably(path, lines.join("")).catch(() => undefined);
}
