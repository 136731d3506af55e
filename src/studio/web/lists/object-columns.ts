/** The columns of a table of objects: those that at least one object has a value in. */

import { fieldOf } from "../../protocol/list-operations.ts";
import { countFields, type ListedObject, numberFields, type SettableField } from "../../protocol/lists.ts";

export interface ObjectColumn {
  readonly id: string;
  readonly title: string;
  /** `label`: shown as the class; `mark`: as the reviewer's decision. */
  readonly kind: "label" | "place" | "number" | "count" | "text" | "mark";
  /** Null where the object has none. */
  read(object: ListedObject): number | string | null;
}

const titles: Readonly<Record<string, string>> = {
  clusterSize: "size",
  tomogramIndex: "tomo idx",
  objectId: "object id",
  tomogramId: "tomogram",
  the: "theta",
};

const order = ["score", "margin", "clusterSize", "phi", "psi", "the", "objectId", "tomogramIndex"] as const;

export function columnsOf(objects: readonly ListedObject[]): readonly ObjectColumn[] {
  const places = (["x", "y", "z"] as const).map(
    (axis): ObjectColumn => ({ id: axis, title: axis, kind: "place", read: (object) => object[axis] }),
  );
  const known = order
    .filter((field) => objects.some((object) => object[field] !== undefined))
    .map((field) => settable(field));
  const tomogram = objects.some(({ tomogramId }) => tomogramId !== undefined) ? [settable("tomogramId")] : [];
  return [
    { id: "label", title: "class", kind: "label", read: ({ label }) => label },
    ...places,
    ...known,
    ...tomogram,
    ...extraNames(objects).map((name) => settable(`extra:${name}`)),
  ];
}

const settable = (field: SettableField): ObjectColumn => ({
  id: field,
  title: titles[field] ?? field.replace(/^extra:/, ""),
  kind: isAmong(numberFields, field) ? "number" : isAmong(countFields, field) ? "count" : "text",
  read: (object) => fieldOf(object, field),
});

const isAmong = (fields: readonly string[], field: string): boolean => fields.includes(field);

function extraNames(objects: readonly ListedObject[]): readonly string[] {
  const names = new Set<string>();
  for (const { extra } of objects) for (const [name] of extra ?? []) names.add(name);
  return [...names];
}

/** What was typed into a cell, or why it cannot be; an empty cell takes the value away. */
export function parseCell(
  { kind, title }: Pick<ObjectColumn, "kind" | "title">,
  text: string,
): { readonly value: number | string | null } | { readonly fault: string } {
  const typed = text.trim();
  const isNeeded = kind === "place" || kind === "label";
  if (typed === "") return isNeeded ? { fault: `every object has a ${title}` } : { value: null };
  if (kind === "text") return { value: typed };
  const value = Number(typed);
  if (!Number.isFinite(value)) return { fault: `${title} is a number` };
  if (kind === "label" && !(Number.isInteger(value) && value >= 1 && value <= 255))
    return { fault: "a class is a whole number from 1 to 255" };
  if (kind === "count" && !(Number.isInteger(value) && value >= 0))
    return { fault: `${title} is a whole number of 0 or more` };
  return { value };
}

/** Numbers as they are read: three decimals at most, and none that say nothing. */
export const showCell = (value: number | string | null): string =>
  typeof value === "number" ? String(Number(value.toFixed(3))) : (value ?? "");
