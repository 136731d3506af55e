/** The thread that makes caches of slices, one after another; it is kept, since starting it takes longer than a small volume. */
import type { Worker } from "node:worker_threads";
import { toldError } from "../../../core/error.ts";
import { startThread } from "../../../core/sibling-module.ts";
import type { PyramidJob, PyramidNews } from "./pyramid-thread.ts";

export interface PyramidBuilder {
  /** One at a time. Rejects with the signal's reason when that ends it, and with coded errors for what the user can mend. */
  build(job: PyramidJob, options: BuildOptions): Promise<void>;
  close(): Promise<void>;
}

export interface BuildOptions {
  readonly signal: AbortSignal;
  /** Told the part that is done, 0 to 1. */
  readonly onProgress: (done: number) => void;
}

export function pyramidBuilder(): PyramidBuilder {
  let thread: Worker | undefined;
  const end = async (): Promise<void> => {
    const ended = thread;
    thread = undefined;
    await ended?.terminate();
  };
  return {
    async build(job, { signal, onProgress }) {
      signal.throwIfAborted();
      thread ??= startThread(import.meta.url, "./pyramid-thread");
      const onAbort = () => void end();
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        await reply(thread, job, onProgress);
      } catch (error) {
        // whatever it was at, it is not at it any more
        await end();
        throw signal.aborted ? signal.reason : error;
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    close: end,
  };
}

function reply(thread: Worker, job: PyramidJob, onProgress: (done: number) => void): Promise<void> {
  const listening = new AbortController();
  return new Promise<void>((resolve, reject) => {
    const on = (event: string, listener: (value: never) => void): void => {
      thread.on(event, listener as () => void);
      listening.signal.addEventListener("abort", () => thread.off(event, listener as () => void));
    };
    on("message", (news: PyramidNews) => {
      if (news.type === "progress") onProgress(news.done);
      else if (news.type === "done") resolve();
      else reject(toldError(news.error));
    });
    on("error", reject);
    on("exit", () => reject(new Error("the thread ended before its work")));
    thread.postMessage(job);
  }).finally(() => listening.abort());
}
