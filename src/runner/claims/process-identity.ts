/** Tells a process from others for good: pids are given again, and compare only on one machine that was not started anew. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "../../core/hash.ts";
import type { ProcessIdentity } from "../run-records.ts";

/** Of a process of this machine. */
export const identityOf = (pid: number): ProcessIdentity => ({
  host: hostname(),
  realm: sha256(`${textOf("/proc/sys/kernel/random/boot_id")} ${linkOf("/proc/self/ns/pid")}`).slice(0, 8),
  ...processIdentity(pid),
});

export const processIdentity = (pid: number): { pid: number; start?: string } => {
  const start = startTicks(pid);
  return start === undefined ? { pid } : { pid, start };
};

/** Its process can be looked at from here. */
export const isHere = ({ host, realm }: Pick<ProcessIdentity, "host" | "realm">): boolean =>
  host === hostname() && realm === identityOf(process.pid).realm;

/** Of a process that can be looked at from here. */
export function isRunning({ pid, start }: Pick<ProcessIdentity, "pid" | "start">): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startTicks(pid);
  return start === undefined || now === undefined || now === start;
}

/** Field 22 of /proc/PID/stat; a zombie counts as gone. */
export function startTicks(pid: number): string | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? "gone" : fields?.[19];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
