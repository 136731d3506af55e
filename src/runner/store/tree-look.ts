/** Looks at a folder: each of its files as the stat cache knows it, so that nothing is hashed twice and a second look costs a `stat` a file. */
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import { type FolderListing, listFolder } from "../../core/folder-files.ts";
import { sha256 } from "../../core/hash.ts";
import type { Look, Stamp } from "./stat-cache.ts";
import { contentOfTree, type TreeFile } from "./tree.ts";

/** Undefined when files came, went or changed while it looked. Throws what `listFolder` and the looks throw. */
export async function lookAtFolder(
  folder: string,
  lookAt: (path: string) => Promise<Look | undefined>,
): Promise<Look | undefined> {
  const listing = await listFolder(folder);
  const looks = await Promise.all(listing.files.map((path) => lookAt(join(folder, path))));
  const files: TreeFile[] = [];
  for (const [index, path] of listing.files.entries()) {
    const look = looks[index];
    if (look === undefined || look.inside !== undefined) return undefined;
    files.push({ path, ...look.content });
  }
  const folders = stampsOf(listing);
  const inside = {
    files: new Map(listing.files.map((path, index) => [path, looks[index]!])),
    folders,
  };
  return { content: contentOfTree(files), stamp: stampOfAll(listing, inside), inside };
}

/** Whether the folders hold still: no file came or went since the look. */
export async function hasSameFolders(folder: string, { inside }: Look): Promise<boolean> {
  const now = stampsOf(await listFolder(folder));
  const then = inside?.folders ?? new Map();
  return now.size === then.size && [...now].every(([path, stamp]) => then.get(path) === stamp);
}

const stampsOf = ({ folders }: FolderListing): ReadonlyMap<string, string> =>
  new Map([...folders].map(([path, stats]) => [path, folderStamp(stats)]));

const folderStamp = ({ dev, ino, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${dev}:${ino} ${mtimeNs} ${ctimeNs}`;

/** Of the folder itself, with the states of all that is in it. */
function stampOfAll(listing: FolderListing, { files, folders }: NonNullable<Look["inside"]>): Stamp {
  const { dev, ino } = listing.folders.get("")!;
  const stamps = [...files.values()].map(({ stamp }) => stamp);
  const all = [...stamps.map(({ file, state }) => `${file} ${state}`), ...folders.values()];
  const state = sha256([...files.keys(), ...folders.keys(), ...all].join("\n"));
  return {
    file: `${dev}:${ino}`,
    state,
    body: state,
    size: stamps.reduce((sum, { size }) => sum + size, 0),
    changedMilliseconds: stamps.reduce((last, { changedMilliseconds: at }) => Math.max(last, at), 0),
  };
}
