/**
 * How long the runner takes to find that there is nothing to do: node --import tsx bench/runner.ts [--rows 2000]
 * [--gigabytes 5] [--dist dist]
 *
 * Measures the built program (`npm run build` first) in temporary folders: 2,000 rows × 3 steps, and 20 tasks over 5 GB of
 * inputs; with TOMOFLOW_BENCH_DVC and TOMOFLOW_BENCH_SNAKEMAKE (paths of the programs, e.g. of a virtual environment with
 * `pip install dvc snakemake`) the latter with them too. Goals: 20 tasks under 0.35 s, 3 times faster than DVC and 2.5 times
 * faster than Snakemake; 6,000 tasks under 2.5 s; under 300 MB.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeLargeProject, makeTableProject } from "./runner-projects.ts";

export interface RunnerBenchOptions {
  readonly rows: number;
  readonly gigabytes: number;
  /** The built program's folder. */
  readonly dist: string;
}

type Print = (line: string) => void;

interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

/** Writes the peak memory of a process to standard error when it ends. */
const tellMemory = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))`;

export function benchRunner(options: RunnerBenchOptions, print: Print): void {
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-bench-"));
  const tomoflow: Program = {
    name: "tomoflow",
    command: [process.execPath, join(options.dist, "cli", "main.js"), "run", "--plain"],
  };
  try {
    benchTable(join(folder, "table"), options, { tomoflow, print });
    benchLarge(join(folder, "large"), options, { tomoflow, print });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Means {
  readonly tomoflow: Program;
  readonly print: Print;
}

function benchTable(folder: string, { rows }: RunnerBenchOptions, { tomoflow, print }: Means): void {
  const steps = 3;
  makeTableProject(folder, { rows, steps });
  const first = timed(tomoflow, folder);
  print(`${rows} rows × ${steps} steps: first run ${inSeconds(first)}`);
  // what was made within two seconds of its hashing is hashed again once
  timed(tomoflow, folder);
  const idle = fastest(tomoflow, folder);
  const plan = fastest({ name: "plan", command: [...tomoflow.command.slice(0, 2), "plan"] }, folder);
  print(
    `${rows} rows × ${steps} steps: no-op run ${inSeconds(idle)}, plan ${inSeconds(plan)}, ` +
      `peak memory ${Math.round(peakMegabytes(tomoflow, folder))} MB (goals: 2.5 s, 300 MB)`,
  );
}

function benchLarge(folder: string, { gigabytes }: RunnerBenchOptions, { tomoflow, print }: Means): void {
  const files = 20;
  const bytes = gigabytes * 1e9;
  makeLargeProject(folder, { files, bytes });
  const first = timed(tomoflow, folder);
  const rate = bytes / 1e6 / first;
  print(
    `20 tasks over ${gigabytes} GB: first run ${inSeconds(first)}, ${Math.round(rate)} MB/s ` +
      `(SHA-256 on one core: ${Math.round(hashingRate())} MB/s)`,
  );
  timed(tomoflow, folder);
  const idle = fastest(tomoflow, folder);
  print(`20 tasks over ${gigabytes} GB: no-op run ${inSeconds(idle)} (goal: 0.35 s)`);
  for (const { program, prepare, goal } of otherPrograms()) {
    for (const command of prepare) timed({ name: program.name, command }, folder);
    timed(program, folder);
    const theirs = fastest(program, folder);
    print(
      `20 tasks over ${gigabytes} GB: ${program.name} ${inSeconds(theirs)}, ${(theirs / idle).toFixed(1)} times as long (goal: ${goal})`,
    );
  }
  if (otherPrograms().length < 2)
    print("NOT MEASURED: all of DVC and Snakemake; set TOMOFLOW_BENCH_DVC and TOMOFLOW_BENCH_SNAKEMAKE");
}

interface OtherProgram {
  readonly program: Program;
  readonly prepare: readonly (readonly string[])[];
  readonly goal: number;
}

function otherPrograms(): readonly OtherProgram[] {
  const { TOMOFLOW_BENCH_DVC: dvc, TOMOFLOW_BENCH_SNAKEMAKE: snakemake } = process.env;
  const found: OtherProgram[] = [];
  if (dvc)
    found.push({
      program: { name: "dvc repro", command: [dvc, "repro"] },
      prepare: [[dvc, "init", "--no-scm", "--quiet"]],
      goal: 3,
    });
  if (snakemake)
    found.push({
      program: { name: "snakemake", command: [snakemake, "--cores", "2", "--quiet"] },
      prepare: [],
      goal: 2.5,
    });
  return found;
}

/** Wall clock seconds of one call. */
function timed({ name, command: [file = "", ...words] }: Program, folder: string): number {
  const started = performance.now();
  const { status, stderr, error } = spawnSync(file, words, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${error?.message ?? stderr}`);
  return (performance.now() - started) / 1000;
}

const calls = 5;

/** Seconds of the fastest of some calls: what the machine does besides only adds. */
const fastest = (program: Program, folder: string): number =>
  Math.min(...Array.from({ length: calls }, () => timed(program, folder)));

function peakMegabytes({ command: [file = "", ...words] }: Program, folder: string): number {
  const { stderr } = spawnSync(file, ["--import", tellMemory, ...words], { cwd: folder, encoding: "utf8" });
  return Number(/peak (\d+)/.exec(stderr)?.[1]) / 1000;
}

/** Megabytes a second. */
function hashingRate(): number {
  const block = Buffer.alloc(1 << 26);
  const started = performance.now();
  for (let index = 0; index < 4; index++) createHash("sha256").update(block).digest();
  return (4 * block.length) / 1e3 / (performance.now() - started);
}

const inSeconds = (seconds: number): string => `${seconds.toFixed(2)} s`;

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "2000" },
      gigabytes: { type: "string", default: "5" },
      dist: { type: "string", default: join(import.meta.dirname, "../dist") },
    },
  });
  const options = {
    rows: Number(values.rows),
    gigabytes: Number(values.gigabytes),
    dist: resolve(values.dist),
  };
  benchRunner(options, (line) => process.stdout.write(`${line}\n`));
}
