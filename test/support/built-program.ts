/** The built program in dist/, for tests that start it often: from source a start takes five times as long. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunEvent } from "../../src/runner/index.ts";
import { repositoryRoot } from "./source-tree.ts";

const dist = join(repositoryRoot, "dist");

/** Throws when dist/ was not built from the source at hand. */
export function requireBuild(): void {
  const words = ["--import", "tsx", join(repositoryRoot, "scripts/build.ts"), "--check"];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: repositoryRoot, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr || `the check of dist/ ended with ${status}`);
}

/** A module of the build, e.g. `runner/index`. */
export const builtModule = <Module>(name: string): Promise<Module> =>
  import(pathToFileURL(join(dist, `${name}.js`)).href) as Promise<Module>;

export interface BuiltRun {
  readonly events: readonly RunEvent[];
  /** Sends SIGKILL; false when the process has ended. */
  readonly kill: () => boolean;
  readonly onEvent: (listener: () => void) => void;
  /** Resolves when the process is gone and all that it said has come, with its standard error. */
  readonly ended: Promise<string>;
}

/** `tomoflow run --json` in a folder. */
export function startBuiltRun(folder: string): BuiltRun {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn(process.execPath, [join(dist, "cli/main.js"), "run", "--json"], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const events: RunEvent[] = [];
  const listeners: (() => void)[] = [];
  let [unread, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (unread + text).split("\n");
    // a process that was killed may have left half a line
    unread = lines.pop() ?? "";
    for (const line of lines) {
      events.push(JSON.parse(line) as RunEvent);
      for (const listener of listeners) listener();
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return {
    events,
    kill: () => child.exitCode === null && child.kill("SIGKILL"),
    onEvent: (listener) => listeners.push(listener),
    ended: new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => resolve(errors));
    }),
  };
}
