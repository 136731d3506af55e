/**
 * A thread that hashes one file after another: a path in, its SHA-256 or the system error out. It reads into one block
 * that stays in the processor's cache, and waits for the disk: a stream spends as long on its blocks as on the hashing.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";

const block = Buffer.allocUnsafeSlow(1 << 18);

parentPort?.on("message", (path: string) => {
  try {
    parentPort?.postMessage({ sha256: hashFile(path) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    parentPort?.postMessage({ error: { code, message } });
  }
});

function hashFile(path: string): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (let count = readSync(file, block); count > 0; count = readSync(file, block))
      hash.update(block.subarray(0, count));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
