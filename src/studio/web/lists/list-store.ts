/** A list in a window: its objects, what is chosen, what the server says; and the window's part of the connection. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { inFileOrder } from "../../protocol/list-operations.ts";
import type {
  ListedObject,
  ListKey,
  ListMessage,
  ListRequest,
  ObjectId,
  OpenedList,
  Operation,
  SaveState,
} from "../../protocol/lists.ts";
import { countObjects, describeOperation, ListSync, type MadeEdit, type PendingEdit } from "./list-sync.ts";

export interface ListState {
  readonly status: "opening" | "open" | "failed";
  /** In the order of the file. */
  readonly objects: readonly ListedObject[];
  readonly byId: ReadonlyMap<ObjectId, ListedObject>;
  readonly selected: ReadonlySet<ObjectId>;
  readonly save: SaveState;
  /** Edits that the server has not confirmed. */
  readonly pending: number;
  /** Other windows that have this list open. */
  readonly others: number;
  readonly isNew: boolean;
  readonly warnings: OpenedList["warnings"];
  /** What undo and redo would do, in words; null: nothing. */
  readonly undoes: string | null;
  readonly redoes: string | null;
  /** What the server threw when the list was opened. */
  readonly fault: unknown;
}

export interface ListActions {
  /** False where it changed nothing. */
  edit(operation: Operation): boolean;
  undo(): void;
  redo(): void;
  /** Removes objects; the returned function brings them back, whatever was done since. */
  remove(ids: readonly ObjectId[]): () => void;
  /** Adds an object and chooses it. */
  add(object: Omit<ListedObject, "id" | "order">): void;
  select(ids: Iterable<ObjectId>): void;
  resolve(choice: "mine" | "theirs"): void;
  saveNow(): void;
  close(): void;
}

export type ListStore = StoreApi<ListState & ListActions>;

/** What the store needs of its surroundings. */
export interface ListSurroundings {
  open(): Promise<OpenedList & { readonly session: string }>;
  /** False: not sent, the connection is gone. */
  send(request: ListRequest): boolean;
  /** Calls `onOpen` after each connection and `onMessage` for each message, until the returned function is called. */
  listen(listener: { onOpen(): void; onMessage(message: ListMessage): void }): () => void;
  tell(kind: "plain" | "bad", message: string): void;
  /** Edits that the server has not confirmed outlive the page. */
  keep(edits: readonly PendingEdit[]): void;
  kept(session: string): readonly PendingEdit[];
}

export function createListStore(key: ListKey, surroundings: ListSurroundings): ListStore {
  let sync: ListSync | undefined;
  let name: ListKey = key;
  let isClosed = false;
  let isOpening = false;
  const store: ListStore = createStore<ListState & ListActions>(() => ({
    ...begin,
    edit: (operation) => make(operation, "edit") !== undefined,
    undo: () => {
      const operation = sync?.next.undo;
      if (operation) make(operation, "undo");
    },
    redo: () => {
      const operation = sync?.next.redo;
      if (operation) make(operation, "redo");
    },
    remove: (ids) => {
      const done = make({ type: "remove", ids }, "edit");
      return () => {
        const back = done?.inverse;
        if (back) make(back, sync?.next.undo === back ? "undo" : "edit");
      };
    },
    add: (object) => {
      if (!sync) return;
      const { ids, order } = sync.newIds(1);
      if (make({ type: "add", objects: [{ id: ids[0]!, order, ...object }] }, "edit"))
        store.getState().select(ids);
    },
    select: (ids) => store.setState({ selected: new Set(ids) }),
    resolve: (choice) => void surroundings.send({ ...name, ...who(), type: "resolve", choice }),
    saveNow: () => void surroundings.send({ ...name, ...who(), type: "save" }),
    close: () => {
      isClosed = true;
      stop();
      if (sync) surroundings.send({ ...name, ...who(), type: "leave" });
    },
  }));

  const who = () => ({ session: sync?.session ?? "none", epoch: sync?.epoch ?? "" });
  const sendEdit = ({ number, role, operation }: PendingEdit): boolean =>
    surroundings.send({ ...name, ...who(), type: "edit", number, role, operation });

  function make(operation: Operation, role: "edit" | "undo" | "redo"): MadeEdit | undefined {
    const made = sync?.edit(operation, role);
    if (!made) return undefined;
    sendEdit(made.sent);
    const left = made.left.missing.length + made.left.changed.length;
    if (left > 0)
      surroundings.tell(
        "plain",
        `${countObjects(left)} changed in another window since: left as it is there`,
      );
    show();
    return made.sent;
  }

  function show(): void {
    if (!sync) return;
    const { objects, pending, next } = sync;
    surroundings.keep(pending);
    const { selected } = store.getState();
    const isThere = [...selected].every((id) => objects.has(id));
    store.setState({
      objects: inFileOrder(objects.values()),
      byId: objects,
      pending: pending.length,
      undoes: next.undo ? describeOperation(next.undo) : null,
      redoes: next.redo ? describeOperation(next.redo) : null,
      ...(!isThere && { selected: new Set([...selected].filter((id) => objects.has(id))) }),
    });
  }

  async function open(): Promise<void> {
    if (isOpening) return;
    isOpening = true;
    try {
      // or the server takes this window for another one that has its session
      if (sync) surroundings.send({ ...name, ...who(), type: "leave" });
      const opened = await surroundings.open();
      if (isClosed) return;
      name = { list: opened.list, mode: opened.mode };
      const waiting = sync?.pending ?? surroundings.kept(opened.session);
      sync = new ListSync(opened, waiting);
      const { save, isNew, warnings } = opened;
      store.setState({ status: "open", save, isNew, warnings, fault: undefined });
      show();
      follow();
    } catch (fault) {
      if (!isClosed) store.setState(sync ? { fault } : { status: "failed", fault });
    } finally {
      isOpening = false;
    }
  }

  function follow(): void {
    if (!sync) return;
    surroundings.send({ ...name, ...who(), type: "follow", since: sync.version });
    // the server has those it confirmed in its order; it takes none twice
    for (const edit of sync.pending) if (!sendEdit(edit)) break;
  }

  function receive(message: ListMessage): void {
    if (!sync || message.list !== name.list || message.mode !== name.mode) return;
    switch (message.type) {
      case "applied":
        if (sync.receive(message)) {
          tellLeftAlone(message);
          show();
        } else void open();
        break;
      case "refused":
        sync.refuse(message.number);
        surroundings.tell("bad", message.message);
        show();
        break;
      case "save":
        store.setState({ save: message.save });
        break;
      case "others":
        store.setState({ others: message.count });
        break;
      case "reopen":
        void open();
        break;
      case "told":
        surroundings.tell("plain", message.message);
    }
  }

  function tellLeftAlone({
    session,
    leftAlone: { missing },
  }: Extract<ListMessage, { type: "applied" }>): void {
    if (session !== sync?.session || missing.length === 0) return;
    surroundings.tell("plain", `${countObjects(missing.length)} had been removed in another window`);
  }

  const stop = surroundings.listen({
    onOpen: () => void (sync ? follow() : open()),
    onMessage: receive,
  });
  return store;
}

const begin: ListState = {
  status: "opening",
  objects: [],
  byId: new Map(),
  selected: new Set(),
  save: { state: "kept" },
  pending: 0,
  others: 0,
  isNew: false,
  warnings: [],
  undoes: null,
  redoes: null,
  fault: undefined,
};
