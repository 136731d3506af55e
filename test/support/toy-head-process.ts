/** Starts `toy-head.ts` and follows its events. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../src/runner/index.ts";

export interface ToyHead {
  readonly child: ChildProcess;
  /** Events so far. */
  readonly events: readonly RunEvent[];
  /** Resolves with the first event that fits, past or to come. Rejects when the head ends before. */
  event(fits: (event: RunEvent) => boolean): Promise<RunEvent>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<unknown>;
}

/** `executor`: `detached` for jobs that outlive the head; `dying` for a head that ends between writing down and submitting. */
export function startToyHead(folder: string, executor = "local"): ToyHead {
  const script = fileURLToPath(new URL("./toy-head.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, folder, executor], {
    stdio: ["ignore", "pipe", "inherit"],
    // a process group of its own, as a terminal gives it
    detached: true,
  });
  const events: RunEvent[] = [];
  const waiting = new Set<(event: RunEvent) => void>();
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => {
    const event = JSON.parse(line) as RunEvent;
    events.push(event);
    for (const tell of [...waiting]) tell(event);
  });
  const ended = once(child, "exit");
  return {
    child,
    events,
    ended,
    event: (fits) =>
      new Promise((resolve, reject) => {
        const past = events.find(fits);
        if (past) return resolve(past);
        const tell = (event: RunEvent) => {
          if (!fits(event)) return;
          waiting.delete(tell);
          resolve(event);
        };
        waiting.add(tell);
        lines.once("close", () => reject(new Error("the head ended before the event came")));
      }),
  };
}
