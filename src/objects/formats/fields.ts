/** The fields of an object as files name them, in DeepFinder's documented order, and how each value is read. */
import type { Diagnostic, Location } from "../../core/diagnostic.ts";
import { errorDiagnostic } from "../../core/diagnostic.ts";
import type { TomogramObject } from "../object-list.ts";
import { isIndex, keepOrder } from "./column-order.ts";
import type { ObjectField, ObjectFileOptions } from "./object-format.ts";

type FieldKind = "label" | "count" | "number" | "text";

export interface FieldDescription {
  readonly field: ObjectField;
  /** Attribute of the xml format, column of the csv format. */
  readonly attribute: string;
  /** Column of the xlsx format. */
  readonly header: string;
  readonly kind: FieldKind;
  /** Written with three decimals by the xml format. */
  readonly rounded: boolean;
  /** Other names it is recognised by, as `normalizeName` gives them. */
  readonly aliases: readonly string[];
}

const describe = (
  field: ObjectField,
  attribute: string,
  header: string,
  kind: FieldKind,
  aliases: readonly string[] = [],
): FieldDescription => ({
  field,
  attribute,
  header,
  kind,
  rounded: ["x", "y", "z", "psi", "phi", "the"].includes(field),
  aliases,
});

/** The first ten are DeepFinder's, columns A–J of its xlsx; the others are ours. */
export const objectFields: readonly FieldDescription[] = [
  describe("tomogramIndex", "tomo_idx", "Tomo IDX", "count", ["tomoindex", "tomogramindex"]),
  describe("objectId", "obj_id", "Object ID", "count", ["objectid"]),
  describe("label", "class_label", "Class label", "label", ["label", "class"]),
  describe("x", "x", "x", "number"),
  describe("y", "y", "y", "number"),
  describe("z", "z", "z", "number"),
  describe("psi", "psi", "psi", "number"),
  describe("phi", "phi", "phi", "number"),
  describe("the", "the", "theta", "number"),
  describe("clusterSize", "cluster_size", "Cluster size", "count", ["size"]),
  describe("score", "score", "Score", "number"),
  describe("margin", "margin", "Margin", "number"),
  describe("tomogramId", "tomo_id", "Tomogram ID", "text", ["tomoid", "tomogram"]),
];

/** How many of `objectFields` the original program knows. */
export const originalFieldCount = 10;

/** Case, spaces, underscores and dashes do not tell names apart. */
export const normalizeName = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, "");

const byName: ReadonlyMap<string, FieldDescription> = new Map(
  objectFields.flatMap((description) =>
    [description.attribute, description.header, description.field, ...description.aliases].flatMap((name) => [
      [name, description] as const,
      [normalizeName(name), description] as const,
    ]),
  ),
);

/** The field that a column or attribute holds, or undefined when it is not one of ours. */
export const fieldOfName = (name: string): FieldDescription | undefined =>
  byName.get(name) ?? byName.get(normalizeName(name));

/** What a column without a name is called, so that its values are kept: by its place, as no other column is called. */
export function nameForColumn(number: number, names: readonly string[]): string {
  let name = `column_${number}`;
  while (names.includes(name)) name += "_";
  return name;
}

/** The value of an own column, where the object has one: not what every object of JavaScript inherits. */
export const extraOf = ({ extra }: TomogramObject, name: string): string | undefined =>
  extra && Object.hasOwn(extra, name) ? extra[name] : undefined;

/** A value as a file holds it, and the name it has there. */
export interface RawValue {
  readonly name: string;
  readonly description: FieldDescription | undefined;
  readonly text: string;
}

export interface BuildContext {
  readonly options: ObjectFileOptions;
  /** Receives every mistake. */
  readonly diagnostics: Diagnostic[];
  /** The place of the object's value at this index, or of the whole object; asked only when something is wrong. */
  readonly locate: (index?: number) => Location;
}

/**
 * Makes an object of its values, or adds a diagnostic for each mistake and returns undefined.
 * Empty, `None` and `nan` stand for an absent optional value; unknown names go to `extra`.
 */
