/** Starts probe-process.ts: a driver that is broken can end a process or write to its output, and that must not happen to ours. */
import { fork } from "node:child_process";
import type { ArithmeticName } from "../device/precision.ts";
import type { Speed } from "./precision-trial.ts";

/** What the process is asked: what there is, or to try one way to compute. */
export type ProbeTask = "look" | ArithmeticName;

/** What it sends, one after the other. */
export type ProbeMessage =
  | {
      readonly type: "found";
      readonly device: string;
      readonly isSoftware: boolean;
      /** Ways to compute, with what an engine that does so calls its device. */
      readonly offered: readonly { readonly name: ArithmeticName; readonly label: string }[];
    }
  | { readonly type: "checked"; readonly fault?: string }
  | ({ readonly type: "timed" } & Speed)
  | { readonly type: "failed"; readonly reason: string };

export interface ProbeEnd {
  readonly messages: readonly ProbeMessage[];
  readonly stderr: string;
  /** `exit code 0`, a signal, or why it could not be started. */
  readonly end: string;
}

/** Whether Node reads TypeScript without a loader, as from 22.18 on. */
const stripsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);

/** Compiling the shaders of a whole training step takes a slow driver tens of seconds. */
const longestMilliseconds = 90_000;

/** Never rejects. */
export function askProbe(task: ProbeTask, timeout = longestMilliseconds): Promise<ProbeEnd> {
  const module = new URL(
    `./probe-process${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
    import.meta.url,
  );
  const isStripped = !module.pathname.endsWith(".ts") || stripsTypes;
  return new Promise((resolve) => {
    const child = fork(module, [task], {
      execArgv: isStripped ? [] : ["--import", import.meta.resolve("tsx")],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      timeout,
      killSignal: "SIGKILL", // a driver that hangs hears nothing else
    });
    const messages: ProbeMessage[] = [];
    let stderr = "";
    child.on("message", (message) => messages.push(message as ProbeMessage));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => resolve({ messages, stderr, end: error.message }));
    child.on("close", (code, signal) => resolve({ messages, stderr, end: signal ?? `exit code ${code}` }));
  });
}
