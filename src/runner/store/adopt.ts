/** The way into the cache: flushed to the disk, read-only, and under the hash of its content. */
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import { listFolder } from "../../core/folder-files.ts";
import type { Content } from "./content.ts";
import { backdate, syncFile, syncFolder, temporaryBeside } from "./durable.ts";
import type { StatCache } from "./stat-cache.ts";
import { contentOfTree, type TreeFile, treeText } from "./tree.ts";

/**
 * Moves a finished file in; it is read-only afterwards. `beforeMove` is awaited when its content is known. Throws explained system errors.
 */
export async function adoptFile(
  path: string,
  blobPath: (sha256: string) => string,
  contents: StatCache,
  beforeMove?: (content: Content) => Promise<void>,
): Promise<Content> {
  try {
    await chmod(path, 0o444);
    await syncFile(path);
    await backdate(path);
    const look = await contents.lookAt(path);
    if (look === undefined) throw Object.assign(new Error(`${path} vanished`), { code: "ENOENT" });
    const { content, stamp } = look;
    await beforeMove?.(content);
    const blob = blobPath(content.sha256);
    if (await keepsSame(blob, content, contents)) {
      await rm(path);
      return content;
    }
    await mkdir(dirname(blob), { recursive: true });
    await rename(path, blob);
    await syncFolder(dirname(blob));
    await contents.remember(blob, content.sha256, stamp);
    return content;
  } catch (error) {
    throw explainSystemError(error, path);
  }
}

/** The same content is there already: tasks may be reading that file through links. Its new ctime tells `gc` of its use. */
async function keepsSame(blob: string, { sha256 }: Content, contents: StatCache): Promise<boolean> {
  const there = await contents.lookAt(blob);
  if (there?.content.sha256 !== sha256) return false;
  try {
    await chmod(blob, 0o444);
  } catch {
    return false;
  }
  await contents.remember(blob, sha256, there.stamp);
  return true;
}

/** How many files of a folder are flushed to the disk at a time. */
const filesAtATime = 8;

/**
 * Moves all files of a finished folder in, then their list. The folder loses its name first: killed in it, what is left of it cannot be
 * taken for the output by a run that comes back to the attempt. Throws what `listFolder` throws and explained system errors.
 */
export async function adoptFolder(
  folder: string,
  blobPath: (sha256: string) => string,
  contents: StatCache,
): Promise<Content> {
  const aside = temporaryBeside(folder);
  await rename(folder, aside);
  const { files: paths } = await listFolder(aside);
  const files: TreeFile[] = [];
  const waiting = [...paths];
  const work = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
      files.push({ path, ...(await adoptFile(join(aside, path), blobPath, contents)) });
  };
  await Promise.all(Array.from({ length: filesAtATime }, work));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const content = contentOfTree(files);
  const list = temporaryBeside(folder);
  await writeFile(list, treeText(files), { flag: "wx" });
  await adoptFile(list, blobPath, contents);
  await rm(aside, { recursive: true, force: true });
  return content;
}
