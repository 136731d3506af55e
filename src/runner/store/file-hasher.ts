/** SHA-256 of files: small ones here, large ones on a few threads, so that the head stays responsive. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import PQueue from "p-queue";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { startThread } from "../../core/sibling-module.ts";

/** Bytes; below this the way to a thread costs more than the hashing. */
const smallFile = 1 << 20;

type Reply =
  | { readonly sha256: string }
  | { readonly error: { readonly code?: string; readonly message: string } };

/** Owns the threads; `close` ends them. */
export class FileHasher {
  readonly #queue = new PQueue({ concurrency: 2 * availableParallelism() });
  readonly #large = new PQueue({ concurrency: Math.min(4, availableParallelism()) });
  readonly #idle: Worker[] = [];

  /** `size` in bytes only chooses the way; the whole file is hashed whatever it is. */
  hash(path: string, size: number): Promise<string> {
    return size < smallFile
      ? this.#queue.add(() => hashSmall(path))
      : this.#large.add(() => this.#hashLarge(path));
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.terminate()));
  }

  async #hashLarge(path: string): Promise<string> {
    const thread = this.#idle.pop() ?? startThread(import.meta.url, "./hash-thread");
    thread.ref();
    const reply = await ask(thread, path);
    thread.unref();
    this.#idle.push(thread);
    if ("sha256" in reply) return reply.sha256;
    throw explainSystemError(Object.assign(new Error(reply.error.message), reply.error), path);
  }
}

async function hashSmall(path: string): Promise<string> {
  try {
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (error) {
    throw explainSystemError(error, path);
  }
}

function ask(thread: Worker, path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      // all listeners without a name would take those with it that Node needs to deliver messages
      for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
      act();
    };
    thread.once("message", (reply: Reply) => settle(() => resolve(reply)));
    thread.once("error", (error) => settle(() => reject(error)));
    thread.once("exit", (code) =>
      settle(() => reject(new TomoflowError("hash-thread-ended", `hashing ${path} ended with code ${code}`))),
    );
    thread.postMessage(path);
  });
}
