/** Edits of an object list as pure steps that server and browser both take: apply, the way back, history. */
import type {
  History,
  LeftAlone,
  ListedObject,
  Mark,
  ObjectId,
  Operation,
  Role,
  SettableField,
  SimpleOperation,
} from "./lists.ts";

export interface Applied {
  /** What takes the edit back; undefined when it did nothing. */
  readonly inverse: Operation | undefined;
  readonly leftAlone: LeftAlone;
}

/** Changes `objects` (the one thing it changes). Objects that are gone, or not as `expected`, are left alone and told. */
export function applyOperation(objects: Map<ObjectId, ListedObject>, operation: Operation): Applied {
  const parts = operation.type === "batch" ? operation.operations : [operation];
  const inverses: SimpleOperation[] = [];
  const leftAlone: { missing: ObjectId[]; changed: ObjectId[] } = { missing: [], changed: [] };
  for (const part of parts) inverses.unshift(...applySimple(objects, part, leftAlone));
  const inverse = inverses.length > 1 ? ({ type: "batch", operations: inverses } as const) : inverses[0];
  return { inverse, leftAlone };
}

type Told = { readonly missing: ObjectId[]; readonly changed: ObjectId[] };

function applySimple(
  objects: Map<ObjectId, ListedObject>,
  operation: SimpleOperation,
  told: Told,
): SimpleOperation[] {
  switch (operation.type) {
    case "add":
      return add(objects, operation.objects, told);
    case "remove":
      return remove(objects, operation, told);
    case "move": {
      const { id, x, y, z, expected } = operation;
      const object = objects.get(id);
      if (!object) told.missing.push(id);
      else if (expected && (expected.x !== object.x || expected.y !== object.y || expected.z !== object.z))
        told.changed.push(id);
      else if (object.x !== x || object.y !== y || object.z !== z) {
        objects.set(id, { ...object, x, y, z });
        const back = { x: object.x, y: object.y, z: object.z };
        return [{ type: "move", id, ...back, expected: { x, y, z } }];
      }
      return [];
    }
    case "setClass": {
      const { label, expected } = operation;
      const change = { read: labelOf, write: withLabel, value: label, expected };
      return changeValue(objects, operation.ids, { told, ...change }).map(([before, ids]) => ({
        type: "setClass",
        ids,
        label: before,
        expected: label,
      }));
    }
    case "mark": {
      const { mark, expected } = operation;
      const change = { read: markOf, write: withMark, value: mark, expected };
      return changeValue(objects, operation.ids, { told, ...change }).map(([before, ids]) => ({
        type: "mark",
        ids,
        mark: before,
        expected: mark,
      }));
    }
    case "setField": {
      const { field, value, expected } = operation;
      const change = {
        read: (object: ListedObject) => fieldOf(object, field),
        write: (object: ListedObject, written: number | string | null) => withField(object, field, written),
        value,
        expected,
      };
      return changeValue(objects, operation.ids, { told, ...change }).map(([before, ids]) => ({
        type: "setField",
        ids,
        field,
        value: before,
        expected: value,
      }));
    }
  }
}

function add(objects: Map<ObjectId, ListedObject>, added: readonly ListedObject[], told: Told) {
  const fresh: ListedObject[] = [];
  for (const object of added)
    if (objects.has(object.id)) told.changed.push(object.id);
    else {
      objects.set(object.id, object);
      fresh.push(object);
    }
  if (fresh.length === 0) return [];
  return [{ type: "remove", ids: fresh.map(({ id }) => id), expected: fresh } as const];
}

function remove(
  objects: Map<ObjectId, ListedObject>,
  { ids, expected }: Extract<SimpleOperation, { type: "remove" }>,
  told: Told,
): SimpleOperation[] {
  const wanted = new Map(expected?.map((object) => [object.id, object]));
  const removed: ListedObject[] = [];
  for (const id of ids) {
    const object = objects.get(id);
    const asExpected = wanted.get(id);
    if (!object) told.missing.push(id);
    else if (asExpected && !isSameObject(object, asExpected)) told.changed.push(id);
    else {
      objects.delete(id);
      removed.push(object);
    }
  }
  return removed.length === 0 ? [] : [{ type: "add", objects: removed }];
}

interface Change<T> {
  readonly read: (object: ListedObject) => T;
  readonly write: (object: ListedObject, value: T) => ListedObject;
  readonly value: T;
  readonly expected: T | undefined;
  readonly told: Told;
}

