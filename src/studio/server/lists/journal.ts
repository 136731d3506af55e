/**
 * The journal of an open list: one line of JSON for each edit, appended before anybody is told that it is done. It survives the
 * death of the server, keeps what review decides, and the undo of earlier days.
 */
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explainSystemError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import type { History, ListedObject, ListKey, Operation, Role } from "../../protocol/lists.ts";

/** How the list was when the journal began. */
export interface JournalBase extends ListKey {
  readonly type: "base";
  readonly epoch: string;
  readonly version: number;
  /** Of the file's bytes; null where there was none. */
  readonly hash: string | null;
  readonly objects: readonly ListedObject[];
  /** By session, of a journal that was made shorter. */
  readonly histories: Readonly<Record<string, History>>;
}

export interface JournalEdit {
  readonly type: "edit";
  readonly version: number;
  readonly session: string;
  readonly number: number;
  readonly role: Role;
  readonly operation: Operation;
}

export type JournalLine =
  | JournalBase
  | JournalEdit
  /** Before and after the file is replaced by what the list is at this version. */
  | { readonly type: "saving" | "saved"; readonly version: number; readonly hash: string }
  /** The file as somebody else wrote it. */
  | {
      readonly type: "taken";
      readonly version: number;
      readonly hash: string | null;
      readonly objects: readonly ListedObject[];
    }
  /** A session goes on with the undo of others that are gone. */
  | { readonly type: "adopt"; readonly session: string; readonly from: readonly string[] };

export interface Journal {
  readonly path: string;
  /** Resolves when the lines are with the system: the death of this process no longer matters. */
  append(...lines: readonly JournalLine[]): Promise<void>;
  /** Resolves when all lines are on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Where the journal of a list lies; `copy` counts servers that have the same list open. */
export function journalPath(root: string, { list, mode }: ListKey, copy = 0): string {
  const name = sha256(`${mode}\n${list}`).slice(0, 24);
  return join(root, ".tomoflow", "studio", "lists", `${name}${copy === 0 ? "" : `-${copy}`}.jsonl`);
}

/** The lines of a journal; none where there is no journal. What was cut off by a crash ends it. */
export async function readJournal(path: string): Promise<readonly JournalLine[]> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw explainSystemError(error, path);
  });
  const lines: JournalLine[] = [];
  for (const line of text.split("\n")) {
    const read = parseLine(line);
    if (!read) break;
    lines.push(read);
  }
  return lines[0]?.type === "base" ? lines : [];
}

function parseLine(line: string): JournalLine | undefined {
  if (line === "") return undefined;
  try {
    return JSON.parse(line) as JournalLine;
  } catch {
    return undefined;
  }
}

/**
 * Starts a journal anew, as a whole: `lines` are what is in it. To go on with one, give the lines that were read, so that a line cut off
 * is gone.
 */
export async function startJournal(path: string, lines: readonly JournalLine[]): Promise<Journal> {
  const temporary = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await keepOutOfGit(path);
    await writeFile(temporary, textOf(lines));
    await rename(temporary, path);
    return appendTo(path, await open(path, "a"));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, path);
  }
}

/** Bytes above which a journal is made shorter when its list is opened. */
export const longestJournal = 32 << 20;

export const journalSize = async (path: string): Promise<number> =>
  (await stat(path).catch(() => undefined))?.size ?? 0;

const textOf = (lines: readonly JournalLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

function appendTo(path: string, file: FileHandle): Journal {
  let last: Promise<unknown> = Promise.resolve();
  const after = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done.catch((error) => {
      throw explainSystemError(error, path);
    });
  };
  return {
    path,
    append: (...lines) => after(() => file.appendFile(textOf(lines))),
    sync: () => after(() => file.datasync()),
    close: () =>
      after(async () => {
        await file.datasync();
        await file.close();
      }),
  };
}

/** `.tomoflow` has its own `.gitignore`, as the runner makes it. */
async function keepOutOfGit(path: string): Promise<void> {
  const root = path.slice(0, path.lastIndexOf(".tomoflow") + ".tomoflow".length);
  await writeFile(join(root, ".gitignore"), "*\n", { flag: "wx" }).catch(() => undefined);
}
