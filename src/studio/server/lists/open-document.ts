/** Opening a list: its file, and the journal that tells what is not yet in the file, or was decided about it. */
import { randomBytes } from "node:crypto";
import { rename, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Diagnostic, formatDiagnostic } from "../../../core/diagnostic.ts";
import { TomoflowError } from "../../../core/error.ts";
import type { SaveState } from "../../protocol/lists.ts";
import { type Claim, claimJournal } from "./claim.ts";
import { type DocumentPlace, type DocumentStart, ListDocument } from "./document.ts";
import { type JournalBase, type JournalLine, journalSize, longestJournal, readJournal } from "./journal.ts";
import { formatOfFile, type ReadList, readList, removeHalfWritten } from "./list-file.ts";
import { listObjects } from "./listed-objects.ts";
import { type Replayed, replayJournal } from "./replay.ts";

/**
 * Opens a list, a new one where there is no file yet.
 * @throws TomoflowError `objects-unreadable`, `objects-format-unknown`, `file-missing` (to review there must be a file)
 */
export async function openDocument(place: DocumentPlace): Promise<ListDocument> {
  await formatOfFile(place.path);
  if (place.mode === "annotate") await removeHalfWritten(place.path);
  const claim = await claimJournal(place.root, place).catch(withoutJournal);
  try {
    const start = await startOf(place, claim.path);
    const { reason } = claim as { readonly reason?: string };
    const fixed: SaveState | undefined = reason === undefined ? undefined : { state: "read-only", reason };
    const saver = fixed ? { ...start.saver, fixedState: fixed } : start.saver;
    return new ListDocument(place, { claim, ...start, saver });
  } catch (error) {
    await claim.release();
    throw error;
  }
}

/** In a project that nothing can be written into, lists are looked at and not changed. */
function withoutJournal(error: Error): Claim & { readonly reason: string } {
  const folder = join(tmpdir(), `tomoflow-${randomBytes(8).toString("hex")}`);
  const reason = `no edit can be kept in this project: ${error.message}`;
  return { path: join(folder, "none.jsonl"), release: async () => undefined, reason };
}

async function startOf(place: DocumentPlace, journal: string): Promise<Omit<DocumentStart, "claim">> {
  const read = await readList(place.path, place.options);
  const lines = await linesOf(place, { journal, read });
  const replayed = replayJournal(lines);
  const { saved } = replayed;
  const known = saved.findLast(({ hash }) => hash === (read?.hash ?? null));
  const fixedState = await stateFixedBy(place);
  return {
    epoch: lines[0].epoch,
    lines,
    isNew: !read,
    warnings: read?.list.ok ? read.list.diagnostics : [],
    saver: {
      saved: known ?? saved[0]!,
      // of a file that is not known, none that there is: it is looked at first
      mark: known ? read?.mark : { size: -1, changed: 0, inode: 0 },
      isOurs: known !== undefined && known.version > lines[0].version,
      ...(fixedState && { fixedState }),
    },
  };
}

type Lines = readonly [JournalBase, ...JournalLine[]];

async function linesOf(
  place: DocumentPlace,
  { journal, read }: { readonly journal: string; readonly read: ReadList | undefined },
): Promise<Lines> {
  const [base, ...edits] = await readJournal(journal);
  if (base?.type !== "base") return [baseOf(place, read)];
  const lines: Lines = [base, ...edits];
  const replayed = replayJournal(lines);
  const { saved, version } = replayed;
  const isClean = saved.length === 1 && saved[0]!.version === version;
  if (!read && isClean && saved[0]!.hash !== null) {
    // removed on purpose, with all that was in it: what comes is another list
    await rename(journal, `${journal}.old`);
    return [baseOf(place, undefined)];
  }
  if (isClean && read?.hash === saved[0]!.hash && (await journalSize(journal)) > longestJournal)
    return [shortened(base, replayed)];
  return lines;
}

function baseOf({ list, mode, path }: DocumentPlace, read: ReadList | undefined): JournalBase {
  if (!read && mode === "review")
    throw new TomoflowError("file-missing", `${basename(path)} does not exist`, {
      hint: "choose a list of detections, made by a step `cluster` or another program",
    });
  if (read && !read.list.ok) throw unreadable(basename(path), read.list.diagnostics);
  const epoch = randomBytes(4).toString("hex");
  const objects = read?.list.ok ? listObjects(read.list.value, epoch) : [];
  return { type: "base", list, mode, epoch, version: 0, hash: read?.hash ?? null, objects, histories: {} };
}

/** Bytes of undo that a shortened journal keeps. */
const keptHistory = 4 << 20;

function shortened(base: JournalBase, { objects, version, saved, histories }: Replayed): JournalBase {
  let room = keptHistory;
  const kept = [...histories].map(([session, { undo }]) => {
    const last = undo.findLastIndex((operation) => {
      room -= JSON.stringify(operation).length;
      return room < 0;
    });
    return [session, { undo: undo.slice(last + 1), redo: [] }] as const;
  });
  return {
    ...base,
    version,
    hash: saved[0]!.hash,
    objects: [...objects.values()],
    histories: Object.fromEntries(kept),
  };
}

async function stateFixedBy({ path, mode }: DocumentPlace): Promise<SaveState | undefined> {
  if (mode === "review") return { state: "kept" };
  const stats = await stat(path).catch(() => undefined);
  if (!stats || (stats.mode & 0o222) !== 0) return undefined;
  return {
    state: "read-only",
    reason: `${basename(path)} is read-only, as results of steps are: save it under another name to change it`,
  };
}

const shownMistakes = 10;

function unreadable(name: string, diagnostics: readonly Diagnostic[]): TomoflowError {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const lines = errors
    .slice(0, shownMistakes)
    .map((diagnostic) => formatDiagnostic({ ...diagnostic, hint: undefined }));
  const more = errors.length > shownMistakes ? [`… and ${errors.length - shownMistakes} more`] : [];
  return new TomoflowError("objects-unreadable", [`${name} cannot be read`, ...lines, ...more].join("\n"), {
    hint: errors[0]?.hint ?? "mend the file, then open it again",
  });
}
