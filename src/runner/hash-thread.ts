/** A thread that hashes one file after another: a path in, its SHA-256 or the system error out. */
import { parentPort } from "node:worker_threads";
import { sha256File } from "../core/hash.ts";

parentPort?.on("message", async (path: string) => {
  try {
    parentPort?.postMessage({ sha256: await sha256File(path) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    parentPort?.postMessage({ error: { code, message } });
  }
});
