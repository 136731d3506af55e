/**
 * How long the runner takes to find that there is nothing to do: node --import tsx bench/runner.ts [--rows 2000]
 * [--gigabytes 5] [--dist dist]
 *
 * Measures the built program (`npm run build` first) in temporary folders that are removed at the end: 2,000 rows × 3 steps,
 * and 20 tasks over 5 GB of inputs, the latter beside DVC and Snakemake where TOMOFLOW_BENCH_DVC and TOMOFLOW_BENCH_SNAKEMAKE
 * name these programs (e.g. those of a virtual environment with `pip install dvc snakemake`). The calls of the programs take
 * turns, so that what the machine does besides meets all alike. Goals: 20 tasks under 0.35 s, 3 times faster than DVC and
 * 2.5 times faster than Snakemake; 6,000 tasks under 2.5 s and 300 MB; first hashing at 0.8 of a core's rate a thread.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchHashing } from "./runner-hashing.ts";
import {
  type Call,
  call,
  otherPrograms,
  type Program,
  peakMegabytes,
  tomoflowProgram,
  versionOf,
} from "./runner-programs.ts";
import { makeLargeProject, makeTableProject } from "./runner-projects.ts";

export interface RunnerBenchOptions {
  readonly rows: number;
  readonly gigabytes: number;
  /** The built program's folder. */
  readonly dist: string;
}

type Print = (line: string) => void;

export async function benchRunner(options: RunnerBenchOptions, print: Print): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-bench-"));
  try {
    await benchLarge(join(folder, "large"), options, print);
    benchTable(join(folder, "table"), options, print);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Calls of each program whose best and median count. */
const calls = 7;

async function benchLarge(folder: string, { gigabytes, dist }: RunnerBenchOptions, print: Print) {
  const files = 20;
  makeLargeProject(folder, { files, bytes: gigabytes * 1e9 });
  await benchHashing(join(folder, "data"), dist, print);
  const programs = [tomoflowProgram(dist, "run", "--plain"), ...otherPrograms()];
  const first = programs.map((program) => {
    for (const command of program.prepare ?? []) call(command, folder);
    return call(program.command, folder);
  });
  // what was made within two seconds of its hashing is hashed again once
  for (const { command } of programs) call(command, folder);
  const measured = takeTurns(programs, folder);
  print(
    `\n| no-op, ${files} tasks over ${gigabytes} GB | first run | best | median | CPU | best / tomoflow's | goal |`,
  );
  print("|---|---|---|---|---|---|---|");
  for (const [index, program] of programs.entries())
    print(tableLine(program, { first: first[index]!, own: measured[index]!, tomoflow: measured[0]! }));
  if (programs.length < 3)
    print("NOT MEASURED: all of DVC and Snakemake; set TOMOFLOW_BENCH_DVC and TOMOFLOW_BENCH_SNAKEMAKE");
}

/** Calls of each program, by program. */
function takeTurns(programs: readonly Program[], folder: string): readonly (readonly Call[])[] {
  const measured = programs.map((): Call[] => []);
  for (let round = 0; round < calls; round++)
    for (const [index, { command }] of programs.entries()) measured[index]!.push(call(command, folder));
  return measured;
}

interface Measured {
  readonly first: Call;
  readonly own: readonly Call[];
  readonly tomoflow: readonly Call[];
}

function tableLine(program: Program, { first, own, tomoflow }: Measured): string {
  const isTomoflow = program.goal === undefined;
  const name = isTomoflow ? program.name : `${program.name} (${versionOf(program)})`;
  const ratio = (best(own, wallOf) / best(tomoflow, wallOf)).toFixed(1);
  const goal = isTomoflow ? "0.35 s" : `${program.goal} ×`;
  const cells = [
    name,
    inSeconds(first.wallSeconds),
    inSeconds(best(own, wallOf)),
    inSeconds(median(own.map(wallOf))),
    inSeconds(best(own, cpuOf)),
    isTomoflow ? "1" : `${ratio} ×`,
    goal,
  ];
  return `| ${cells.join(" | ")} |`;
}

function benchTable(folder: string, { rows, dist }: RunnerBenchOptions, print: Print): void {
  const steps = 3;
  makeTableProject(folder, { rows, steps });
  const run = tomoflowProgram(dist, "run", "--plain");
  const plan = { ...tomoflowProgram(dist, "plan"), name: "tomoflow plan" };
  const first = call(run.command, folder);
  call(run.command, folder);
  const measured = takeTurns([run, plan], folder);
  print(`\n| no-op, ${rows} rows × ${steps} steps | best | median | CPU | peak memory | goal |`);
  print("|---|---|---|---|---|---|");
  for (const [index, program] of [run, plan].entries()) {
    const own = measured[index]!;
    const cells = [
      program.name,
      inSeconds(best(own, wallOf)),
      inSeconds(median(own.map(wallOf))),
      inSeconds(best(own, cpuOf)),
      `${Math.round(peakMegabytes(program, folder))} MB`,
      "2.5 s, 300 MB",
    ];
    print(`| ${cells.join(" | ")} |`);
  }
  print(`\n${rows * steps} tasks, first run: ${inSeconds(first.wallSeconds)}`);
}

const wallOf = ({ wallSeconds }: Call): number => wallSeconds;
const cpuOf = ({ cpuSeconds }: Call): number => cpuSeconds;

const best = (measured: readonly Call[], of: (one: Call) => number): number => Math.min(...measured.map(of));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const inSeconds = (seconds: number): string => `${seconds.toFixed(2)} s`;

/** At full scale. */
export const runnerBenchDefaults: RunnerBenchOptions = {
  rows: 2000,
  gigabytes: 5,
  dist: join(import.meta.dirname, "../dist"),
};

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: String(runnerBenchDefaults.rows) },
      gigabytes: { type: "string", default: String(runnerBenchDefaults.gigabytes) },
      dist: { type: "string", default: runnerBenchDefaults.dist },
    },
  });
  const options = {
    rows: Number(values.rows),
    gigabytes: Number(values.gigabytes),
    dist: resolve(values.dist),
  };
  await benchRunner(options, (line) => process.stdout.write(`${line}\n`));
}
