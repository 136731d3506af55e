/**
 * What is in a folder that counts as one thing, an input or a result: its files, by their paths from it. Links are followed, and what
 * they lead to counts; a link to nothing or back to a folder above, a pipe, a socket and a device are refused, since nobody could keep
 * or compare them. Empty folders do not count, nor what file browsers and network disks leave.
 */
import type { BigIntStats, Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError, TomoflowError } from "./error.ts";
import { insteadOfFile } from "./regular-file.ts";

export interface FolderListing {
  /** Paths from the folder, with slashes, sorted by their UTF-16 codes. */
  readonly files: readonly string[];
  /** The folders on the way to them and the empty ones, likewise; the folder itself is `""`. */
  readonly folders: ReadonlyMap<string, BigIntStats>;
  /** Those of `files` that are links, or below one. */
  readonly linked: ReadonlySet<string>;
}

/** More files than this are better packed into one. */
const mostFiles = 1_000_000;

/** Left by macOS, Windows, NFS and editors (Emacs locks what it edits by a link to nothing), not by whoever made the folder. */
const ignoredNames = /^(?:\.DS_Store|Thumbs\.db|desktop\.ini|\.nfs[0-9a-f]{16,}|\.#.*)$/;

interface Walk {
  readonly root: string;
  readonly files: string[];
  readonly folders: Map<string, BigIntStats>;
  readonly linked: Set<string>;
}

interface Place {
  /** From the root, with slashes. */
  readonly path: string;
  readonly isLinked: boolean;
  /** `device:inode` of the folders above. */
  readonly above: readonly string[];
}

/**
 * @throws TomoflowError `folder-entry` for what is refused, `link-circle`, `folder-too-large`, and what the system says (`file-missing`
 * for no such folder)
 */
export async function listFolder(folder: string): Promise<FolderListing> {
  const walk: Walk = { root: folder, files: [], folders: new Map(), linked: new Set() };
  await walkFolder(walk, { path: "", isLinked: false, above: [] });
  walk.files.sort(byCode);
  return walk;
}

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);

async function walkFolder(walk: Walk, { path, isLinked, above }: Place): Promise<void> {
  const folder = join(walk.root, path);
  try {
    const stats = await stat(folder, { bigint: true });
    const self = `${stats.dev}:${stats.ino}`;
    if (above.includes(self)) throw circle(folder);
    walk.folders.set(path, stats);
    const entries = await readdir(folder, { withFileTypes: true });
    const inside = entries.filter(({ name }) => !ignoredNames.test(name));
    await Promise.all(inside.map((entry) => visit(walk, entry, { path, isLinked, above: [...above, self] })));
  } catch (error) {
    throw explainSystemError(error, folder);
  }
}

async function visit(walk: Walk, entry: Dirent, { path, isLinked, above }: Place): Promise<void> {
  const place = path === "" ? entry.name : `${path}/${entry.name}`;
  const shown = join(walk.root, place);
  checkName(entry.name, shown);
  const isLink = entry.isSymbolicLink();
  const found = isLink ? await statOfLink(shown) : entry;
  const linked = isLinked || isLink;
  if (found.isDirectory()) return walkFolder(walk, { path: place, isLinked: linked, above });
  if (!found.isFile()) throw special(shown, insteadOfFile(found));
  if (walk.files.length >= mostFiles) throw tooLarge(walk.root);
  walk.files.push(place);
  if (linked) walk.linked.add(place);
}

/** A name must come back as it was, on whatever disk and through whatever JSON. */
function checkName(name: string, shown: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!/[\u0000-\u001f\u007f\\\ufffd]/.test(name)) return;
  throw new TomoflowError(
    "folder-entry",
    `the name ${JSON.stringify(shown)} holds a backslash, a control character or what is not UTF-8`,
    { hint: "give that file another name" },
  );
}

async function statOfLink(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ELOOP") throw circle(path);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    throw new TomoflowError("folder-entry", `${path} is a link to nothing`, {
      hint: "remove it, or let it lead to a file that is there",
    });
  }
}

const circle = (path: string): TomoflowError =>
  new TomoflowError("link-circle", `${path} is a link that leads back to a folder above it`, {
    hint: "remove the link",
  });

const special = (path: string, found: string | undefined): TomoflowError =>
  new TomoflowError("folder-entry", `${path} is ${found ?? "no file"}, which cannot be kept`, {
    hint: "remove it, or have it made in another folder",
  });

const tooLarge = (folder: string): TomoflowError =>
  new TomoflowError("folder-too-large", `${folder} holds more than ${mostFiles} files`, {
    hint: "pack them into one file, as with tar -cf, or name the folders in it one by one",
  });
