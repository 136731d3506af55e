/** Paths into plain data: the way from a value to one inside it, e.g. `["steps", "train", "with", "patchSize"]`. */

export type Path = readonly (string | number)[];

export type PlainMap = Readonly<Record<string, unknown>>;

/** True for a map: an object that is no list. */
export const isMap = (value: unknown): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A map as it is, anything else as an empty map. */
export const asMap = (value: unknown): PlainMap => (isMap(value) ? value : {});

/** The map's own value of this name: `constructor`, which every object has, is none. */
export const ownValue = <Value>(
  map: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined => (map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined);

/** The value at `path` inside `value`; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as PlainMap)[step];
  }
  return current;
}

/** True when `path` is `start` or lies inside it. */
export const startsWith = (path: Path, start: Path): boolean =>
  start.every((step, index) => String(path[index]) === String(step));

/** A path out of a JSON pointer (`/steps/train/with`, RFC 6901). */
export const pathOfPointer = (pointer: string): Path =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
