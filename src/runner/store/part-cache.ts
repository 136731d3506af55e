/**
 * Contents of parts of files by what `stat` says of the file, so that none is read twice: what `StatCache` is for whole files, with the
 * same distrust of those that were changed just before. One line a part; a torn one is ignored.
 */
import { appendFile, readFile } from "node:fs/promises";
import { TomoflowError } from "../../core/error.ts";
import type { Content } from "./content.ts";
import { writeDurably } from "./durable.ts";
import type { Look, Stamp } from "./stat-cache.ts";

const entryLine = /^(\d+:\d+ "(?:[^"\\]|\\.)*") (\d+:-?\d+:-?\d+) ([0-9a-f]{64}) (\d+)$/;
const distrustMilliseconds = 2000;
const attempts = 3;

interface Entry {
  readonly state: string;
  readonly sha256: string;
  readonly size: number;
}

export interface PartRequest {
  /** Of the part, as people read it. */
  readonly name: string;
  /** Undefined where the part cannot be told. */
  readonly read: () => Promise<Content | undefined>;
}

export class PartCache {
  readonly #path: string;
  readonly #entries: Map<string, Entry>;
  readonly #stampOf: (path: string) => Promise<Stamp | undefined>;
  #unsaved: string[] = [];
  #saving: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    entries: Map<string, Entry>,
    stampOf: (path: string) => Promise<Stamp | undefined>,
  ) {
    this.#path = path;
    this.#entries = entries;
    this.#stampOf = stampOf;
  }

  static async open(
    path: string,
    { verify, stampOf }: { verify: boolean; stampOf: (path: string) => Promise<Stamp | undefined> },
  ): Promise<PartCache> {
    return new PartCache(path, verify ? new Map() : await loadEntries(path), stampOf);
  }

  /** Undefined when there is no file, or its part cannot be told. Throws `file-changing`, and what `read` throws. */
  async lookAt(path: string, { name, read }: PartRequest): Promise<Look | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stamp = await this.#stampOf(path);
      if (stamp === undefined) return undefined;
      const key = `${stamp.file} ${JSON.stringify(name)}`;
      const known = this.#entries.get(key);
      if (known?.state === stamp.state)
        return { content: { sha256: known.sha256, size: known.size, part: name }, stamp };
      const started = Date.now();
      const content = await read();
      const after = await this.#stampOf(path);
      if (after?.file !== stamp.file || after.state !== stamp.state) continue;
      if (content === undefined) return undefined;
      if (stamp.changedMilliseconds < started - distrustMilliseconds)
        this.#record(key, { state: stamp.state, ...content });
      return { content, stamp };
    }
    throw new TomoflowError("file-changing", `${path} keeps changing while it is read`, {
      hint: "wait until it is written completely, then run again",
    });
  }

  /** Appends what is new; a failure costs time later, never a result. */
  save(): Promise<void> {
    const lines = this.#unsaved;
    if (lines.length === 0) return this.#saving;
    this.#unsaved = [];
    this.#saving = this.#saving.then(() => appendFile(this.#path, lines.join(""))).catch(() => undefined);
    return this.#saving;
  }

  #record(key: string, { state, sha256, size }: Entry): void {
    this.#entries.set(key, { state, sha256, size });
    this.#unsaved.push(`${key} ${state} ${sha256} ${size}\n`);
  }
}

async function loadEntries(path: string): Promise<Map<string, Entry>> {
  const text = await readFile(path, "utf8").catch(() => "");
  const entries = new Map<string, Entry>();
  const lines = text.split("\n");
  for (const line of lines) {
    const match = entryLine.exec(line);
    if (match) entries.set(match[1]!, { state: match[2]!, sha256: match[3]!, size: Number(match[4]) });
  }
  if (lines.length > 1000 && lines.length > 2 * entries.size) await compact(path, entries);
  else if (text !== "" && !text.endsWith("\n")) await appendFile(path, "\n").catch(() => undefined);
  return entries;
}

async function compact(path: string, entries: ReadonlyMap<string, Entry>): Promise<void> {
  const lines = [...entries].map(([key, { state, sha256, size }]) => `${key} ${state} ${sha256} ${size}\n`);
  await writeDurably(path, lines.join("")).catch(() => undefined);
}
