/**
 * The run cache: files by the SHA-256 of their content (`blobs/ab/abcd…`), the lists of folders among them, and what each task key made
 * (`manifests/ab/<key>.json`). A manifest is written after its blobs are safe on the disk, so one that is there is true.
 */
import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { adoptFile, adoptFolder } from "./adopt.ts";
import { type Content, isFolder, sameContent } from "./content.ts";
import { writeDurably } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { readManifest } from "./read-manifest.ts";
import type { StatCache } from "./stat-cache.ts";
import { contentOfTree, readTree, type TreeFile } from "./tree.ts";

export interface Manifest {
  readonly version: 1;
  readonly key: string;
  readonly kind: string;
  readonly kindVersion: number;
  /** Names the checkpoints that the task left; absent in those of the first version. */
  readonly lineage?: string;
  /** By output port. */
  readonly outputs: Readonly<Record<string, Content>>;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly engine?: string;
  readonly tomoflow: string;
}

export interface Store {
  /** Path of the blob with this content, whether it is there or not; of a folder that of its list. */
  blobPath(sha256: string): string;
  /** Whether the file is there with its size; of a folder all of its files. */
  has(content: Content): Promise<boolean>;
  /** The files of a folder; undefined where the cache does not have its list. */
  filesOf(content: Content): Promise<readonly TreeFile[] | undefined>;
  /** What the key made before, if all of it is still there. */
  find(key: string): Promise<Manifest | undefined>;
  /**
   * Moves a finished file or folder in and returns its content; files are read-only afterwards. `beforeMove` is awaited when the content
   * of a file is known.
   */
  adopt(path: string, beforeMove?: (content: Content) => Promise<void>): Promise<Content>;
  save(manifest: Manifest): Promise<void>;
  /** Notes that a result was of use, so that `gc` takes others first. */
  touch(key: string): Promise<void>;
  /** False when the blob is gone or its content is no longer what its name says. */
  isSound(content: Content): Promise<boolean>;
  /** Forgets a manifest whose blobs turned out damaged. */
  forget(key: string): Promise<void>;
}

export function openStore(layout: Layout, contents: StatCache): Store {
  const blobPath = (sha256: string) => join(layout.blobs, sha256.slice(0, 2), sha256);
  const manifestPath = (key: string) => join(layout.manifests, key.slice(0, 2), `${key}.json`);
  const filesOf = async (content: Content) => {
    const files = await readTree(blobPath(content.sha256));
    return files && sameContent(contentOfTree(files), content) ? files : undefined;
  };
  const hasFile = async ({ sha256, size }: Content) =>
    (await stat(blobPath(sha256)).catch(() => undefined))?.size === size;
  const has = (content: Content) => everyFile(content, filesOf, hasFile);
  const isSoundFile = async ({ sha256 }: Content) =>
    (await contents.contentOf(blobPath(sha256)))?.sha256 === sha256;
  return {
    blobPath,
    has,
    filesOf,
    find: (key) => findManifest(manifestPath(key), key, has),
    async adopt(path, beforeMove) {
      const isFile = (await stat(path).catch(() => undefined))?.isDirectory() !== true;
      return isFile ? adoptFile(path, blobPath, contents, beforeMove) : adoptFolder(path, blobPath, contents);
    },
    async save(manifest) {
      const path = manifestPath(manifest.key);
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(path, `${JSON.stringify(manifest, undefined, 1)}\n`);
    },
    async touch(key) {
      const now = new Date();
      await utimes(manifestPath(key), now, now).catch(() => undefined);
    },
    isSound: (content) => everyFile(content, filesOf, isSoundFile),
    forget: (key) => rm(manifestPath(key), { force: true }),
  };
}

async function everyFile(
  content: Content,
  filesOf: Store["filesOf"],
  holds: (file: Content) => Promise<boolean>,
): Promise<boolean> {
  const files = isFolder(content) ? await filesOf(content) : [content];
  return files !== undefined && (await Promise.all(files.map(holds))).every(Boolean);
}

async function findManifest(path: string, key: string, has: Store["has"]): Promise<Manifest | undefined> {
  const manifest = await readManifest(path);
  if (manifest?.key !== key) return undefined;
  const present = await Promise.all(Object.values(manifest.outputs).map(has));
  return present.every(Boolean) ? manifest : undefined;
}
