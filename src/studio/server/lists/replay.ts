/** What a journal tells: the list at its last version, at its last save, and who can undo what. */

import {
  applyOperation,
  type GrowingHistory,
  newHistory,
  recordEdit,
} from "../../protocol/list-operations.ts";
import type { ListedObject, ObjectId } from "../../protocol/lists.ts";
import type { JournalEdit, JournalLine } from "./journal.ts";

/** A content of the file and the list that it stands for. */
export interface SavedList {
  /** Null where there is no file. */
  readonly hash: string | null;
  readonly version: number;
  readonly objects: ReadonlyMap<ObjectId, ListedObject>;
}

export interface Replayed {
  readonly objects: Map<ObjectId, ListedObject>;
  readonly version: number;
  readonly edits: readonly JournalEdit[];
  readonly histories: Map<string, GrowingHistory>;
  /** By session, the greatest number among its edits. */
  readonly lastNumbers: Map<string, number>;
  /** The last known content of the file, then those that may have taken its place before the server died. */
  readonly saved: readonly SavedList[];
}

/** @param lines of `readJournal`, at least the base */
export function replayJournal([base, ...lines]: readonly JournalLine[]): Replayed {
  if (base?.type !== "base") throw new TypeError("a journal begins with its base");
  const objects = byId(base.objects);
  const histories = new Map(
    Object.entries(base.histories).map(([session, history]) => [session, newHistory(history)]),
  );
  const lastNumbers = new Map<string, number>();
  const edits: JournalEdit[] = [];
  const contents = knownContents([base, ...lines]);
  const wanted = new Set(contents.map(({ version }) => version));
  const versions = new Map<number, ReadonlyMap<ObjectId, ListedObject>>();
  const keep = (version: number) => wanted.has(version) && versions.set(version, new Map(objects));
  keep(base.version);
  for (const line of lines)
    if (line.type === "edit") {
      const { inverse } = applyOperation(objects, line.operation);
      recordEdit(historyOf(histories, line.session), line.role, inverse);
      lastNumbers.set(line.session, Math.max(line.number, lastNumbers.get(line.session) ?? 0));
      edits.push(line);
      keep(line.version);
    } else if (line.type === "adopt") adoptHistories(histories, line);
  return {
    objects,
    version: edits.at(-1)?.version ?? base.version,
    edits,
    histories,
    lastNumbers,
    saved: contents.flatMap(({ hash, version, objects }) => {
      const then = objects ? byId(objects) : versions.get(version);
      return then ? [{ hash, version, objects: then }] : [];
    }),
  };
}

/** The last content of the file that is sure, then those whose writing was begun. */
function knownContents(lines: readonly JournalLine[]): readonly Content[] {
  let known: Content[] = [];
  for (const line of lines)
    if (line.type === "saving") known.push(line);
    else if (line.type !== "edit" && line.type !== "adopt") known = [line];
  return known;
}

interface Content {
  readonly hash: string | null;
  readonly version: number;
  /** Where it is not the list at that version. */
  readonly objects?: readonly ListedObject[];
}

const byId = (objects: readonly ListedObject[]): Map<ObjectId, ListedObject> =>
  new Map(objects.map((object) => [object.id, object]));

export function historyOf(histories: Map<string, GrowingHistory>, session: string): GrowingHistory {
  const history = histories.get(session) ?? newHistory();
  histories.set(session, history);
  return history;
}

/** The session goes on where others stopped: theirs come before its own. */
export function adoptHistories(
  histories: Map<string, GrowingHistory>,
  { session, from }: { readonly session: string; readonly from: readonly string[] },
): void {
  const own = historyOf(histories, session);
  for (const other of from) {
    const { undo, redo } = historyOf(histories, other);
    own.undo.unshift(...undo);
    if (own.redo.length === 0) own.redo.push(...redo);
    histories.delete(other);
  }
}
