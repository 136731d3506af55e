import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { acquireLease, type LeaseHolder, type LeaseOptions } from "../../../src/runner/claims/lease.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const options = (more: Partial<LeaseOptions> = {}): LeaseOptions => ({
  task: "train",
  signal: new AbortController().signal,
  onWait: () => undefined,
  onTakeOver: () => undefined,
  ...more,
});

/** What a holder in this very process would write, changed as asked. */
async function plantHolder(folder: string, change: Partial<LeaseHolder>): Promise<string> {
  const lease = await acquireLease(folder, options());
  const [name] = await readdir(folder);
  const holder = JSON.parse(await readFile(join(folder, name!), "utf8")) as LeaseHolder;
  await lease.release();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "other.json"), JSON.stringify({ ...holder, ...change }));
  return join(folder, "other.json");
}

test("one holder at a time, however many want it", async (context) => {
  const folder = join(await temporaryFolder(context), "lease");
  let holding = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      const lease = await acquireLease(folder, options());
      most = Math.max(most, ++holding);
      await new Promise(setImmediate);
      holding--;
      await lease.release();
    }),
  );
  assert.equal(most, 1);
  await assert.rejects(readdir(folder), { code: "ENOENT" });
});

test("a lease of a process that has ended is taken over, and its worker ended first", async (context) => {
  const folder = join(await temporaryFolder(context), "lease");
  const orphan = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(orphan, "spawn");
  const lease = await acquireLease(join(folder, "names the worker"), options());
  await lease.useWorker(orphan.pid!);
  const [name] = await readdir(join(folder, "names the worker"));
  const { worker } = JSON.parse(await readFile(join(folder, "names the worker", name!), "utf8"));
  await lease.release();

  const gone = spawn(process.execPath, ["-e", ""]);
  await once(gone, "exit");
  await plantHolder(folder, { pid: gone.pid!, start: "1", worker });
  const ended = once(orphan, "exit");
  const from: number[] = [];
  const taken = await acquireLease(folder, options({ onTakeOver: ({ pid }) => from.push(pid) }));
  assert.deepEqual(from, [gone.pid]);
  assert.equal((await ended)[1], "SIGKILL");
  await taken.release();
});

test("a process that only got an old pid again does not count", async (context) => {
  const folder = join(await temporaryFolder(context), "lease");
  await plantHolder(folder, { start: "1", worker: { pid: process.pid, start: "1" } });
  const lease = await acquireLease(folder, options());
  await lease.release();
});

test("a holder on another machine counts as long as its heart beats", async (context) => {
  const folder = join(await temporaryFolder(context), "lease");
  const planted = await plantHolder(folder, { host: "elsewhere", pid: 1 });
  const waited: string[] = [];
  const stop = new AbortController();
  const waiting = acquireLease(
    folder,
    options({
      signal: stop.signal,
      onWait: ({ host }) => {
        waited.push(host);
        stop.abort();
      },
    }),
  );
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual(waited, ["elsewhere"]);
  assert.deepEqual(await readdir(folder), ["other.json"]);

  const longAgo = new Date(Date.now() - 100_000);
  await utimes(planted, longAgo, longAgo);
  const lease = await acquireLease(folder, options());
  await lease.release();
});
