/** What browser and server say to each other about object lists: objects, edits, merging, saving, reviewing. */
import type { Diagnostic } from "../../core/diagnostic.ts";

/** Chosen once by who adds the object: `SESSION:NONCE.NUMBER`; rows of the file are `EPOCH.ROW`. */
export type ObjectId = string;

/** What a reviewer thinks of a detection; kept in the journal, never in the file. */
export type Mark = "accepted" | "rejected";

/** An object of a list that is open. Coordinates are voxels, 0 = centre of the first voxel. */
export interface ListedObject {
  readonly id: ObjectId;
  /** Place in the file: ascending, ties by id. An object that comes back after undo has its old place. */
  readonly order: number;
  readonly label: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly tomogramIndex?: number;
  readonly tomogramId?: string;
  readonly objectId?: number;
  readonly phi?: number;
  readonly psi?: number;
  readonly the?: number;
  readonly clusterSize?: number;
  readonly score?: number;
  readonly margin?: number;
  /** Columns and attributes that tomoflow does not know, in the file's order. */
  readonly extra?: readonly (readonly [name: string, value: string])[];
  readonly mark?: Mark;
}

/** Fields that `setField` takes: the file's own columns are `extra:NAME`. */
export const numberFields = ["phi", "psi", "the", "score", "margin"] as const;
export const countFields = ["tomogramIndex", "objectId", "clusterSize"] as const;
export type SettableField =
  | (typeof numberFields)[number]
  | (typeof countFields)[number]
  | "tomogramId"
  | `extra:${string}`;

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export type SimpleOperation =
  | { readonly type: "add"; readonly objects: readonly ListedObject[] }
  | (Point & { readonly type: "move"; readonly id: ObjectId; readonly expected?: Point })
  | {
      readonly type: "remove";
      readonly ids: readonly ObjectId[];
      /** Undo removes only what is still as it was added. */
      readonly expected?: readonly ListedObject[];
    }
  | {
      readonly type: "setClass";
      readonly ids: readonly ObjectId[];
      readonly label: number;
      readonly expected?: number;
    }
  | {
      readonly type: "setField";
      readonly ids: readonly ObjectId[];
      readonly field: SettableField;
      /** Null takes the value away. */
      readonly value: number | string | null;
      readonly expected?: number | string | null;
    }
  | {
      readonly type: "mark";
      readonly ids: readonly ObjectId[];
      readonly mark: Mark | null;
      readonly expected?: Mark | null;
    };

/** An edit; `expected` is what undo and redo find, so that they never take back what another window did since. */
export type Operation =
  | SimpleOperation
  | { readonly type: "batch"; readonly operations: readonly SimpleOperation[] };

/** `disk`: taken over from the file, which another program changed. */
export type Role = "edit" | "undo" | "redo" | "disk";

/** Undone next is the last of `undo`; both hold what to do, not what was done. */
export interface History {
  readonly undo: readonly Operation[];
  readonly redo: readonly Operation[];
}

/** `annotate` saves into the file; `review` leaves it alone and writes a new list when asked. */
export type ListMode = "annotate" | "review";

export interface ListKey {
  /** Path in the project, forward slashes. */
  readonly list: string;
  readonly mode: ListMode;
}

export type SaveState =
  | { readonly state: "saved"; readonly version: number }
  /** Edits are in the journal, and will be in the file within a second. */
  | { readonly state: "waiting" | "saving"; readonly version: number }
  | { readonly state: "failed"; readonly message: string; readonly hint?: string }
  /** The file may not be written: made by a step, or read-only. */
  | { readonly state: "read-only"; readonly reason: string }
  /** Another program changed the file; nothing is written until somebody chooses. */
  | {
      readonly state: "conflict";
      readonly kind: "changed" | "gone" | "unreadable";
      readonly message: string;
      /** Objects changed both here and in the file. */
      readonly ids: readonly ObjectId[];
    }
  /** Review mode: everything is in the journal. */
  | { readonly state: "kept" };

/** Answer to `POST /api/lists/open`. */
export interface OpenedList extends ListKey {
  /** Of the journal: versions and ids of another epoch mean nothing. */
  readonly epoch: string;
  readonly version: number;
  readonly objects: readonly ListedObject[];
  readonly history: History;
  /** The greatest number of an edit of this session that is in the list. */
  readonly lastNumber: number;
  readonly save: SaveState;
  readonly isNew: boolean;
  /** What the file's reader, and the comparison with the tomogram, have to say. */
  readonly warnings: readonly Diagnostic[];
}

/** The browser's messages on the channel `lists`. */
export type ListRequest =
  | (ListKey & {
      readonly type: "follow";
      readonly session: string;
      readonly epoch: string;
      /** Edits after this version are sent again. */
      readonly since: number;
    })
  | (ListKey & { readonly type: "leave"; readonly session: string })
  | (ListKey & {
      readonly type: "edit";
      readonly session: string;
      readonly epoch: string;
      /** Counts the session's edits from 1: one that comes twice is applied once, after a gap the list is to be opened again. */
      readonly number: number;
      readonly role: Exclude<Role, "disk">;
      readonly operation: Operation;
    })
  | (ListKey & { readonly type: "resolve"; readonly session: string; readonly choice: "mine" | "theirs" })
  | (ListKey & { readonly type: "save"; readonly session: string });

/** Objects for which an edit did nothing. */
export interface LeftAlone {
  /** No longer there: removed in another window. */
  readonly missing: readonly ObjectId[];
  /** Changed in another window since: undo leaves them. */
  readonly changed: readonly ObjectId[];
}

/** The server's messages on the channel `lists`. */
export type ListMessage =
  | (ListKey & {
      readonly type: "applied";
      /** One more than the edit before. */
      readonly version: number;
      readonly session: string;
      readonly number: number;
      readonly role: Role;
      readonly operation: Operation;
      readonly leftAlone: LeftAlone;
    })
  /** Not applied, and not to be sent again. */
  | (ListKey & { readonly type: "refused"; readonly number: number; readonly message: string })
  | (ListKey & { readonly type: "save"; readonly save: SaveState })
  /** How many other windows have this list open. */
  | (ListKey & { readonly type: "others"; readonly count: number })
  /** The server knows nothing of this version any more: open again. */
  | (ListKey & { readonly type: "reopen" })
  | (ListKey & { readonly type: "told"; readonly message: string });