/** What the objects had before: each value with its objects. */
function changeValue<T>(
  objects: Map<ObjectId, ListedObject>,
  ids: readonly ObjectId[],
  { read, write, value, expected, told }: Change<T>,
): readonly (readonly [T, ObjectId[]])[] {
  const before = new Map<T, ObjectId[]>();
  for (const id of ids) {
    const object = objects.get(id);
    if (!object) {
      told.missing.push(id);
      continue;
    }
    const old = read(object);
    if (expected !== undefined && old !== expected) told.changed.push(id);
    else if (old !== value) {
      objects.set(id, write(object, value));
      const same = before.get(old);
      if (same) same.push(id);
      else before.set(old, [id]);
    }
  }
  return [...before];
}

const labelOf = ({ label }: ListedObject): number => label;
const withLabel = (object: ListedObject, label: number): ListedObject => ({ ...object, label });
const markOf = ({ mark }: ListedObject): Mark | null => mark ?? null;

function withMark(object: ListedObject, mark: Mark | null): ListedObject {
  const { mark: _, ...rest } = object;
  return mark === null ? rest : { ...rest, mark };
}

/** The value of a field, null where there is none. */
export function fieldOf(object: ListedObject, field: SettableField): number | string | null {
  if (!isExtra(field)) return object[field] ?? null;
  const name = field.slice(extraPrefix.length);
  return object.extra?.find(([other]) => other === name)?.[1] ?? null;
}

const extraPrefix = "extra:";
const isExtra = (field: SettableField): field is `extra:${string}` => field.startsWith(extraPrefix);

function withField(object: ListedObject, field: SettableField, value: number | string | null): ListedObject {
  if (isExtra(field)) return withExtra(object, field.slice(extraPrefix.length), value);
  const { [field]: _, ...rest } = object;
  return value === null ? rest : { ...rest, [field]: value };
}

function withExtra(object: ListedObject, name: string, value: number | string | null): ListedObject {
  const { extra = [], ...rest } = object;
  const has = extra.some(([other]) => other === name);
  const pair = [name, String(value)] as const;
  const others = has
    ? extra.flatMap((one) => (one[0] !== name ? [one] : value === null ? [] : [pair]))
    : value === null
      ? extra
      : [...extra, pair];
  return others.length === 0 ? rest : { ...rest, extra: others };
}

/** Whether two objects say the same, whatever the order in which their fields were set. */
export function isSameObject(a: ListedObject, b: ListedObject): boolean {
  if (a === b) return true;
  const { extra: extraA, ...restA } = a;
  const { extra: extraB, ...restB } = b;
  const keys = new Set([...Object.keys(restA), ...Object.keys(restB)]) as Set<keyof typeof restA>;
  for (const key of keys) if (restA[key] !== restB[key]) return false;
  return isSameExtra(extraA, extraB);
}

function isSameExtra(a: ListedObject["extra"] = [], b: ListedObject["extra"] = []): boolean {
  if (a.length !== b.length) return false;
  const values = new Map(b);
  return a.every(([name, value]) => values.get(name) === value);
}

/** In the order of the file. */
export const inFileOrder = (objects: Iterable<ListedObject>): ListedObject[] =>
  [...objects].sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));

/** A history that is being written; it has no end. */
export interface GrowingHistory extends History {
  readonly undo: Operation[];
  readonly redo: Operation[];
}

export const newHistory = ({ undo, redo }: History = { undo: [], redo: [] }): GrowingHistory => ({
  undo: [...undo],
  redo: [...redo],
});

/** Adds to `history` an edit of this role whose way back is `inverse`. An edit that did nothing cannot be undone. */
export function recordEdit(history: GrowingHistory, role: Role, inverse: Operation | undefined): void {
  if (role === "disk") return;
  if (role === "undo") history.undo.pop();
  if (role === "redo") history.redo.pop();
  if (!inverse) return;
  if (role === "edit") history.redo.length = 0;
  (role === "undo" ? history.redo : history.undo).push(inverse);
}

/** Ids of all objects that an edit touches. */
export function touchedBy(operation: Operation): ObjectId[] {
  const parts = operation.type === "batch" ? operation.operations : [operation];
  return parts.flatMap((part): readonly ObjectId[] => {
    if (part.type === "add") return part.objects.map(({ id }) => id);
    return part.type === "move" ? [part.id] : part.ids;
  });
}
