/** Edits of a workflow, said by paths into its values; `edit-text.ts` makes them in the text. */

/** `["steps", "train", "with", "patchSize"]`; an item of a list by its index. */
export type EditPath = readonly (string | number)[];

export type Operation =
  /** Gives the value at `path`, whose parents are made where they are missing. */
  | { readonly type: "set"; readonly path: EditPath; readonly value: unknown }
  /** Takes out a value; parents of a parameter that are empty then go too. */
  | { readonly type: "remove"; readonly path: EditPath }
  /** Puts `value` into the list at `path`, before the item `index`. */
  | { readonly type: "insert"; readonly path: EditPath; readonly index: number; readonly value: unknown }
  /** Puts the entry of a map or the item of a list at `path` where it is the `to`-th, from 0. */
  | { readonly type: "move"; readonly path: EditPath; readonly to: number }
  /** Gives the last key of `path` another name. */
  | { readonly type: "rename"; readonly path: EditPath; readonly name: string }
  /** Gives a step another name, and says it wherever the step is named: `from`, `${step.output}`. */
  | { readonly type: "rename-step"; readonly step: string; readonly name: string };

type Data = Record<string, unknown> | unknown[];

/** What `operation` means for plain data. Returns new data; undefined where the operation makes no sense there. */
export function applyToData(data: unknown, operation: Operation): unknown {
  switch (operation.type) {
    case "set":
      return withValue(data, operation.path, operation.value);
    case "remove":
      return withoutValue(data, operation.path);
    case "insert":
      return withItem(data, operation);
    case "move":
      return changedAt(data, operation.path.slice(0, -1), (parent) =>
        moved(parent, operation.path.at(-1)!, operation.to),
      );
    case "rename":
      return changedAt(data, operation.path.slice(0, -1), (map) =>
        renamed(map, String(operation.path.at(-1)), operation.name),
      );
    case "rename-step": {
      const steps = changedAt(data, ["steps"], (map) => renamed(map, operation.step, operation.name));
      return changedAt(steps, ["steps"], (map) => withStepNamed(map, operation));
    }
  }
}

/** Parents that mean nothing when they are empty, and go with their last entry. */
export const goesWhenEmpty = (path: EditPath): boolean =>
  path[0] === "steps"
    ? path.length >= 3
    : path.length === 1 && ["params", "cache", "variants", "classes"].includes(String(path[0]));

function withValue(data: unknown, path: EditPath, value: unknown): unknown {
  if (path.length === 0) return value;
  const [key, ...rest] = path;
  if (Array.isArray(data)) {
    if (typeof key !== "number" || key >= data.length) return undefined;
    return data.map((item, index) => (index === key ? withValue(item, rest, value) : item));
  }
  const map = data === null || data === undefined ? {} : data;
  if (typeof map !== "object") return undefined;
  return { ...map, [String(key)]: withValue((map as Record<string, unknown>)[String(key)], rest, value) };
}

function withItem(data: unknown, operation: Extract<Operation, { type: "insert" }>): unknown {
  const { path, index, value } = operation;
  const list =
    path.reduce<unknown>((inside, step) => (inside as Data | undefined)?.[step as never], data) ?? [];
  if (!Array.isArray(list) || index > list.length) return undefined;
  return withValue(data, path, [...list.slice(0, index), value, ...list.slice(index)]);
}

function withoutValue(data: unknown, path: EditPath): unknown {
  const above = path.slice(0, -1);
  const key = path.at(-1)!;
  const parent = above.reduce<unknown>((value, step) => (value as Data)?.[step as never], data);
  if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, key)) return undefined;
  if (Object.keys(parent).length === 1 && goesWhenEmpty(above)) return withoutValue(data, above);
  return changedAt(data, above, (value) =>
    Array.isArray(value)
      ? value.filter((_, index) => index !== Number(key))
      : Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== String(key))),
  );
}

function changedAt(data: unknown, path: EditPath, change: (value: unknown) => unknown): unknown {
  const value = path.reduce<unknown>((inside, step) => (inside as Data | undefined)?.[step as never], data);
  const changed = value === undefined ? undefined : change(value);
  return changed === undefined ? undefined : withValue(data, path, changed);
}

function moved(parent: unknown, key: string | number, to: number): unknown {
  const isList = Array.isArray(parent);
  const entries = Object.entries(parent as object);
  const from = entries.findIndex(([name]) => name === String(key));
  if (from < 0) return undefined;
  const [entry] = entries.splice(from, 1);
  entries.splice(to, 0, entry!);
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

function renamed(map: unknown, key: string, name: string): unknown {
  if (typeof map !== "object" || map === null || !Object.hasOwn(map, key)) return undefined;
  if (name !== key && Object.hasOwn(map, name)) return undefined;
  return Object.fromEntries(Object.entries(map).map(([each, value]) => [each === key ? name : each, value]));
}

function withStepNamed(steps: unknown, { step, name }: { step: string; name: string }): unknown {
  const entries = Object.entries(steps as Record<string, unknown>).map(([id, fields]) => {
    const told = inTexts(fields, (text) => renameInExpressions(text, step, name));
    const from = (told as Record<string, unknown> | null)?.from;
    return [id, from === step ? { ...(told as object), from: name } : told];
  });
  return Object.fromEntries(entries);
}

function inTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => inTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inTexts(inner, change)]));
}

/** `${old.labels}` -> `${new.labels}`, wherever it stands in the text. */
export const renameInExpressions = (text: string, step: string, name: string): string =>
  text.replace(/\$\{(\s*)([A-Za-z0-9_-]+)(?=\s*\.)/g, (all, space: string, scope: string) =>
    scope === step ? `\${${space}${name}` : all,
  );
