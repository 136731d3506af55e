import { spawn } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with all of standard output whenever it grows; may send a signal. */
  readonly onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

const main = join(repositoryRoot, "src/cli/main.ts");
const tsx = import.meta.resolve("tsx");

/** Runs the real `tomoflow` in a process of its own, from source. */
export function tomoflow(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn(process.execPath, ["--import", tsx, main, ...words], {
    cwd: options.folder,
    env: { ...environment, NO_COLOR: "1", CI: "", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
    options.onOutput?.(output.stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}
