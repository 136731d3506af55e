/** Runs an external program for a step: no shell, its own process group, its output in the log, its end explained. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { TomoflowError } from "../core/error.ts";
import { explainProgramEnd, explainProgramStart } from "./program-end.ts";
import type { ProgramOptions, RunContext } from "./step-kind.ts";

/** Seconds that a program has to end when it is asked to. */
const graceSeconds = 10;

/** How long the last output of a program that has ended is waited for: a child of its may hold the pipe. */
const lastWordsMilliseconds = 1000;

/** Characters of the latest output that may explain a failure. */
const rememberedOutput = 4000;

/** What a program needs of the step that runs it. */
export type ProgramSurroundings = Pick<RunContext, "threads" | "signal" | "report">;

/**
 * As `RunContext.runProgram`. Throws `program-missing`, `program-not-executable`, `program-failed`, `program-crashed`
 * and an AbortError when it was stopped.
 */
export async function runProgram(
  words: readonly string[],
  options: ProgramOptions,
  around: ProgramSurroundings,
): Promise<void> {
  const [program, ...rest] = words;
  if (!program) throw new TomoflowError("no-program", "no program was named to run");
  around.signal.throwIfAborted();
  around.report({ type: "log", text: `$ ${words.map(shownWord).join(" ")}` });
  const file = options.stdout === undefined ? undefined : await open(options.stdout, "w");
  try {
    const child = spawn(program, rest, {
      cwd: options.folder,
      env: { OMP_NUM_THREADS: String(around.threads), ...process.env, ...options.environment },
      stdio: ["ignore", file?.fd ?? "pipe", "pipe"],
      detached: true,
    });
    const output = listen(child, options, around);
    const [code, signal] = await endOf(child, around).catch((error) => {
      throw explainProgramStart(error, program, options.folder);
    });
    around.signal.throwIfAborted();
    if (code !== 0) throw explainProgramEnd(basename(program), { code, signal, said: output() });
  } finally {
    await file?.close();
  }
}

/** Waits for the end; asks for it when the step is stopped. Nothing of the program's process group is left. */
async function endOf(
  child: ChildProcess,
  { signal, report }: ProgramSurroundings,
): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  if (child.pid === undefined) throw (await once(child, "error").catch((error) => [error]))[0];
  const { pid } = child;
  const killGroup = () => sendGroup(pid, "SIGKILL");
  let grace: NodeJS.Timeout | undefined;
  const onStop = () => {
    sendGroup(pid, "SIGTERM");
    grace = setTimeout(killGroup, graceSeconds * 1000);
  };
  process.on("exit", killGroup);
  signal.addEventListener("abort", onStop);
  report({ type: "program", pid, state: "started" });
  try {
    const closed = Promise.all([child.stdout, child.stderr].map((stream) => stream && once(stream, "close")));
    const [code, endSignal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    await Promise.race([closed, after(lastWordsMilliseconds)]);
    return [code, endSignal];
  } finally {
    clearTimeout(grace);
    killGroup();
    signal.removeEventListener("abort", onStop);
    process.off("exit", killGroup);
    report({ type: "program", pid, state: "ended" });
  }
}

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds).unref());

/** To a whole process group, as far as there is one. */
function sendGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}

/** Sends lines to the log and remembers the last; carriage returns of progress bars end lines too. */
function listen(child: ChildProcess, { onLine }: ProgramOptions, { report }: ProgramSurroundings) {
  const latest = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    let partial = "";
    const tell = (lines: readonly string[]) => {
      const full = lines.filter((line) => line.trim() !== "");
      if (full.length > 0) report({ type: "log", text: full.join("\n") });
      for (const line of full) onLine?.(line, name);
    };
    const stream = child[name]?.setEncoding("utf8");
    stream?.on("data", (text: string) => {
      latest[name] = (latest[name] + text).slice(-rememberedOutput);
      const lines = (partial + text).split(/\r?\n|\r/);
      partial = lines.pop() ?? "";
      tell(lines);
    });
    stream?.on("end", () => tell([partial]));
  }
  return () => (latest.stderr.trim() === "" ? latest.stdout : latest.stderr);
}

/** A word as a shell would take it, for the log. */
const shownWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
