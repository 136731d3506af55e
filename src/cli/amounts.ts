/** Amounts on the command line: `30d`, `500GB`, `4`. */
import { InvalidArgumentError } from "commander";
import { parseMemory, parseTime } from "../schema/text/quantity.ts";

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
