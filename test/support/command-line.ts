import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CommandRequest } from "./command-process.ts";
import { programStart } from "./program-start.ts";

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A process group of its own: signals then reach the workers too, all at once, as when the machine fails. */
  readonly group?: boolean;
  /** Called with all of standard output whenever it grows; may send a signal. */
  readonly onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the real `tomoflow` in a process of its own. */
export function tomoflow(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn(process.execPath, [...programStart, ...words], {
    cwd: options.folder,
    env: { ...environment, NO_COLOR: "1", CI: "", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: options.group === true,
  });
  const output = { stdout: "", stderr: "" };
  const kill = (signal: NodeJS.Signals) => {
    if (options.group) process.kill(-child.pid!, signal);
    else child.kill(signal);
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
    options.onOutput?.(output.stdout, kill);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

export interface CommandShell extends AsyncDisposable {
  /** Runs one command; the next waits for its end. */
  readonly type: (words: readonly string[], folder: string) => Promise<CommandResult>;
}

/** The real program in one process for many commands, which saves the start of each. */
export function openShell(): CommandShell {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = fork(join(import.meta.dirname, "command-process.ts"), {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env: { ...environment, NO_COLOR: "1", CI: "" },
  });
  let last: Promise<unknown> = Promise.resolve();
  const ask = (words: readonly string[], folder: string): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null) =>
        reject(new Error(`the command ended with ${code}: ${words.join(" ")}`));
      child.once("exit", ended);
      child.once("message", (result) => {
        child.off("exit", ended);
        resolve(result as CommandResult);
      });
      child.send({ words, folder } satisfies CommandRequest);
    });
  return {
    type(words, folder) {
      const result = last.then(() => ask(words, folder));
      last = result.catch(() => undefined);
      return result;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}
