/** The programs whose no-op is compared, and how long a call of one takes. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  /** Commands that make the folder ready, once. */
  readonly prepare?: readonly (readonly string[])[];
  /** How many times as long as tomoflow it is to take at least. */
  readonly goal?: number;
}

export interface Call {
  readonly wallSeconds: number;
  /** User and system time of the process and all that it started. */
  readonly cpuSeconds: number;
}

/** `dist` is the built program's folder. */
export const tomoflowProgram = (dist: string, ...words: readonly string[]): Program => ({
  name: "tomoflow run",
  command: [process.execPath, join(dist, "cli", "main.js"), ...words],
});

/** DVC and Snakemake, as far as TOMOFLOW_BENCH_DVC and TOMOFLOW_BENCH_SNAKEMAKE say where they are. */
export function otherPrograms(): readonly Program[] {
  const { TOMOFLOW_BENCH_DVC: dvc, TOMOFLOW_BENCH_SNAKEMAKE: snakemake } = process.env;
  const programs: Program[] = [];
  if (dvc)
    programs.push({
      name: "dvc repro",
      command: [dvc, "repro"],
      prepare: [
        [dvc, "init", "--no-scm", "--quiet"],
        [dvc, "config", "core.analytics", "false"],
        [dvc, "config", "core.check_update", "false"],
      ],
      goal: 3,
    });
  if (snakemake)
    programs.push({ name: "snakemake", command: [snakemake, "--cores", "2", "--quiet"], goal: 2.5 });
  return programs;
}

/** The version that a program tells. */
export function versionOf({ command: [file = ""] }: Program): string {
  return spawnSync(file, ["--version"], { encoding: "utf8" }).stdout?.trim().split("\n").at(-1) ?? "";
}

/** `times` tells the processor time of what the shell has waited for: Node itself cannot. */
const script = '"$@" >/dev/null; status=$?; times >&2; exit $status';

/** Runs a command to its end. Throws when it fails. */
export function call(command: readonly string[], folder: string): Call {
  const started = performance.now();
  const { status, stderr, error } = spawnSync("sh", ["-c", script, "sh", ...command], {
    cwd: folder,
    encoding: "utf8",
  });
  const wallSeconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${error?.message ?? stderr}`);
  return { wallSeconds, cpuSeconds: childSeconds(stderr) };
}

/** The last line of `times`: user and system time of the children, `0m1.234s 0m0.056s`. */
function childSeconds(text: string): number {
  const times = [...(text.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  return times.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}

/** Writes the peak memory of a process to standard error when it ends. */
const tellMemory = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))`;

/** Peak memory of a Node program, megabytes. */
export function peakMegabytes({ command: [file = "", ...words] }: Program, folder: string): number {
  const { stderr } = spawnSync(file, ["--import", tellMemory, ...words], { cwd: folder, encoding: "utf8" });
  return Number(/peak (\d+)/.exec(stderr)?.[1]) / 1000;
}
