/** Bytes of an address, in order, over as many connections as it takes: what broke goes on where it broke. */
import { setTimeout as delay } from "node:timers/promises";
import { isAbort, TomoflowError } from "../../core/error.ts";
import { shownUrl } from "./address.ts";
import { ask, type RemoteAnswer, type RemoteFacts, TransientFailure } from "./request.ts";

export interface Patience {
  /** Failures in a row, without a byte between them, after which it is given up. */
  readonly failures: number;
  /** Before the second try; twice that before the third, and so on. */
  readonly waitMilliseconds: number;
  /** Without a byte the connection counts as broken. */
  readonly idleMilliseconds: number;
}

export const usualPatience: Patience = { failures: 6, waitMilliseconds: 200, idleMilliseconds: 30_000 };

const longestWait = 10_000;

interface Wanted {
  readonly first: number;
  /** Behind the last byte; the object may end before. */
  readonly end: number;
  /** Of the object of which bytes are there already: another one is `remote-changed`. */
  readonly expected?: RemoteFacts | undefined;
  /** Nothing is sent where the object is still this one. */
  readonly known?: string | undefined;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** How it ended. */
export type Download =
  | { readonly type: "absent" | "unchanged" }
  | { readonly type: "done"; readonly facts: RemoteFacts };

/**
 * Hands the bytes out in order; where the server ignores ranges, all to the end of the object. Throws `remote-unreachable`,
 * `remote-changed`, and what `ask` throws.
 */
export async function download(
  url: URL,
  { first, end, expected, known, patience, signal }: Wanted,
  deliver: (bytes: Uint8Array, facts: RemoteFacts) => Promise<void>,
): Promise<Download> {
  let at = first;
  let facts = expected;
  for (let failures = 0; ; ) {
    const before = at;
    using idle = idleTimer(patience.idleMilliseconds, signal);
    try {
      const request = { method: "GET", range: [at, end - 1], signal: idle.signal } as const;
      const answer = await ask(url, facts || known === undefined ? request : { ...request, known });
      if (answer.type === "absent" && facts) throw changed(url, "is gone");
      if (answer.type !== "there") return { type: answer.type };
      if (facts && !isSame(facts, answer.facts)) throw changed(url, "was replaced");
      const { facts: now } = answer;
      facts = now;
      at = await receive(answer, at, (bytes) => {
        idle.restart();
        at += bytes.length;
        return deliver(bytes, now);
      });
      if (at >= Math.min(end, now.size)) return { type: "done", facts: now };
      throw new TransientFailure(`${url.host} breaks off`);
    } catch (error) {
      signal.throwIfAborted();
      const failure = transient(error, url, idle.signal.aborted);
      if (at > before) failures = 0;
      failures++;
      if (failures >= (failure.offline ? 2 : patience.failures)) throw unreachable(url, failure);
      const wait = failure.waitMilliseconds ?? patience.waitMilliseconds * 2 ** (failures - 1);
      await delay(Math.min(longestWait, wait), undefined, { signal });
    }
  }
}

/** Bytes before `at` are dropped: a server that ignores ranges begins at 0. Returns where it ended. */
async function receive(
  { first, body }: RemoteAnswer & { type: "there" },
  from: number,
  deliver: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  let position = first;
  let at = from;
  for await (const bytes of body ?? []) {
    const skipped = Math.min(bytes.length, Math.max(0, at - position));
    position += bytes.length;
    if (skipped === bytes.length) continue;
    at = position;
    await deliver(bytes.subarray(skipped));
  }
  return at;
}

export const isSame = (a: RemoteFacts, b: RemoteFacts): boolean =>
  a.size === b.size && a.validator === b.validator;

/** What the object is, without its bytes. */
export async function look(
  url: URL,
  { patience, signal }: Pick<Wanted, "patience" | "signal">,
): Promise<RemoteFacts | "absent" | "not-told"> {
  for (let failures = 1; ; failures++) {
    using idle = idleTimer(patience.idleMilliseconds, signal);
    try {
      const answer = await ask(url, { method: "HEAD", signal: idle.signal });
      return answer.type === "there" ? answer.facts : "absent";
    } catch (error) {
      signal.throwIfAborted();
      // servers that do not know the question are asked for the first bytes
      if (error instanceof TomoflowError && error.code === "remote-refused") return "not-told";
      const failure = transient(error, url, idle.signal.aborted);
      if (failures >= (failure.offline ? 2 : patience.failures)) throw unreachable(url, failure);
      await delay(failure.waitMilliseconds ?? patience.waitMilliseconds * 2 ** (failures - 1), undefined, {
        signal,
      });
    }
  }
}

/** Rethrows what will not pass. */
function transient(error: unknown, url: URL, isIdle: boolean): TransientFailure {
  if (error instanceof TransientFailure) return error;
  if (error instanceof TomoflowError) throw error;
  if (isAbort(error) && !isIdle) throw error;
  const code = (error as { cause?: { code?: unknown } }).cause?.code;
  // of what `deliver` throws, nothing is the network's
  if (!isIdle && !(error instanceof TypeError) && code === undefined) throw error;
  return new TransientFailure(isIdle ? `${url.host} is silent` : `${url.host} breaks off`, { cause: error });
}

interface IdleTimer extends Disposable {
  readonly signal: AbortSignal;
  restart(): void;
}

function idleTimer(milliseconds: number, signal: AbortSignal): IdleTimer {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), milliseconds);
  return {
    signal: AbortSignal.any([signal, silence.signal]),
    restart: () => void timer.refresh(),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      // an answer that was not read to its end must not hold the connection
      silence.abort();
    },
  };
}

const unreachable = (url: URL, failure: TransientFailure): TomoflowError =>
  new TomoflowError("remote-unreachable", `${shownUrl(url)} cannot be read: ${failure.message}`, {
    hint: "look at the network and try again: what has arrived is kept and not asked for once more",
    cause: failure,
  });

const changed = (url: URL, what: string): TomoflowError =>
  new TomoflowError("remote-changed", `${shownUrl(url)} ${what} while it was read`, {
    hint: "run again, with what is there now",
  });
