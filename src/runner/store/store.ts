/**
 * The run cache: files by the SHA-256 of their content (`blobs/ab/abcd…`) and what each task key made
 * (`manifests/ab/<key>.json`). A manifest is written after its blobs are safe on the disk, so one that is there is true.
 */
import { chmod, mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import { backdate, syncFile, syncFolder, writeDurably } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { readManifest } from "./read-manifest.ts";
import type { FileContent, StatCache } from "./stat-cache.ts";

export interface Manifest {
  readonly version: 1;
  readonly key: string;
  readonly kind: string;
  readonly kindVersion: number;
  /** Names the checkpoints that the task left; absent in those of the first version. */
  readonly lineage?: string;
  /** By output port. */
  readonly outputs: Readonly<Record<string, FileContent>>;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly engine?: string;
  readonly tomoflow: string;
}

export interface Store {
  /** Path of the blob with this content, whether it is there or not. */
  blobPath(sha256: string): string;
  hasBlob(content: FileContent): Promise<boolean>;
  /** What the key made before, if all of it is still there. */
  find(key: string): Promise<Manifest | undefined>;
  /** Moves a finished file in and returns its content; it is read-only afterwards. */
  adopt(path: string): Promise<FileContent>;
  save(manifest: Manifest): Promise<void>;
  /** Notes that a result was of use, so that `gc` takes others first. */
  touch(key: string): Promise<void>;
  /** False when the blob is gone or its content is no longer what its name says. */
  isSound(content: FileContent): Promise<boolean>;
  /** Forgets a manifest whose blobs turned out damaged. */
  forget(key: string): Promise<void>;
}

export function openStore(layout: Layout, contents: StatCache): Store {
  const blobPath = (sha256: string) => join(layout.blobs, sha256.slice(0, 2), sha256);
  const manifestPath = (key: string) => join(layout.manifests, key.slice(0, 2), `${key}.json`);
  const hasBlob = async ({ sha256, size }: FileContent) =>
    (await stat(blobPath(sha256)).catch(() => undefined))?.size === size;
  return {
    blobPath,
    hasBlob,
    find: (key) => findManifest(manifestPath(key), key, hasBlob),
    adopt: (path) => adopt(path, blobPath, contents),
    async save(manifest) {
      const path = manifestPath(manifest.key);
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(path, `${JSON.stringify(manifest, undefined, 1)}\n`);
    },
    async touch(key) {
      const now = new Date();
      await utimes(manifestPath(key), now, now).catch(() => undefined);
    },
    async isSound({ sha256 }) {
      return (await contents.contentOf(blobPath(sha256)))?.sha256 === sha256;
    },
    forget: (key) => rm(manifestPath(key), { force: true }),
  };
}

async function findManifest(
  path: string,
  key: string,
  hasBlob: Store["hasBlob"],
): Promise<Manifest | undefined> {
  const manifest = await readManifest(path);
  if (manifest?.key !== key) return undefined;
  const present = await Promise.all(Object.values(manifest.outputs).map(hasBlob));
  return present.every(Boolean) ? manifest : undefined;
}

async function adopt(
  path: string,
  blobPath: (sha256: string) => string,
  contents: StatCache,
): Promise<FileContent> {
  try {
    await chmod(path, 0o444);
    await syncFile(path);
    await backdate(path);
    const look = await contents.lookAt(path);
    if (look === undefined) throw Object.assign(new Error(`${path} vanished`), { code: "ENOENT" });
    const { content, stamp } = look;
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
async function keepsSame(blob: string, { sha256 }: FileContent, contents: StatCache): Promise<boolean> {
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
