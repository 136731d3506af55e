/**
 * What a run of many tasks costs a Slurm cluster and its login node: node --import tsx bench/slurm.ts [--tasks 500]
 *
 * Starts a Slurm on this machine (test/slurm/cluster.sh: root, Debian's slurm-wlm and munge) and runs the built program
 * (`npm run build` first). First every job is held, so that submitting, waiting and taking back are seen alone; then two steps of so many
 * tasks are done to the end. Goals for 500 tasks: at most 3 calls of sbatch within 5 s, one squeue and one sacct an interval, under
 * 300 MB in the head.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { RunEvent } from "../src/runner/index.ts";
import { startCluster } from "../test/slurm/cluster.ts";
import { makeTableProject } from "./runner-projects.ts";

const pollSeconds = 2;
const program = join(import.meta.dirname, "../dist/cli/main.js");
const commands = ["sbatch", "squeue", "sacct", "scancel"];

const { values } = parseArgs({ options: { tasks: { type: "string", default: "500" } } });
const tasks = Number(values.tasks);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

interface Head {
  readonly child: ChildProcess;
  /** Resolves with seconds since the start when so many events of this type have come. */
  count(type: RunEvent["type"], wanted: number): Promise<number>;
  calls(): Readonly<Record<string, number>>;
  /** Megabytes, at most until now. */
  peak(): number;
}

/** Slurm's commands, each of which leaves a line in a file. */
function countedCommands(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of commands) {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/sh\necho ${name} >> ${folder}/calls\nexec /usr/bin/${name} "$@"\n`);
    chmodSync(path, 0o755);
  }
  writeFileSync(join(folder, "calls"), "");
  return bin;
}

function startHead(project: string): Head {
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-bench-calls-"));
  const path = `${countedCommands(folder)}${delimiter}${process.env.PATH}`;
  const child = spawn(process.execPath, [program, "run", "--executor", "slurm", "--json"], {
    cwd: project,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const started = performance.now();
  const seen = new Map<string, number[]>();
  const looks = new Set<() => void>();
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const { type } = JSON.parse(line) as RunEvent;
    seen.set(type, [...(seen.get(type) ?? []), (performance.now() - started) / 1000]);
    for (const look of looks) look();
  });
  let peak = 0;
  const sampling = setInterval(() => {
    try {
      const text = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1000);
    } catch {
      clearInterval(sampling);
    }
  }, 200);
  child.once("exit", () => clearInterval(sampling));
  return {
    child,
    count: (type, wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const times = seen.get(type) ?? [];
          if (times.length < wanted) return;
          looks.delete(look);
          resolve(times[wanted - 1]! - (seen.get("run-started")?.[0] ?? 0));
        };
        looks.add(look);
        look();
      }),
    calls() {
      const lines = readFileSync(join(folder, "calls"), "utf8").split("\n");
      return Object.fromEntries(commands.map((name) => [name, lines.filter((line) => line === name).length]));
    },
    peak: () => peak,
  };
}

const cluster = await startCluster();
const folder = mkdtempSync(join(tmpdir(), "tomoflow-bench-"));
try {
  const held = join(folder, "held");
  makeTableProject(held, { rows: tasks, steps: 1 });
  writeFileSync(join(held, "slurm.yaml"), `poll: ${pollSeconds}\noptions: ["--hold"]\n`);
  const head = startHead(held);
  const seconds = await head.count("task-queued", tasks);
  // one more is asked beforehand whether Slurm would take such jobs
  const sbatch = head.calls().sbatch! - 1;
  const before = head.calls();
  const intervals = 6;
  await new Promise((resolve) => setTimeout(resolve, intervals * pollSeconds * 1000));
  const after = head.calls();
  head.child.kill("SIGINT");
  await once(head.child, "exit");
  const each = (name: string) => ((after[name]! - before[name]!) / intervals).toFixed(1);
  print(`${tasks} tasks of one step, every job held`);
  print(`  sbatch calls                  ${sbatch}`);
  print(`  until all are submitted       ${seconds.toFixed(1)} s`);
  print(`  squeue calls an interval      ${each("squeue")}`);
  print(`  sacct calls an interval       ${each("sacct")}`);
  print(`  scancel calls after Ctrl-C    ${head.calls().scancel}`);
  print(`  memory of the head, at most   ${head.peak().toFixed(0)} MB`);

  const whole = join(folder, "whole");
  makeTableProject(whole, { rows: tasks, steps: 2 });
  writeFileSync(join(whole, "slurm.yaml"), `poll: ${pollSeconds}\ntasksPerJob: 25\n`);
  const full = startHead(whole);
  const exit = once(full.child, "exit") as Promise<[number | null]>;
  const total = await Promise.race([full.count("run-ended", 1), exit.then(() => Number.NaN)]);
  const [code] = await exit;
  const counts = full.calls();
  print(`${tasks} tasks of two steps each, 25 a job, done to the end (exit code ${code})`);
  print(`  seconds                       ${total.toFixed(0)}`);
  for (const name of commands) print(`  ${name.padEnd(8)}calls                 ${counts[name]}`);
  print(`  memory of the head, at most   ${full.peak().toFixed(0)} MB`);
} finally {
  cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
