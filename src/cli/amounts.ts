/** Amounts on the command line: `30d`, `500GB`, and bytes as people read them. */
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

const units = ["kB", "MB", "GB", "TB", "PB"];

/** `0 B`, `999 B`, `1.2 kB`, `34 MB`, `5.6 TB`: powers of 1000, two digits at least. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
