/**
 * Keeps the text of environment variables out of what is written and shown: `${env.TOKEN}` may be a password. Task keys are made of
 * the real values; locks, reasons, logs, events and reports say the name and, where a change must be seen, a short hash.
 *
 * Values are found by their text, so that it does not matter by which way (params, the table, a program that prints it) they came.
 */
import { existsSync } from "node:fs";
import { isAbsolute, parse, sep } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { isMap } from "../text/data-path.ts";

export interface EnvironmentMask {
  /** True when there is nothing to keep out: both functions give back what they get. */
  readonly isEmpty: boolean;
  /** A text for people: the value becomes `${env.TOKEN}`. */
  text(text: string): string;
  /** Plain data for the lock: the value becomes `${env.TOKEN}#3f2a91bc`. */
  recorded<Value>(value: Value): Value;
}

/** Shorter values are found in too many texts, and are no secrets. */
const shortest = 4;

/** Of a key that is cut off, its beginning or end of this length is still told by. */
const longEnough = 64;

const everydayWords = /^(true|false|null|none|auto)$/i;

const nothing: EnvironmentMask = { isEmpty: true, text: (text) => text, recorded: (value) => value };

type Environment = Readonly<Record<string, string | undefined>>;

/** Asked for by every task. */
const known = new WeakMap<Environment, EnvironmentMask>();

/** `environment`: the variables that a workflow names. */
export function maskOf(environment: Environment): EnvironmentMask {
  const mask = known.get(environment) ?? makeMask(environment);
  known.set(environment, mask);
  return mask;
}

function makeMask(environment: Environment): EnvironmentMask {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && !isPath(value) && !everydayWords.test(value))
      for (const text of waysToShow(value))
        if (text.length >= shortest && !names.has(text)) names.set(text, name);
  if (names.size === 0) return nothing;
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"),
    "g",
  );
  const recordText = (text: string) =>
    text.replace(pattern, (found) => `${shown(names, found)}#${sha256(found).slice(0, 8)}`);
  return {
    isEmpty: false,
    text: (text) => text.replace(pattern, (found) => shown(names, found)),
    recorded: (value) => mapTexts(value, recordText) as typeof value,
  };
}

/** Logs show a value of several lines line by line, a command line quotes it, JSON escapes it, and failures cut long lines. */
const waysToShow = (value: string): readonly string[] =>
  [value, ...value.split(/\r?\n/)].flatMap((text) => [
    text,
    text.replaceAll("'", "'\\''"),
    JSON.stringify(text).slice(1, -1),
    ...(text.length > 2 * longEnough ? [text.slice(0, longEnough), text.slice(-longEnough)] : []),
  ]);

const shown = (names: ReadonlyMap<string, string>, found: string): string => `\${env.${names.get(found)}}`;

/** Where files are has to be told: folders such as HOME are no secrets. */
function isPath(value: string): boolean {
  if (!isAbsolute(value)) return false;
  const { root } = parse(value);
  const [first = ""] = value.slice(root.length).split(sep);
  return first === "" || existsSync(root + first);
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}

/** Whether a variable stands in the recorded `after` and not in `before`, which then may hold its value itself. */
export function isMaskedAnew(before: unknown, after: unknown): boolean {
  const known = maskedNames(before);
  return [...maskedNames(after)].some((name) => !known.has(name));
}

const maskedNames = (value: unknown): ReadonlySet<string> =>
  new Set(
    Array.from(
      (JSON.stringify(value) ?? "").matchAll(/\$\{env\.([^{}]*)\}#[0-9a-f]{8}/g),
      ([, name]) => name!,
    ),
  );
