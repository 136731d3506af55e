/** How the flags of `tomoflow objects` are read, and how its lists are written. */
import { InvalidArgumentError } from "commander";
import type { ObjectFileOptions } from "../../objects/formats/object-format.ts";
import { readObjectsTold, writeObjects } from "../../objects/formats.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import type { PerClass } from "../../objects/operations/filter.ts";
import type { Shape3 } from "../../volume/volume.ts";
import { three } from "../amounts.ts";
import { count, writeDiagnostics, writeErrorLine } from "../output.ts";

/** `1,2,5-7` → [1, 2, 5, 6, 7]. */
export function parseWholeNumbers(text: string): readonly number[] {
  return text.split(",").flatMap((part) => {
    const [, first, last] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (first === undefined) throw new InvalidArgumentError("It must be whole numbers, such as 1,2 or 5-7.");
    const [from, to] = [Number(first), Number(last ?? first)];
    if (to < from || to - from > 1_000_000)
      throw new InvalidArgumentError(`The range ${part.trim()} runs the wrong way, or too far.`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** `a,b` → ["a", "b"]. */
export const parseNames = (text: string): readonly string[] => text.split(",").map((name) => name.trim());

export function parseNumber(text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new InvalidArgumentError("It must be a number.");
  return number;
}

export function parsePositive(text: string): number {
  const number = parseNumber(text);
  if (number <= 0) throw new InvalidArgumentError("It must be more than 0.");
  return number;
}

export function parseLabel(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a class label: 1, 2, 3 …");
  return Number(text);
}

/** `1=ribosome,2=proteasome`. */
export function parseClassNames(text: string): readonly { readonly label: number; readonly name: string }[] {
  return text.split(",").map((part) => {
    const [, label, name] = /^\s*([1-9]\d*)\s*=\s*(\S.*?)\s*$/.exec(part) ?? [];
    if (label === undefined)
      throw new InvalidArgumentError("It must be labels and names, such as 1=ribosome,2=proteasome.");
    return { label: Number(label), name };
  });
}

/** `10`, or by label `1=10,2=6`. */
export function parsePerClass(text: string): PerClass {
  if (!text.includes("=")) return parseNumber(text);
  const entries = text.split(",").map((part) => {
    const [, label, value] = /^\s*([1-9]\d*)\s*=(.*)$/.exec(part) ?? [];
    if (label === undefined)
      throw new InvalidArgumentError("It must be a number, or by label such as 1=10,2=6.");
    return [label, parseNumber(value)] as const;
  });
  return Object.fromEntries(entries);
}

/** `z,y,x` in voxels. */
export const parseShape = (text: string): Shape3 =>
  three(text, (length) => Number.isInteger(length) && length > 0, "whole numbers");

/** Reads a list, and tells in a line what in it makes no object. */
export async function readList(path: string, options: ObjectFileOptions = {}): Promise<ObjectList> {
  const { list, warnings } = await readObjectsTold(path, options);
  writeDiagnostics(warnings);
  return list;
}

/** Writes a list and says how many objects it holds, of how many, if some were left out. */
export async function writeList(
  path: string,
  list: ObjectList,
  { outOf = list.length, ...options }: ObjectFileOptions & { readonly outOf?: number } = {},
): Promise<void> {
  const result = await writeObjects(path, list, options);
  writeDiagnostics(result.diagnostics);
  const amount =
    outOf === list.length ? count(list.length, "object") : `${list.length} of ${count(outOf, "object")}`;
  writeErrorLine(`wrote ${path}: ${amount}`);
}