export function buildObject(values: readonly RawValue[], context: BuildContext): TomogramObject | undefined {
  const known: Partial<Record<ObjectField, number | string>> = {};
  let extra: Record<string, string> | undefined;
  let mistaken: ObjectField[] | undefined;
  let hasIndex = false;
  for (let index = 0; index < values.length; index++) {
    const { name, description, text } = values[index];
    if (text === "") continue;
    if (!description) {
      extra ??= {};
      hasIndex ||= isIndex(name);
      if (!(name in extra)) extra[name] = text;
      else if (Object.hasOwn(extra, name)) context.diagnostics.push(valueTwice(name, context.locate(index)));
      // a column may be called __proto__
      else Object.defineProperty(extra, name, { ...ownValue, value: text });
      continue;
    }
    const parsed = parseValue(text.trim(), description.kind);
    if (parsed === absent) continue;
    if (typeof parsed !== "object") {
      if (known[description.field] !== undefined)
        context.diagnostics.push(valueTwice(description.attribute, context.locate(index)));
      known[description.field] = parsed;
    } else {
      mistaken = [...(mistaken ?? []), description.field];
      context.diagnostics.push(badValue(values[index], parsed.problem, context.locate(index)));
    }
  }
  if (context.options.label !== undefined && !mistaken?.includes("label"))
    known.label ??= context.options.label;
  const missing = requiredFields.filter((field) => known[field] === undefined && !mistaken?.includes(field));
  if (missing.length > 0) context.diagnostics.push(missingValue(missing, context.locate()));
  if (mistaken || missing.length > 0) return undefined;
  if (extra && hasIndex) {
    const named = values.filter(({ description, text }) => !description && text !== "");
    keepOrder(
      extra,
      named.map(({ name }) => name),
    );
  }
  if (extra) (known as { extra?: Record<string, string> }).extra = extra;
  return known as unknown as TomogramObject;
}

const ownValue = { configurable: true, enumerable: true, writable: true };

const requiredFields: readonly ObjectField[] = ["label", "x", "y", "z"];

/** Texts by which other programs write that a value is not there. */
const absentPattern = /^(none|nan|null|n\/a)$/i;
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const absent = undefined;

/** A line end in a name or value must not begin a line of a message. */
export const inOneLine = (text: string): string => text.replace(/[\r\n]+/g, "⏎");

const valueTwice = (name: string, location: Location): Diagnostic =>
  errorDiagnostic("object-value", `${inOneLine(name)} is there twice`, {
    location,
    hint: "an object has one value of each: remove or rename the other (upper case, _ and blanks make no other name of a known one)",
  });

function parseValue(text: string, kind: FieldKind): number | string | { problem: string } | typeof absent {
  if (text === "") return absent;
  if (kind === "text") return absentPattern.test(text) ? absent : text;
  const number = numberPattern.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) return absentPattern.test(text) ? absent : { problem: "is not a number" };
  if (kind === "label" && (!Number.isInteger(number) || number < 1))
    return { problem: "is not a class label: 1, 2, 3 … (0 is the background)" };
  if (kind === "count" && (!Number.isInteger(number) || number < 0))
    return { problem: "is not a whole number of 0 or more" };
  return number;
}

function badValue({ name, text }: RawValue, problem: string, location: Location): Diagnostic {
  const shown = inOneLine(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  const hint = /^[+-]?\d+,\d+$/.test(text) ? "write decimals with a point, not a comma" : undefined;
  return errorDiagnostic("object-value", `${inOneLine(name)} "${shown}" ${problem}`, { location, hint });
}

function missingValue(missing: readonly ObjectField[], location: Location): Diagnostic {
  const names = objectFields.filter(({ field }) => missing.includes(field)).map(({ attribute }) => attribute);
  return errorDiagnostic("object-incomplete", `an object has no ${names.join(", ")}`, {
    location,
    hint: "every object needs class_label, x, y and z",
  });
}
