/**
 * A folder as one content: the list of its files with their hashes, sorted, as canonical JSON. The list is kept in the cache like a file,
 * under its own hash, as the directory objects of DVC are; so two folders that differ in one file share all others. Names, contents
 * and nothing else count: neither modes nor times nor empty folders.
 */
import { readFile } from "node:fs/promises";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { Content } from "./content.ts";
import { isRecord, isSeconds, isSha256 } from "./record-shapes.ts";

export interface TreeFile {
  /** From the folder, with slashes. */
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** `files` sorted by path, as `listFolder` does. */
export const treeText = (files: readonly TreeFile[]): string =>
  canonicalJson({ tree: 1, files: files.map(({ path, sha256: hash, size }) => [path, hash, size]) });

export const contentOfTree = (files: readonly TreeFile[]): Content => ({
  sha256: sha256(treeText(files)),
  size: files.reduce((sum, { size }) => sum + size, 0),
  files: files.length,
});

/** The list at `path`; undefined where there is none, or one that is not what we write. */
export async function readTree(path: string): Promise<readonly TreeFile[] | undefined> {
  try {
    return parseTree(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Believes nothing: a path in it is written to. Throws for what is no JSON. */
export function parseTree(text: string): readonly TreeFile[] | undefined {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value.tree !== 1 || !Array.isArray(value.files)) return undefined;
  const files: TreeFile[] = [];
  for (const entry of value.files as readonly unknown[]) {
    if (!Array.isArray(entry) || entry.length !== 3) return undefined;
    const [path, hash, size] = entry as readonly unknown[];
    if (typeof path !== "string" || !isTidy(path) || !isSha256(hash) || !isSeconds(size)) return undefined;
    if (files.length > 0 && path <= files.at(-1)!.path) return undefined;
    files.push({ path, sha256: hash, size });
  }
  return files;
}

/** Leads down into the folder, by plain names. */
const isTidy = (path: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  !/[\u0000-\u001f\u007f\\]/.test(path) &&
  path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
