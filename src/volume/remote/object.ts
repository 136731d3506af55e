/** One object at an address, read by ranges through the cache of this machine. */
import { TomoflowError } from "../../core/error.ts";
import { shownUrl } from "./address.ts";
import { BlockCache, blockBytes, type KnownObject } from "./block-cache.ts";
import { type Download, download, look, type Patience, usualPatience } from "./download.ts";
import type { RemoteFacts } from "./request.ts";

export interface RemoteOptions {
  readonly patience?: Patience;
  /** Where blocks are kept; that of the user when not given. */
  readonly cache?: string;
  /** Milliseconds for which what the server said is taken as true. */
  readonly freshMilliseconds?: number;
}

/** A plan has looked at each piece just before its tasks read them. */
const usualFresh = 5 * 60_000;

/** Blocks that one request asks for. */
const mostTogether = 16;
/** Blocks that are kept in memory. */
const mostRemembered = 32;
/** While a host cannot be reached, what is in the cache is used without waiting for it again. */
const offlineMilliseconds = 60_000;

/** When a host could not be reached. */
const offlineSince = new Map<string, number>();

export class RemoteObject {
  readonly url: URL;
  readonly #cache: BlockCache;
  readonly #patience: Patience;
  readonly #fresh: number;
  readonly #memory = new Map<number, Uint8Array>();
  readonly #fetching = new Map<number, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(
    url: URL,
    { patience = usualPatience, cache, freshMilliseconds = usualFresh }: RemoteOptions = {},
  ) {
    this.url = url;
    this.#cache = new BlockCache(url, cache);
    this.#patience = patience;
    this.#fresh = freshMilliseconds;
  }

  /** Asks the server where the last answer is not fresh; undefined where there is nothing. Offline the cache's word is taken. */
  facts(): Promise<RemoteFacts | undefined> {
    return this.#ask(async (known) => {
      const facts = await look(this.url, { patience: this.#patience, signal: this.#closing.signal });
      if (facts === "not-told") return this.#begin(known);
      return facts === "absent" ? undefined : facts;
    });
  }

  /** As `facts`, and the first block is there then. */
  open(): Promise<RemoteFacts | undefined> {
    return this.#ask((known) => this.#begin(known));
  }

  /** Fills `target` from `position` on. */
  async read(facts: RemoteFacts, position: number, target: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (position + target.length > facts.size)
      throw new TomoflowError("file-changed", `${shownUrl(this.url)} ends at byte ${facts.size}`, {
        hint: "it is cut off at the server",
      });
    const end = position + target.length;
    for (let at = position; at < end; ) {
      signal?.throwIfAborted();
      const index = Math.floor(at / blockBytes);
      const last = Math.floor((end - 1) / blockBytes);
      const block = (await this.#have(facts, index)) ?? (await this.#fetch(facts, { index, last }, signal));
      if (!block) continue;
      const from = at - index * blockBytes;
      const part = block.subarray(from, Math.min(block.length, end - index * blockBytes));
      target.set(part, at - position);
      at += part.length;
    }
  }

  close(): void {
    this.#closing.abort();
    this.#memory.clear();
  }

  async #ask(
    work: (known: KnownObject | undefined) => Promise<RemoteFacts | undefined>,
  ): Promise<RemoteFacts | undefined> {
    const known = await this.#cache.known();
    const now = Date.now();
    if (known && now - known.checked < this.#fresh && known.checked <= now) return known.facts;
    if (known && now - (offlineSince.get(this.url.host) ?? 0) < offlineMilliseconds) return known.facts;
    try {
      const facts = await work(known);
      offlineSince.delete(this.url.host);
      await this.#cache.remember({ checked: Date.now(), ...(facts && { facts }) }, known);
      return facts;
    } catch (error) {
      if (!known || !(error instanceof TomoflowError && error.code === "remote-unreachable")) throw error;
      offlineSince.set(this.url.host, Date.now());
      return known.facts;
    }
  }

  /** Fetches the first block, unless it is there and the server says that nothing has changed. */
  async #begin(known: KnownObject | undefined): Promise<RemoteFacts | undefined> {
    const before = known?.facts;
    const isThere =
      before !== undefined && (before.size === 0 || (await this.#have(before, 0)) !== undefined);
    const taken = new BlockTaker(0);
    const answer = await this.#download(
      { first: 0, end: blockBytes, known: isThere ? before.validator : undefined },
      taken,
    );
    if (answer.type !== "done") return answer.type === "absent" ? undefined : before;
    await this.#putLast(answer.facts, taken);
    return answer.facts;
  }

  #download(
    {
      first,
      end,
      expected,
      known,
    }: { first: number; end: number; expected?: RemoteFacts; known?: string | undefined },
    taken: BlockTaker,
    signal?: AbortSignal,
  ): Promise<Download> {
    const signals = [this.#closing.signal, ...(signal ? [signal] : [])];
    const wanted = {
      first,
      end,
      expected,
      known,
      patience: this.#patience,
      signal: AbortSignal.any(signals),
    };
    return download(this.url, wanted, (bytes, facts) =>
      taken.take(bytes, (index, block) => this.#put(facts, index, block)),
    );
  }

  /** As it comes: what has arrived before a connection breaks is not asked for again. */
  async #put(facts: RemoteFacts, index: number, block: Uint8Array): Promise<void> {
    this.#remember(index, block);
    // nothing would tell these bytes from those of another state of the object
    if (facts.validator !== undefined) await this.#cache.keep(facts, index, block);
  }

  async #putLast(facts: RemoteFacts, taken: BlockTaker): Promise<void> {
    const last = taken.last(facts.size);
    if (last) await this.#put(facts, ...last);
  }

  async #have(facts: RemoteFacts, index: number): Promise<Uint8Array | undefined> {
    const remembered = this.#memory.get(index);
    if (remembered || facts.validator === undefined) return remembered;
    const block = await this.#cache.block(facts, index);
    if (block) this.#remember(index, block);
    return block;
  }

  #remember(index: number, block: Uint8Array): void {
    this.#memory.delete(index);
    this.#memory.set(index, block);
    for (const [oldest] of this.#memory) {
      if (this.#memory.size <= mostRemembered) break;
      this.#memory.delete(oldest);
    }
  }

  /** Fetches the block and those behind it that are missing too; who comes second waits. */
  async #fetch(
    facts: RemoteFacts,
    { index, last }: { readonly index: number; readonly last: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const underWay = this.#fetching.get(index);
    if (underWay) {
      // what goes wrong there is told there, and tried here
      await underWay.catch(() => undefined);
      return undefined;
    }
    let end = index + 1;
    while (
      end <= last &&
      end - index < mostTogether &&
      !this.#fetching.has(end) &&
      !(await this.#have(facts, end))
    )
      end++;
    const taken = new BlockTaker(index);
    const range = { first: index * blockBytes, end: Math.min(facts.size, end * blockBytes), expected: facts };
    const work = this.#download(range, taken, signal).then(() => this.#putLast(facts, taken));
    for (let block = index; block < end; block++) this.#fetching.set(block, work);
    try {
      await work;
    } finally {
      for (let block = index; block < end; block++) this.#fetching.delete(block);
    }
    return this.#memory.get(index);
  }
}

/** Cuts bytes that come in order into blocks. */
class BlockTaker {
  #index: number;
  #room = new Uint8Array(blockBytes);
  #filled = 0;

  constructor(index: number) {
    this.#index = index;
  }

  async take(bytes: Uint8Array, put: (index: number, block: Uint8Array) => Promise<void>): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + blockBytes - this.#filled);
      this.#room.set(part, this.#filled);
      done += part.length;
      this.#filled += part.length;
      if (this.#filled < blockBytes) continue;
      await put(this.#index, this.#room);
      this.#room = new Uint8Array(blockBytes);
      this.#filled = 0;
      this.#index++;
    }
  }

  /** The last block of an object, which is shorter; undefined where the bytes end before. */
  last(size: number): readonly [index: number, block: Uint8Array] | undefined {
    const isEnd = this.#filled > 0 && this.#index * blockBytes + this.#filled === size;
    return isEnd ? [this.#index, this.#room.slice(0, this.#filled)] : undefined;
  }
}
