/** Which axes of a data set are z, y and x, and how its voxels are turned into (z, y, x) order. */
import { type AxisOrder, toVolumeOrder } from "./axis-order.ts";
import type { Oddity, Shape3, Triple } from "./volume.ts";

/** An axis that a name tells: of space, channels or times; null for other names and none. */
export type AxisKind = "z" | "y" | "x" | "channel" | "time" | null;

export interface AxisNames {
  /** One an axis of the data set. */
  readonly kinds: readonly AxisKind[];
  /** As the file has them. */
  readonly given: readonly string[];
  /** Where they were found, for people. */
  readonly source: string;
}

const kindsByName: Readonly<Record<string, AxisKind>> = {
  z: "z",
  depth: "z",
  plane: "z",
  y: "y",
  row: "y",
  height: "y",
  x: "x",
  column: "x",
  width: "x",
  c: "channel",
  channel: "channel",
  t: "time",
  time: "time",
};

/** What a name tells of an axis; null for a name that tells nothing. */
export function kindOf(name: string): AxisKind {
  const plain = name
    .toLowerCase()
    .replace(/^(axis|dimension|dim)[ _-]*/, "")
    .replace(/(?<=..)s$/, "");
  return kindsByName[plain] ?? null;
}

/** The names of all axes, empty for those without; null where none has one. `source`: where they were found, for people. */
export function namesFrom(given: readonly string[], source: string): AxisNames | null {
  if (given.every((name) => name === "")) return null;
  return { kinds: given.map(kindOf), given: given.map((name) => name || "?"), source };
}

export interface StoredAxes {
  /** (z, y, x). */
  readonly shape: Shape3;
  /** Number of axes of the data set. */
  readonly rank: number;
  /** Which of them are z, y or x, in the order of the file; fewer than three where one of length 1 is left out. The others have length 1. */
  readonly kept: readonly number[];
  /** What the planes, rows and columns of the file are. */
  readonly order: AxisOrder;
}

const spaceKinds = ["z", "y", "x"] as const;

/** A value for each axis of the data set, from (planes, rows, columns) of the file; `filler` for axes that are none of them. */
export function toDatasetAxes({ rank, kept }: StoredAxes, stored: Triple, filler: number): number[] {
  const values = new Array<number>(rank).fill(filler);
  for (const [index, axis] of kept.entries()) values[axis] = stored[3 - kept.length + index];
  return values;
}

/** (planes, rows, columns) of the file, from a value for each axis of the data set. */
export function keptAxes({ kept }: StoredAxes, values: readonly number[], filler: number): Triple {
  const all = [filler, filler, filler, ...kept.map((axis) => values[axis])].slice(-3);
  return [all[0], all[1], all[2]];
}

/** (z, y, x), from a value for each axis of the data set; `filler` for axes that it lacks. */
export const fromDatasetAxes = (axes: StoredAxes, values: readonly number[], filler: number): Triple =>
  toVolumeOrder(keptAxes(axes, values, filler), axes.order);

/** The axes of a volume by the names that the file gives them, else by their lengths; or what speaks against a volume. */
export function findAxes(
  lengths: readonly number[],
  names: AxisNames | null,
): { readonly axes: StoredAxes; readonly oddities: readonly Oddity[] } | { readonly refusal: string } {
  if (lengths.length < 2 || lengths.some((length) => length < 1)) return { refusal: noVolume(lengths) };
  if (names && areTold(lengths, names.kinds)) return byNames(lengths, names);
  const kept = byLengths(lengths);
  if (!kept) return { refusal: noVolume(lengths) };
  if (
    names?.kinds.some(
      (kind, axis) => isSpace(kind) && spaceKinds[3 - kept.length + kept.indexOf(axis)] !== kind,
    )
  )
    return {
      refusal: `has the axes ${names.given.join(", ")} (${names.source}), which do not tell all of z, y and x`,
    };
  const axes = storedAxes(lengths, kept, spaceKinds.slice(3 - kept.length));
  return { axes, oddities: [...unusual(lengths), ...unnamed(names)] };
}

const isSpace = (kind: AxisKind): kind is "z" | "y" | "x" =>
  kind !== null && kind !== "channel" && kind !== "time";

/** Whether the names tell every axis longer than 1, none twice, and two of space at least. */
function areTold(lengths: readonly number[], kinds: readonly AxisKind[]): boolean {
  const space = kinds.filter(isSpace);
  return (
    lengths.every((length, axis) => length === 1 || kinds[axis] !== null) &&
    space.length >= 2 &&
    new Set(space).size === space.length
  );
}

function byNames(lengths: readonly number[], { kinds, given, source }: AxisNames) {
  const others = lengths.flatMap((length, axis) =>
    length > 1 && !isSpace(kinds[axis]) ? [{ length, axis }] : [],
  );
  if (others.length > 0) {
    const what = others.map(
      ({ length, axis }) => `${length} ${kinds[axis]}s (axis ${axis} of ${lengths.join("×")})`,
    );
    return { refusal: `has ${what.join(" and ")}, and is not one volume` };
  }
  const kept = lengths.map((_, axis) => axis).filter((axis) => isSpace(kinds[axis]));
  const found = kept.map((axis) => kinds[axis] as "z" | "y" | "x");
  const axes = storedAxes(lengths, kept, found);
  const message = `the axes of the data set are ${given.join(", ")} (${source}); voxels are handed out in (z, y, x) order all the same`;
  const turned = axes.order.some((axis, index) => axis !== index);
  return { axes, oddities: [...unusual(lengths), ...(turned ? [{ code: "axis-order", message }] : [])] };
}

/** Three axes beside each other with none longer than 1 around them: a single channel or time comes first or last. */
function byLengths(lengths: readonly number[]): number[] | null {
  if (lengths.length === 2) return [0, 1];
  const starts = lengths.slice(2).map((_, start) => start);
  const fitting = starts.filter((start) =>
    lengths.every((length, axis) => length === 1 || (axis >= start && axis < start + 3)),
  );
  // A volume of one plane is likelier than one of one column.
  const start = fitting.findLast((first) => lengths[first + 2] > 1) ?? fitting.at(-1);
  return start === undefined ? null : [start, start + 1, start + 2];
}

/** `kinds` says what the kept axes are; what they do not name has length 1, and goes first. */
function storedAxes(
  lengths: readonly number[],
  kept: readonly number[],
  kinds: readonly ("z" | "y" | "x")[],
): StoredAxes {
  const missing = spaceKinds.filter((kind) => !kinds.includes(kind));
  const order = [...missing, ...kinds].map((kind) => spaceKinds.indexOf(kind)) as unknown as AxisOrder;
  const axes = { rank: lengths.length, kept, order };
  const shape = fromDatasetAxes({ ...axes, shape: [1, 1, 1] }, lengths, 1);
  return { ...axes, shape };
}

const noVolume = (lengths: readonly number[]): string =>
  `has the shape ${lengths.join("×") || "()"}, which is no volume`;

function unusual(lengths: readonly number[]): Oddity[] {
  if (lengths.length === 3) return [];
  const message = `the data set has ${lengths.length} axes (${lengths.join("×")}); read as one volume`;
  return [{ code: "axes-unusual", message }];
}

function unnamed(names: AxisNames | null): Oddity[] {
  if (!names) return [];
  const message = `the axes are named ${names.given.join(", ")} (${names.source}), which does not say what z, y and x are; taken in this order`;
  return [{ code: "axis-order-missing", message }];
}
