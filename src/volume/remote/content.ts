/**
 * What an address holds, for the keys of tasks, without reading all of it: of a Zarr store the bytes of its description and what the server
 * tells of each chunk (ETag and length), of one object the same. A server that tells nothing is read.
 */
import { createHash } from "node:crypto";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { ByteFolder } from "../byte-folder.ts";
import type { ByteSource } from "../byte-source.ts";
import { chunkKeys } from "../zarr/chunk-keys.ts";
import { shownUrl, splitStore, urlIn, urlOf } from "./address.ts";
import { RemoteObject, type RemoteOptions } from "./object.ts";
import { openRemoteFolder } from "./source.ts";

/** Objects that are asked about at a time. */
const mostAtOnce = 16;

export interface RemoteContent {
  readonly sha256: string;
  /** Bytes of all chunks. */
  readonly size: number;
}

/** Throws what `openRemoteSource` and, for a store, `openZarr` throw. */
export async function remoteContent(
  address: string,
  dataset: string | undefined,
  options: RemoteOptions = {},
): Promise<RemoteContent> {
  const split = splitStore(address);
  if (!split) {
    const one = await fingerprint(urlOf(address), options);
    return { sha256: sha256(canonicalJson({ remote: 1, object: one.text })), size: one.size };
  }
  const { store, inside } = split;
  const seen = new Map<string, string>();
  const folder = noting(openRemoteFolder(store, options), seen);
  try {
    const name = [inside, (dataset ?? "").replace(/^\/+/, "")].filter((part) => part !== "").join("/");
    const keys = await chunkKeys(folder, name === "" ? undefined : name);
    const url = urlOf(store);
    const chunks = await inParallel(keys, (key) => fingerprint(urlIn(url, key), options));
    const description = [...seen].sort(([a], [b]) => (a < b ? -1 : 1));
    const text = canonicalJson({ remote: 1, name, description, chunks: chunks.map((chunk) => chunk.text) });
    return { sha256: sha256(text), size: chunks.reduce((sum, { size }) => sum + size, 0) };
  } finally {
    await folder.close();
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const next = items.entries();
  const worker = async () => {
    for (const [index, item] of next) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: mostAtOnce }, worker));
  return results;
}

/** Two servers may give two files one ETag, so that the address is part of it. */
async function fingerprint(
  url: URL,
  options: RemoteOptions,
): Promise<{ readonly text: string; readonly size: number }> {
  const object = new RemoteObject(url, options);
  try {
    const facts = await object.facts();
    if (!facts) return { text: `${shownUrl(url)} absent`, size: 0 };
    const { size, validator } = facts;
    if (validator !== undefined) return { text: `${shownUrl(url)} ${size} ${validator}`, size };
    const read = (position: number, target: Uint8Array) => object.read(facts, position, target);
    return { text: `${size} sha256 ${await digestOf({ size, read })}`, size };
  } finally {
    object.close();
  }
}

const pieceBytes = 8 << 20;

async function digestOf({ size, read }: Pick<ByteSource, "size" | "read">): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < size; at += pieceBytes) {
    const bytes = new Uint8Array(Math.min(pieceBytes, size - at));
    await read(at, bytes);
    hash.update(bytes);
  }
  return hash.digest("hex");
}

/** Notes the digest of each piece that is opened: the description. */
const noting = (folder: ByteFolder, seen: Map<string, string>): ByteFolder => ({
  ...folder,
  open: async (key) => {
    const source = await folder.open(key);
    if (source) seen.set(key, await digestOf(source));
    return source;
  },
});
