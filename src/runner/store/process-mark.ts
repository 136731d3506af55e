/**
 * Marks in the names of what a process is writing, so that others can tell when its process is gone and it is left over:
 * `-PLACE-PID-NUMBER`. Only processes of the same place can tell; a project may be shared by several machines.
 */
import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "../../core/hash.ts";

let counter = 0;

/** Another one for each call. */
export const newMark = (): string => `-${placeOf()}-${process.pid}-${counter++}`;

/** Whether a name with a mark at its end is of a process of this place that is gone. */
export function isLeftOver(name: string): boolean {
  const [, place, pid] = /-([0-9a-f]{8})-(\d+)-\d+$/.exec(name) ?? [];
  return place === placeOf() && !isProcess(Number(pid));
}

/** The same for processes that can look at each other, also after the machine was started anew. */
const placeOf = (): string => sha256(`${hostname()} ${processNamespace()}`).slice(0, 8);

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
