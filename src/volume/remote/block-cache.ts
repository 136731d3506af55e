/**
 * What has arrived from addresses, on this machine's disk: an object's facts, and its bytes in blocks, each behind its SHA-256, so that a
 * block that was damaged here is fetched again. Several programs may use it at once. A disk that is full or read-only only costs time.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../core/cache-folder.ts";
import { sha256 } from "../../core/hash.ts";
import type { RemoteFacts } from "./request.ts";

export const blockBytes = 1 << 20;

/** What was known of an address, and when (milliseconds since 1970). */
export interface KnownObject {
  readonly checked: number;
  /** Absent where there is nothing at the address. */
  readonly facts?: RemoteFacts;
}

const digestBytes = 32;

export const remoteCacheFolder = (): string =>
  process.env.TOMOFLOW_REMOTE_CACHE || join(cacheFolder(), "remote");

export class BlockCache {
  readonly #folder: string;

  /** For one address. */
  constructor(url: URL, folder: string = remoteCacheFolder()) {
    const name = sha256(url.href);
    this.#folder = join(folder, name.slice(0, 2), name.slice(2));
  }

  async known(): Promise<KnownObject | undefined> {
    try {
      const value = JSON.parse(await readFile(join(this.#folder, "object.json"), "utf8")) as KnownObject;
      const { checked, facts } = value;
      const isRight = facts === undefined || (Number.isSafeInteger(facts.size) && facts.size >= 0);
      return Number.isFinite(checked) && isRight ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Blocks of another object at the same address are removed. */
  async remember(known: KnownObject, before: KnownObject | undefined): Promise<void> {
    await this.#write("object.json", Buffer.from(JSON.stringify(known)));
    if (before?.facts && (!known.facts || partOf(known.facts) !== partOf(before.facts)))
      await rm(join(this.#folder, partOf(before.facts)), { recursive: true, force: true }).catch(
        () => undefined,
      );
  }

  async block(facts: RemoteFacts, index: number): Promise<Uint8Array | undefined> {
    const stored = await readFile(this.#blockPath(facts, index)).catch(() => undefined);
    const expected = Math.min(blockBytes, facts.size - index * blockBytes);
    if (stored?.length !== digestBytes + expected) return undefined;
    const bytes = stored.subarray(digestBytes);
    return digest(bytes).equals(stored.subarray(0, digestBytes)) ? bytes : undefined;
  }

  keep(facts: RemoteFacts, index: number, bytes: Uint8Array): Promise<void> {
    return this.#write(join(partOf(facts), String(index)), Buffer.concat([digest(bytes), bytes]));
  }

  #blockPath(facts: RemoteFacts, index: number): string {
    return join(this.#folder, partOf(facts), String(index));
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    const temporary = `${path}.${randomBytes(6).toString("hex")}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(temporary, bytes);
      await rename(temporary, path);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** Of one state of the object. */
const partOf = ({ size, validator = "" }: RemoteFacts): string => sha256(`${size} ${validator}`).slice(0, 24);
