/**
 * Where the symbolic links are that show files of the cache (`cache.link: symlink`): `gc` must know them all, also those
 * that no lock names any more. A file for each in `.tomoflow/links`, written before the link is there.
 */
import { lstat, mkdir, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { writeDurably } from "./durable.ts";
import { type Layout, toProjectPath } from "./layout.ts";

/** A record may be there a moment before its link is. */
const patienceMilliseconds = 86_400_000;

/** Notes that `target` is about to become a link to a blob, or a folder of such links. Throws explained system errors. */
export async function recordLink(layout: Layout, target: string): Promise<void> {
  const path = toProjectPath(layout, target);
  await mkdir(layout.links, { recursive: true });
  await writeDurably(join(layout.links, sha256(path)), `${JSON.stringify(path)}\n`);
}

/** SHA-256 of the blobs that working copies are links to: those on record, and all that lie in the project's folder. */
export async function linkedBlobs(layout: Layout): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of [...(await recordedLinks(layout)), ...(await linksBelow(layout.project, layout.root))])
    for (const blob of await blobsShownAt(path, layout)) found.add(blob);
  return found;
}

/** Of a link its blob; of a folder those of all links in it; of anything else none. */
async function blobsShownAt(path: string, layout: Layout): Promise<readonly string[]> {
  const isFolder = (await lstat(path).catch(() => undefined))?.isDirectory() === true;
  const links = isFolder ? await linksBelow(path, layout.root) : [path];
  const blobs = await Promise.all(links.map((link) => linkedBlob(link, layout)));
  return blobs.filter((blob) => blob !== undefined);
}

/** Whether a working copy is a link to the cache, or a folder with such a link. */
export const showsCache = async (path: string, layout: Layout): Promise<boolean> =>
  (await blobsShownAt(path, layout)).length > 0;

/** Removes the records of links that are gone. */
export async function forgetGoneLinks(layout: Layout, now: number): Promise<void> {
  for (const name of await readdir(layout.links).catch(() => [])) {
    const record = join(layout.links, name);
    const stats = await stat(record).catch(() => undefined);
    if (stats === undefined || now - stats.mtimeMs < patienceMilliseconds) continue;
    const path = await recordedLink(record, layout);
    if (path === undefined || !(await showsCache(path, layout)))
      await rm(record, { force: true }).catch(() => undefined);
  }
}

/** Name of the blob that `path` leads to through links; undefined for anything else. */
export async function linkedBlob(path: string, { blobs }: Layout): Promise<string | undefined> {
  const [real, root] = await Promise.all([path, blobs].map((each) => realpath(each).catch(() => undefined)));
  if (real === undefined || root === undefined) return undefined;
  return dirname(dirname(real)) === root ? basename(real) : undefined;
}

/** What a link in the folder of `link` says to lead to `blob`: relative within a project, so that it may be moved. */
export async function linkText(link: string, blob: string, { project }: Layout): Promise<string> {
  const [folder, file, root] = await Promise.all(
    [dirname(link), blob, project].map((path) => realpath(path)),
  );
  const inside = [folder!, file!].every((path) => `${path}${sep}`.startsWith(`${root}${sep}`));
  return inside ? relative(folder!, file!) : file!;
}

async function recordedLinks(layout: Layout): Promise<readonly string[]> {
  const names = await readdir(layout.links).catch(() => [] as string[]);
  const paths = await Promise.all(names.map((name) => recordedLink(join(layout.links, name), layout)));
  return paths.filter((path) => path !== undefined);
}

/** Undefined for a record that cannot be read. */
async function recordedLink(record: string, { project }: Layout): Promise<string | undefined> {
  try {
    const path: unknown = JSON.parse(await readFile(record, "utf8"));
    return typeof path === "string" ? resolve(project, path) : undefined;
  } catch {
    return undefined;
  }
}

async function linksBelow(folder: string, except: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) return [path];
      return entry.isDirectory() && path !== except ? linksBelow(path, except) : [];
    }),
  );
  return found.flat();
}
