/** What a process and all that it started take of the machine, as /proc of Linux tells; elsewhere nothing is known. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

export interface ProcessUse {
  /** In memory now, all processes together; what they share counts for each. */
  readonly memoryBytes: number;
  /** Most that the first process itself has had in memory since `forgetPeak`, or its start. */
  readonly peakBytes: number;
  /** Of processors, since their start, those that have ended included. */
  readonly cpuSeconds: number;
}

/** The kernel counts processor time in hundredths for programs, whatever its own clock. */
const ticksPerSecond = 100;

/** Undefined when there is no such process. */
export function useOf(pid: number): ProcessUse | undefined {
  const own = lookAt(pid);
  if (own === undefined) return undefined;
  const below = childrenOf(pid).flatMap((child) => useOf(child) ?? []);
  return {
    memoryBytes: own.memoryBytes + sum(below.map(({ memoryBytes }) => memoryBytes)),
    peakBytes: own.peakBytes,
    cpuSeconds: own.cpuSeconds + sum(below.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

/** Begins to count the peak anew: a worker stays for many tasks. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // another system, or not allowed: the peak is then that since the start of the process
  }
}

function lookAt(pid: number): ProcessUse | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // the name, in parentheses, may hold anything
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = sum(fields.slice(11, 15).map(Number));
  const status = textOf(`/proc/${pid}/status`) ?? "";
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  return {
    memoryBytes: 1024 * kilobytes("VmRSS"),
    peakBytes: 1024 * kilobytes("VmHWM"),
    cpuSeconds: ticks / ticksPerSecond,
  };
}

/** Each thread knows the processes that it started. */
function childrenOf(pid: number): readonly number[] {
  const threads = namesIn(`/proc/${pid}/task`);
  const texts = threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`) ?? "");
  return texts.flatMap((text) => text.split(" ").filter((name) => name !== "")).map(Number);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
