/** Amounts of memory and time as people write them: `16GB`, `1.5 GiB`, `90min`, `1:30:00`. */

import { ownValue } from "./data-path.ts";

const memoryUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  tib: 2 ** 40,
};

const timeUnits: Readonly<Record<string, number>> = {
  "": 1,
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86400,
};

/** Matches what `parseMemory` reads; for the JSON Schema. */
export const memoryPattern = "^\\s*\\d+(\\.\\d+)?\\s*([kKmMgGtT]([iI]?[bB])?|[bB])?\\s*$";

/** Matches what `parseTime` reads; for the JSON Schema. */
export const timePattern =
  "^\\s*(\\d+(\\.\\d+)?\\s*(s|sec|m|min|h|d)?|(\\d+-)?\\d{1,3}:[0-5]\\d(:[0-5]\\d)?)\\s*$";

/** Bytes; a plain number is bytes. Undefined when it cannot be read. */
export function parseMemory(amount: number | string): number | undefined {
  if (typeof amount === "number") return amount;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(amount);
  const factor = match && ownValue(memoryUnits, match[2].toLowerCase());
  return factor ? Math.round(Number(match[1]) * factor) : undefined;
}

/** Seconds; a plain number is seconds, `1:30:00` is h:mm:ss, `1:30` is h:mm, `2-12:00` is days-h:mm. */
export function parseTime(amount: number | string): number | undefined {
  if (typeof amount === "number") return amount;
  const clock = /^\s*(?:(\d+)-)?(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\s*$/.exec(amount);
  if (clock) {
    const [days, hours, minutes, seconds] = clock.slice(1).map((part) => Number(part ?? 0));
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  }
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(amount);
  const factor = match && ownValue(timeUnits, match[2].toLowerCase());
  return factor ? Number(match[1]) * factor : undefined;
}
