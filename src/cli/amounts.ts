/** Amounts on the command line: `30d`, `500GB`, `4`, `10,64,64`. */
import { InvalidArgumentError } from "commander";
import { parseMemory, parseTime } from "../schema/text/quantity.ts";
import type { Triple } from "../volume/volume.ts";

/** Seconds of an age with its unit. Throws InvalidArgumentError. */
export function parseAge(text: string): number {
  const seconds = /[a-z:]/i.test(text) ? parseTime(text) : undefined;
  if (seconds === undefined) throw new InvalidArgumentError("Write a time with its unit, e.g. 30d or 12h.");
  return seconds;
}

/** Bytes of a size with its unit. Throws InvalidArgumentError. */
export function parseSize(text: string): number {
  const bytes = /[a-z]/i.test(text) ? parseMemory(text) : undefined;
  if (bytes === undefined) throw new InvalidArgumentError("Write a size with its unit, e.g. 500GB.");
  return bytes;
}

/** Throws InvalidArgumentError for what is no whole number of at least 1. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("It must be a whole number of at least 1.");
  return number;
}

/** Throws InvalidArgumentError for what is no number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

/**
 * `z,y,x`. Throws InvalidArgumentError where they are not three, or one is not right.
 * @param what of which they are three, in words
 */
export function three(text: string, isRight: (value: number) => boolean, what: string): Triple {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.length !== 3 || !numbers.every(isRight))
    throw new InvalidArgumentError(`It must be three ${what}: z,y,x.`);
  return numbers as unknown as Triple;
}

/** Å a voxel: one number, or `z,y,x`. Throws InvalidArgumentError. */
export function voxelSize(text: string): Triple {
  const numbers = text.split(",").map(Number);
  const valid = numbers.every((length) => length > 0 && Number.isFinite(length));
  if (!valid || ![1, 3].includes(numbers.length))
    throw new InvalidArgumentError("It must be a length in Å, such as 10 or 13.48, or three of them: z,y,x.");
  const [z, y = z, x = z] = numbers;
  return [z!, y!, x!];
}
