/** Finds files by a pattern: `*` and `?` within a name, `[abc]`, `{a,b}`, and `**` for any number of folders. */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { type NameMatcher, nameMatcher } from "./name-pattern.ts";

/** What a pattern may lead through before it is taken for a mistake. */
export interface GlobLimits {
  readonly folders: number;
  readonly files: number;
}

const usualLimits: GlobLimits = { folders: 50_000, files: 200_000 };

const longestPattern = 4096;

/** Folders that are read at once. */
const concurrency = 16;

/**
 * Paths of the files that match, sorted by name with numbers in order; relative to `folder` unless the pattern is absolute.
 * `**` follows no links; each folder is read once. Throws TomoflowError `glob-too-wide` beyond the limits.
 */
export async function findFiles(
  pattern: string,
  folder: string,
  limits: GlobLimits = usualLimits,
): Promise<string[]> {
  if (pattern.length > longestPattern) throw tooWide(pattern.slice(0, 60), `… has ${pattern.length} letters`);
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  const matchers = parts.map(nameMatcher);
  const found = new Set<string>();
  let folders = 0;
  let open: Visit[] = [{ at: isAbsolute(pattern) ? sep : "", next: new Set([0]) }];
  while (open.length > 0) {
    const now = open.splice(-concurrency);
    folders += now.length;
    if (folders > limits.folders) throw tooWide(pattern, `leads through more than ${limits.folders} folders`);
    const looks = await Promise.all(now.map((visit) => lookInto(visit, { parts, matchers, folder })));
    for (const { files, visits } of looks) {
      for (const file of files) found.add(file);
      open = open.concat(visits);
    }
    if (found.size > limits.files) throw tooWide(pattern, `matches more than ${limits.files} files`);
  }
  return [...found].sort(new Intl.Collator("en", { numeric: true }).compare);
}

const tooWide = (pattern: string, what: string): TomoflowError =>
  new TomoflowError("glob-too-wide", `${pattern} ${what}`, {
    hint: "name more of the way to the files, as in data/2026/*/t*.mrc, with as few ** as will do",
  });

/** A folder to read, with every part of the pattern that its entries may match. */
interface Visit {
  readonly at: string;
  readonly next: ReadonlySet<number>;
}

interface Pattern {
  readonly parts: readonly string[];
  readonly matchers: readonly NameMatcher[];
  /** Where relative patterns start. */
  readonly folder: string;
}

async function lookInto(
  { at, next }: Visit,
  pattern: Pattern,
): Promise<{ files: string[]; visits: Visit[] }> {
  const { parts, folder } = pattern;
  const wanted = withoutFolders(next, parts);
  const visits: Visit[] = [...wanted]
    .filter((index) => parts[index] === "..")
    .map((index) => ({ at: join(at, ".."), next: new Set([index + 1]) }));
  const files: string[] = [];
  const entries = await entriesOf(isAbsolute(at) ? at : join(folder, at));
  for (const entry of entries) {
    const { isFound, inside } = follow(entry, wanted, pattern);
    if (isFound) files.push(join(at, entry.name));
    if (inside.size > 0) visits.push({ at: join(at, entry.name), next: inside });
  }
  return { files, visits };
}

/** `**` also stands for no folder at all; as the last part it stands for every file. */
function withoutFolders(next: ReadonlySet<number>, parts: readonly string[]): ReadonlySet<number> {
  const wanted = new Set(next);
  for (const index of wanted) if (parts[index] === "**" && index + 1 < parts.length) wanted.add(index + 1);
  return wanted;
}

/** Whether an entry is a file that matches, and which parts what is inside of it may match. */
function follow(
  entry: Dirent,
  wanted: ReadonlySet<number>,
  { parts, matchers }: Pattern,
): { isFound: boolean; inside: Set<number> } {
  const isHidden = entry.name.startsWith(".");
  const isFile = !entry.isDirectory() || entry.name.endsWith(".zarr");
  const inside = new Set<number>();
  let isFound = false;
  for (const index of wanted) {
    const part = parts[index];
    // a pattern that is empty or ends in .. names no file
    if (part === undefined) continue;
    const isLast = index === parts.length - 1;
    if (isHidden && !part.startsWith(".")) continue;
    if (part === "**") {
      if (entry.isDirectory()) inside.add(index);
      if (isLast && isFile) isFound = true;
    } else if (part !== ".." && matchers[index]!(entry.name)) {
      if (isLast) isFound ||= isFile;
      else if (entry.isDirectory() || entry.isSymbolicLink()) inside.add(index + 1);
    }
  }
  return { isFound, inside };
}

async function entriesOf(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
