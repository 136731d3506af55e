/** What a browser sends as an edit is believed only when it is one. */
import { countFields, type ListedObject, numberFields, type Operation } from "../../protocol/lists.ts";

const mostObjects = 500_000;
const longestText = 10_000;

/** What is wrong with it, for people; undefined where it is an operation. */
export function findFault(operation: unknown): string | undefined {
  if (!isRecord(operation)) return "this is no edit";
  if (operation.type !== "batch") return faultOfSimple(operation);
  const { operations } = operation;
  if (!Array.isArray(operations) || operations.length > mostObjects)
    return "this batch holds no list of edits";
  for (const one of operations) {
    const fault = isRecord(one) ? faultOfSimple(one) : "this is no edit";
    if (fault) return fault;
  }
  return undefined;
}

/** Told apart by `findFault`. */
export const isOperation = (value: unknown): value is Operation => findFault(value) === undefined;

function faultOfSimple(operation: Readonly<Record<string, unknown>>): string | undefined {
  switch (operation.type as string) {
    case "add":
      return faultOfObjects(operation.objects);
    case "move":
      return isText(operation.id) && isPoint(operation) ? undefined : "a place needs x, y and z as numbers";
    case "remove":
      return (
        faultOfIds(operation) ??
        (operation.expected === undefined ? undefined : faultOfObjects(operation.expected))
      );
    case "setClass":
      return faultOfIds(operation) ?? (isLabel(operation.label) ? undefined : noLabel);
    case "mark":
      return faultOfIds(operation) ?? (isMark(operation.mark) ? undefined : "there is no such mark");
    case "setField":
      return faultOfIds(operation) ?? faultOfField(operation.field, operation.value);
    default:
      return "there is no such edit";
  }
}

const noLabel = "a class is a whole number from 1 to 255 (0 is the background)";

function faultOfIds({ ids }: Readonly<Record<string, unknown>>): string | undefined {
  const isRight = Array.isArray(ids) && ids.length <= mostObjects && ids.every(isText);
  return isRight ? undefined : "the edit does not say of which objects";
}

function faultOfObjects(objects: unknown): string | undefined {
  if (!Array.isArray(objects) || objects.length > mostObjects) return "the edit does not say which objects";
  for (const object of objects) {
    const fault = faultOfObject(object);
    if (fault) return fault;
  }
  return undefined;
}

const plainKeys = new Set(["id", "order", "label", "x", "y", "z", "extra", "mark"]);

function faultOfObject(object: unknown): string | undefined {
  if (!isRecord(object) || !isText(object.id) || !isNumber(object.order)) return "this is no object";
  if (!isPoint(object)) return "a place needs x, y and z as numbers";
  if (!isLabel(object.label)) return noLabel;
  if (object.mark !== undefined && !isMark(object.mark)) return "there is no such mark";
  if (object.extra !== undefined && !isPairs(object.extra)) return "these are no columns";
  for (const [field, value] of Object.entries(object)) {
    const fault = plainKeys.has(field) ? undefined : faultOfField(field, value);
    if (fault) return fault;
  }
  return undefined;
}

/** @returns what is wrong with the value of a field, for people */
export function faultOfField(field: unknown, value: unknown): string | undefined {
  if (typeof field !== "string" || field.length > longestText) return "there is no such field";
  if (value === null) return undefined;
  if (isAmong(numberFields, field)) return isNumber(value) ? undefined : `${field} is a number`;
  if (isAmong(countFields, field))
    return isNumber(value) && Number.isInteger(value) && value >= 0
      ? undefined
      : `${field} is a whole number of 0 or more`;
  if (field !== "tomogramId" && !/^extra:./s.test(field)) return `there is no field ${field.slice(0, 40)}`;
  return isText(value)
    ? undefined
    : `${field.replace("extra:", "")} is a text of at most ${longestText} signs`;
}

const isAmong = (fields: readonly string[], field: string): boolean => fields.includes(field);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= longestText;
const isLabel = (value: unknown): boolean =>
  isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 255;
const isMark = (value: unknown): boolean => value === null || value === "accepted" || value === "rejected";

const isPoint = ({ x, y, z }: Readonly<Partial<Record<keyof ListedObject, unknown>>>): boolean =>
  isNumber(x) && isNumber(y) && isNumber(z);

const isPairs = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));
