/**
 * One task at a time on one piece of work, among all runs that share a project. Each contender puts a file of its own
 * into the folder of the work and then looks: alone, it has the lease; else it takes its file back and waits. A file
 * whose process is gone is removed, and a worker that this process left behind is ended first.
 */

import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import type { ProcessIdentity } from "../run-records.ts";
import { temporaryBeside } from "../store/durable.ts";
import { isRecord } from "../store/record-shapes.ts";
import { pause } from "./pause.ts";
import { identityOf, isHere, isRunning, processIdentity, startTicks } from "./process-identity.ts";

export interface LeaseHolder extends ProcessIdentity {
  readonly task: string;
  readonly worker?: { readonly pid: number; readonly start?: string };
}

export interface Lease {
  /** Somebody else had it, or left it, when it was asked for. */
  readonly hadOther: boolean;
  /** Names the worker, so that whoever takes over can end it. */
  useWorker(pid: number): Promise<void>;
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly task: string;
  readonly signal: AbortSignal;
  /** Called once, when another run has the lease. */
  readonly onWait: (holder: LeaseHolder) => void;
  /** Called for each holder that is gone. */
  readonly onTakeOver: (holder: LeaseHolder) => void;
  /** Mean time between looks while another has it; 200 when not given. */
  readonly pollMilliseconds?: number;
}

const heartbeatMilliseconds = 10_000;
/** A holder elsewhere that has not shown a heartbeat for this long is gone. */
const staleMilliseconds = 90_000;
const usualPollMilliseconds = 200;
let counter = 0;

/** Waits for the lease. Throws `AbortError` when `signal` aborts the wait. */
export async function acquireLease(folder: string, options: LeaseOptions): Promise<Lease> {
  const holder: LeaseHolder = { task: options.task, ...identityOf(process.pid) };
  const path = join(folder, `${holder.host}-${holder.realm}-${process.pid}-${counter++}.json`);
  let told = false;
  let hadOther = false;
  const onTakeOver = (other: LeaseHolder) => {
    hadOther = true;
    options.onTakeOver(other);
  };
  for (;;) {
    options.signal.throwIfAborted();
    await putDown(folder, path, holder);
    const other = await firstOther(folder, path, { ...options, onTakeOver });
    if (other === undefined) return { ...heldLease(folder, path, holder), hadOther };
    hadOther = true;
    await rm(path, { force: true });
    if (!told) options.onWait(other);
    told = true;
    const poll = options.pollMilliseconds ?? usualPollMilliseconds;
    await pause(poll * (0.5 + Math.random()), options.signal);
  }
}

async function putDown(folder: string, path: string, holder: LeaseHolder): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, JSON.stringify(holder));
  } catch (error) {
    // another run's release may have removed the empty folder in between
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return putDown(folder, path, holder);
    // an empty file (disk full) would look like a holder at work
    await rm(path, { force: true });
    throw explainSystemError(error, path);
  }
}

function heldLease(folder: string, path: string, holder: LeaseHolder): Omit<Lease, "hadOther"> {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMilliseconds);
  heartbeat.unref();
  return {
    useWorker: (pid) => replace(path, folder, { ...holder, worker: processIdentity(pid) }),
    async release() {
      clearInterval(heartbeat);
      await rm(path, { force: true });
      await rmdir(folder).catch(() => undefined);
    },
  };
}

/** In one step, and with a temporary name outside the folder, where it is no contender. */
async function replace(path: string, folder: string, holder: LeaseHolder): Promise<void> {
  const temporary = temporaryBeside(folder);
  try {
    await writeFile(temporary, JSON.stringify(holder));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function firstOther(
  folder: string,
  own: string,
  options: LeaseOptions,
): Promise<LeaseHolder | undefined> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (path === own) continue;
    const holder = await readHolder(path);
    if (holder === "gone") continue;
    if (holder !== undefined && !(await isStale(path, own, holder))) return holder;
    if (holder === undefined && !(await isOld(path, own))) return unknownHolder(options.task);
    if (holder?.worker && holder.realm === identityOf(process.pid).realm)
      await endOrphan(holder.worker, options.signal);
    if (holder) options.onTakeOver(holder);
    await rm(path, { force: true });
  }
  return undefined;
}

/** Holders of leases under `root` that are at work, by the name of the work; what cannot be told counts as at work. */
export async function liveLeases(
  root: string,
  now: () => number = Date.now,
): Promise<ReadonlyMap<string, LeaseHolder>> {
  const live = new Map<string, LeaseHolder>();
  for (const work of await readdir(root).catch(() => [] as string[]))
    for (const name of await readdir(join(root, work)).catch(() => [] as string[])) {
      const path = join(root, work, name);
      const holder = await readHolder(path);
      if (holder === "gone") continue;
      if (holder === undefined || (isHere(holder) ? isRunning(holder) : await isRecent(path, now())))
        live.set(work, holder ?? unknownHolder(work));
    }
  return live;
}

/** Clocks of machines disagree, so a heartbeat counts for much longer than it would have to. */
async function isRecent(path: string, now: number): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && now - stats.mtimeMs < 3_600_000;
}

/** Undefined while its owner is writing it. */
async function readHolder(path: string): Promise<LeaseHolder | "gone" | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, "utf8"));
    return isHolder(holder) ? holder : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

function isHolder(value: unknown): value is LeaseHolder {
  if (!isRecord(value)) return false;
  const { task, host, realm, pid, worker } = value;
  return (
    [task, host, realm].every((text) => typeof text === "string") &&
    Number.isSafeInteger(pid) &&
    (worker === undefined || (isRecord(worker) && Number.isSafeInteger(worker.pid)))
  );
}

const unknownHolder = (task: string): LeaseHolder => ({ task, host: "unknown", realm: "", pid: 0 });

async function isStale(path: string, own: string, holder: LeaseHolder): Promise<boolean> {
  return isHere(holder) ? !isRunning(holder) : isOld(path, own);
}

/** By the clock of the file system alone, since machines disagree about the time. */
async function isOld(path: string, own: string): Promise<boolean> {
  const [theirs, ours] = await Promise.all(
    [stat(path), stat(own)].map((look) => look.catch(() => undefined)),
  );
  return theirs !== undefined && ours !== undefined && ours.mtimeMs - theirs.mtimeMs > staleMilliseconds;
}

/** A worker without its head would go on writing checkpoints. Returns when it is gone. */
async function endOrphan(
  { pid, start }: { pid: number; start?: string },
  signal: AbortSignal,
): Promise<void> {
  while (start !== undefined && startTicks(pid) === start) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ESRCH") return;
      throw new TomoflowError("orphan-worker", `worker ${pid} of an ended run is still working`, {
        hint: `end it with kill ${pid}, then run again`,
        cause,
      });
    }
    await pause(10, signal);
  }
}
