/** Amounts on the command line: `30d`, `500GB`. */
import { InvalidArgumentError } from "commander";
import { parseMemory, parseTime } from "../schema/quantity.ts";

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
