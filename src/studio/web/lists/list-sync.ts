/**
 * A list as this window has it: what the server has confirmed, and on top what was done here since. An edit is seen at once; when another
 * window's arrives first, ours are taken back, theirs applied, ours done again: both sides end with the same list.
 */
import {
  applyOperation,
  type GrowingHistory,
  newHistory,
  recordEdit,
  touchedBy,
} from "../../protocol/list-operations.ts";
import type {
  LeftAlone,
  ListedObject,
  ListMessage,
  ObjectId,
  OpenedList,
  Operation,
  Role,
} from "../../protocol/lists.ts";

/** An edit that the server has not confirmed. */
export interface PendingEdit {
  readonly number: number;
  readonly role: Exclude<Role, "disk">;
  readonly operation: Operation;
}

type Applied = Extract<ListMessage, { type: "applied" }>;

/** With what takes it back, which is another when other edits came before it. */
export interface MadeEdit extends PendingEdit {
  readonly inverse: Operation | undefined;
}

interface Pending extends MadeEdit {
  inverse: Operation | undefined;
}

export class ListSync {
  readonly epoch: string;
  readonly session: string;
  readonly #objects: Map<ObjectId, ListedObject>;
  readonly #history: GrowingHistory;
  /** Numbers of edits may begin anew, names of objects never. */
  readonly #nonce = crypto.randomUUID().slice(0, 8);
  #added = 0;
  #pending: Pending[] = [];
  #version: number;
  #number: number;

  /** @param kept edits of this session that may not have reached the server: those it lacks are made again */
  constructor(
    { epoch, version, objects, history, lastNumber, session }: OpenedList & { readonly session: string },
    kept: readonly PendingEdit[] = [],
  ) {
    this.epoch = epoch;
    this.session = session;
    this.#objects = new Map(objects.map((object) => [object.id, object]));
    this.#history = newHistory(history);
    this.#version = version;
    this.#number = lastNumber;
    // counted on from what the server has, which may have begun anew
    for (const edit of kept)
      if (edit.number > lastNumber) this.#pending.push(this.#do({ ...edit, number: ++this.#number }));
  }

  get objects(): ReadonlyMap<ObjectId, ListedObject> {
    return this.#objects;
  }

  /** Of the last edit that the server confirmed. */
  get version(): number {
    return this.#version;
  }

  get pending(): readonly PendingEdit[] {
    return this.#pending;
  }

  /** What the next undo and redo would do. */
  get next(): { readonly undo: Operation | undefined; readonly redo: Operation | undefined } {
    return { undo: this.#history.undo.at(-1), redo: this.#history.redo.at(-1) };
  }

  /** Makes an edit here; send what is returned. Undefined where it would change nothing. */
  edit(
    operation: Operation,
    role: Exclude<Role, "disk"> = "edit",
  ): { sent: MadeEdit; left: LeftAlone } | undefined {
    const number = this.#number + 1;
    const done = this.#do({ number, role, operation });
    // what was undone by others since is taken off the history all the same
    if (!done.inverse && role === "edit") return undefined;
    this.#number = number;
    this.#pending.push(done);
    return { sent: done, left: done.left };
  }

  /** A name for an object that is added here: no other window gives it. */
  newIds(count: number): { readonly ids: readonly ObjectId[]; readonly order: number } {
    const order = Math.ceil(
      [...this.#objects.values()].reduce((most, { order: one }) => Math.max(most, one), 0),
    );
    const ids = Array.from({ length: count }, () => `${this.session}:${this.#nonce}.${++this.#added}`);
    return { ids, order: order + 1 };
  }

  /** An edit in the server's order, ours or another's. False: some are missing, open the list again. */
  receive({ version, session, number, role, operation }: Applied): boolean {
    if (version <= this.#version) return true;
    if (version !== this.#version + 1) return false;
    this.#version = version;
    if (session === this.session && this.#pending[0]?.number === number) {
      this.#pending.shift();
      return true;
    }
    const waiting = this.#takeBack();
    const { inverse } = applyOperation(this.#objects, operation);
    // sent before this page was loaded, confirmed since
    if (session === this.session) recordEdit(this.#history, role, inverse);
    this.#doAgain(waiting.filter((edit) => session !== this.session || edit.number !== number));
    return true;
  }

  /** The server will not have this edit: it is taken back. */
  refuse(number: number): void {
    const refused = this.#pending.find((edit) => edit.number === number);
    if (!refused) return;
    const waiting = this.#takeBack();
    if (refused.inverse && refused.role === "edit")
      this.#history.undo.splice(this.#history.undo.lastIndexOf(refused.inverse), 1);
    this.#doAgain(waiting.filter((edit) => edit !== refused));
  }

  #do(edit: PendingEdit): Pending & { left: LeftAlone } {
    const { inverse, leftAlone } = applyOperation(this.#objects, edit.operation);
    recordEdit(this.#history, edit.role, inverse);
    return { ...edit, inverse, left: leftAlone };
  }

  #takeBack(): Pending[] {
    const waiting = this.#pending;
    for (const { inverse } of waiting.toReversed()) if (inverse) applyOperation(this.#objects, inverse);
    return waiting;
  }

  #doAgain(waiting: readonly Pending[]): void {
    this.#pending = [...waiting];
    for (const edit of this.#pending) {
      const { inverse } = applyOperation(this.#objects, edit.operation);
      this.#replaceInHistory(edit.inverse, inverse);
      edit.inverse = inverse;
    }
  }

  /** What takes an edit back may be another, now that others came before it. */
  #replaceInHistory(before: Operation | undefined, after: Operation | undefined): void {
    if (!before) return;
    for (const stack of [this.#history.undo, this.#history.redo]) {
      const place = stack.lastIndexOf(before);
      if (place >= 0) stack.splice(place, 1, ...(after ? [after] : []));
    }
  }
}

/** `3 objects`, for a sentence. */
export const countObjects = (count: number): string => (count === 1 ? "1 object" : `${count} objects`);

/** What an operation does, in words: `add 1 object`, `change the class of 3 objects`. */
export function describeOperation(operation: Operation): string {
  const count = countObjects(new Set(touchedBy(operation)).size);
  const [first] = operation.type === "batch" ? operation.operations : [operation];
  const types = new Set(
    (operation.type === "batch" ? operation.operations : [operation]).map(({ type }) => type),
  );
  if (!first || types.size > 1) return `change ${count}`;
  switch (first.type) {
    case "add":
      return `add ${count}`;
    case "remove":
      return `remove ${count}`;
    case "move":
      return `move ${count}`;
    case "setClass":
      return `change the class of ${count}`;
    case "setField":
      return `change ${first.field.replace("extra:", "")} of ${count}`;
    case "mark":
      return `mark ${count}`;
  }
}
