/**
 * How fast files are hashed for the first time: the runner's threads on files, beside as many threads that hash a block of
 * memory with node:crypto at the same load, and `openssl speed` where it is there. Goal: 0.8 of a core's rate a thread.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

type Hasher = typeof import("../src/runner/store/file-hasher.ts");

/** Megabytes (10⁶), a thread: per second of wall clock, per second of processor time. */
interface Rate {
  readonly wall: number;
  readonly cpu: number;
}

const rounds = 3;

/** Hashes all files of `folder`, with the built runner in `dist`. */
export async function benchHashing(
  folder: string,
  dist: string,
  print: (line: string) => void,
): Promise<void> {
  const { FileHasher } = (await import(
    pathToFileURL(join(dist, "runner", "store", "file-hasher.js")).href
  )) as Hasher;
  const files = readdirSync(folder).map((name) => join(folder, name));
  const sizes = files.map((file) => statSync(file).size);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const threads = Math.min(4, availableParallelism());
  const hasher = new FileHasher();
  const hashFiles = () => Promise.all(files.map((file, index) => hasher.hash(file, sizes[index] ?? 0)));
  try {
    await hashFiles();
    for (let round = 1; round <= rounds; round++) {
      const memory = await rateOf(threads, bytes, () => hashMemory(threads, bytes / threads));
      const ours = await rateOf(threads, bytes, hashFiles);
      print(
        `SHA-256, ${threads} threads, round ${round}: files ${told(ours)}, memory ${told(memory)}; ` +
          `ratio ${(ours.wall / memory.wall).toFixed(2)} by the clock, ${(ours.cpu / memory.cpu).toFixed(2)} by processor time (goal: 0.8)`,
      );
    }
  } finally {
    await hasher.close();
  }
  print(`SHA-256, one core: openssl ${opensslRate()}`);
}

const told = ({ wall, cpu }: Rate): string => `${wall.toFixed(0)} MB/s (${cpu.toFixed(0)} a CPU second)`;

async function rateOf(threads: number, bytes: number, work: () => Promise<unknown>): Promise<Rate> {
  const [cpuStarted, started] = [process.cpuUsage(), performance.now()];
  await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuStarted);
  return { wall: bytes / 1e6 / seconds / threads, cpu: bytes / (user + system) };
}

/** The same block over and over: nothing but hashing. */
const memoryThread = `
const { createHash } = require("node:crypto");
const block = Buffer.alloc(1 << 18);
const hash = createHash("sha256");
for (let left = require("node:worker_threads").workerData; left > 0; left -= block.length) hash.update(block);
hash.digest();
`;

const hashMemory = (threads: number, bytes: number): Promise<unknown> =>
  Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise((resolve, reject) => {
          const thread = new Worker(memoryThread, { eval: true, workerData: bytes });
          thread.once("exit", resolve);
          thread.once("error", reject);
        }),
    ),
  );

function opensslRate(): string {
  const words = ["speed", "-seconds", "2", "-bytes", "1048576", "-evp", "sha256"];
  const { stdout, status } = spawnSync("openssl", words, { encoding: "utf8" });
  const rate = status === 0 ? /^sha256\s+([\d.]+)k/im.exec(stdout)?.[1] : undefined;
  return rate ? `${Math.round(Number(rate) / 1000)} MB/s` : "is not there";
}
