/** Folders of the project, for choosing files: what is in them and of which kind each file is. */
import type { Dirent, Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError } from "../../../core/error.ts";
import type { FileKind, FolderAnswer, FolderEntry } from "../../protocol/forms.ts";
import { fromRoot } from "./check-text.ts";

const shownEntries = 2000;

export interface BrowseRequest {
  /** Absolute, inside the root. */
  readonly folder: string;
  readonly root: string;
  /** Whether a path, links followed, may be shown. */
  readonly isAllowed: (path: string) => Promise<boolean>;
}

/** Folders first, then files by name; hidden ones and those that links lead out of the project are left out. */
export async function browseFolder({ folder, root, isAllowed }: BrowseRequest): Promise<FolderAnswer> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw explainSystemError(error, folder);
  });
  const named = found.filter(({ name }) => !isHidden(name)).sort(byFolderAndName);
  const entries: FolderEntry[] = [];
  for (const { name } of named) {
    if (entries.length === shownEntries) break;
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined);
    if (!stats || !(stats.isFile() || stats.isDirectory()) || !(await isAllowed(path))) continue;
    entries.push(entryOf(path, { name, stats, root }));
  }
  return {
    path: fromRoot(folder, root),
    entries: entries.sort((a, b) => Number(b.kind === "folder") - Number(a.kind === "folder")),
    isCut: named.length > shownEntries,
  };
}

const isHidden = (name: string): boolean => name.startsWith(".") || name === "node_modules";

/** `t2` before `t10`. */
const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const byFolderAndName = (a: Dirent, b: Dirent): number =>
  Number(b.isDirectory()) - Number(a.isDirectory()) || byName.compare(a.name, b.name);

function entryOf(
  path: string,
  { name, stats, root }: { readonly name: string; readonly stats: Stats; readonly root: string },
): FolderEntry {
  const kind = stats.isDirectory() ? "folder" : kindOfFile(name);
  return {
    name,
    path: fromRoot(path, root),
    kind,
    ...(kind !== "folder" && { bytes: stats.size, changedMs: stats.mtimeMs }),
  };
}

const endings: readonly (readonly [FileKind, RegExp])[] = [
  ["workflow", /\.ya?ml$/i],
  ["tomogram", /\.(mrc|map|rec|st|ali|mrcs|hdf|hdf5)$/i],
  ["list", /\.(xml|star|txt)$/i],
  ["table", /\.(csv|tsv|xlsx)$/i],
  // .h5 holds tomograms as well as weights; the place where it is chosen says which
  ["weights", /\.(h5|keras|onnx)$/i],
  ["picture", /\.(svg|png)$/i],
];

/** Told by the ending alone: nothing is opened. */
export const kindOfFile = (name: string): FileKind =>
  endings.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
