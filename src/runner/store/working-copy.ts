/** Gives cached results to the working tree, where users and other programs find them. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import { type Content, isFolder, sameContent } from "./content.ts";
import { removeLeftovers, syncFolder, temporaryBeside } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { recordLink } from "./links.ts";
import { damagedBlob, type LinkMode, materialise } from "./materialise.ts";
import { putInPlace } from "./put-in-place.ts";
import type { Stamp, StatCache } from "./stat-cache.ts";
import type { Store } from "./store.ts";

export interface WorkingTree {
  readonly link: LinkMode;
  readonly contents: StatCache;
  readonly layout: Layout;
  readonly store: Store;
}

/** How many files of a folder are copied and flushed at a time. */
const filesAtATime = 8;

/**
 * Makes `target` hold the content: nothing to do when it does already, else a new file or folder takes its name. A reader
 * never sees a part, and a failure (disk full) leaves the old one. Throws `cache-damaged` for what is not in the cache as its
 * name says, and explained system errors.
 */
export async function giveToWorkingTree(content: Content, target: string, tree: WorkingTree): Promise<void> {
  const { contents, layout } = tree;
  if (sameContent(await contents.contentOf(target), content)) return;
  const temporary = temporaryBeside(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await removeLeftovers(target);
    if (tree.link === "symlink") await recordLink(layout, target);
    const made = isFolder(content)
      ? await materialiseFolder(content, { target, temporary }, tree)
      : [await makeFile(content, { target, temporary }, tree)];
    await putInPlace(temporary, target);
    // what another run or a sync daemon puts there from here on has a stamp of its own
    for (const { path, sha256, stamp } of made) await contents.remember(path, sha256, stamp);
  } catch (error) {
    throw explainSystemError(error, target);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

interface Made {
  /** Where it will be. */
  readonly path: string;
  readonly sha256: string;
  readonly stamp: Stamp;
}

interface Places {
  readonly target: string;
  readonly temporary: string;
}

const makeFile = async (
  { sha256 }: Pick<Content, "sha256">,
  { target, temporary }: Places,
  tree: WorkingTree,
): Promise<Made> => ({
  path: target,
  sha256,
  stamp: await materialise({ path: tree.store.blobPath(sha256), sha256 }, temporary, tree),
});

async function materialiseFolder(
  content: Content,
  { target, temporary }: Places,
  tree: WorkingTree,
): Promise<readonly Made[]> {
  const { store } = tree;
  const files = await store.filesOf(content);
  if (files === undefined) throw damagedBlob(store.blobPath(content.sha256));
  const folders = new Set(files.map(({ path }) => dirname(path)));
  for (const folder of ["", ...folders]) await mkdir(join(temporary, folder), { recursive: true });
  const made: Made[] = [];
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.pop(); file; file = waiting.pop()) {
      const places = { target: join(target, file.path), temporary: join(temporary, file.path) };
      made.push(await makeFile(file, places, tree));
    }
  };
  await Promise.all(Array.from({ length: filesAtATime }, work));
  for (const folder of folders) await syncFolder(join(temporary, folder));
  return made;
}
