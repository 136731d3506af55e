/**
 * The whole pipeline at 200×512×512 with DeepFinder's network at full width (bench/pipeline/workflow.yaml), through the built
 * command line, one task at a time:
 *   npm run build && node --import tsx bench/pipeline.ts        some five minutes, 4 GB of memory, 1 GB of disk
 * Prints each task's time and peak memory (of its worker process, sampled; Linux only), and what share of `segment` is not
 * the network: statistics, reading and normalising, writing. The results lie in the system's temporary folder and are deleted.
 */
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RunEvent } from "../src/runner/events.ts";
import { createVolume, openVolume, readVolume } from "../src/volume/formats.ts";
import { normaliseVoxels } from "../src/volume/normalise.ts";
import { measureVolume } from "../src/volume/statistics.ts";
import { bestOfTurns } from "./turns.ts";

type Print = (line: string) => void;
type Ended = Extract<RunEvent, { type: "task-ended" }>;

interface TaskUse {
  readonly ended: Ended;
  /** Undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
}

export async function benchPipeline(print: Print): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tomoflow-bench-"));
  try {
    const workflow = join(folder, "workflow.yaml");
    await copyFile(join(import.meta.dirname, "pipeline/workflow.yaml"), workflow);
    const tasks = await runWorkflow(workflow);
    for (const { ended, peakBytes } of tasks)
      print(
        `${ended.task}: ${ended.seconds.toFixed(1)} s, ` +
          `${peakBytes === undefined ? "memory not known" : `${(peakBytes / 1e9).toFixed(2)} GB`}`,
      );
    const total = tasks.reduce((sum, { ended }) => sum + ended.seconds, 0);
    print(`together: ${total.toFixed(0)} s`);
    await printShares(print, folder, tasks);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runWorkflow(workflow: string): Promise<TaskUse[]> {
  const program = join(import.meta.dirname, "../dist/cli/main.js");
  const child = spawn(process.execPath, [program, "run", workflow, "--json", "--jobs", "1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const tasks: TaskUse[] = [];
  let peakBytes: number | undefined;
  const sampling = setInterval(async () => {
    const bytes = await childrenBytes(child.pid!);
    if (bytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, bytes);
  }, sampleMilliseconds);
  try {
    for await (const line of createInterface(child.stdout)) {
      const event = JSON.parse(line) as RunEvent;
      if (event.type === "task-started") peakBytes = undefined;
      if (event.type !== "task-ended") continue;
      if (event.outcome !== "done")
        throw new Error(`${event.task}: ${event.error?.message ?? event.outcome}`);
      tasks.push({ ended: event, peakBytes });
    }
  } finally {
    clearInterval(sampling);
    child.kill();
  }
  return tasks;
}

const sampleMilliseconds = 50;

/** Memory of the processes that a process has started; undefined where there is no `/proc`. */
async function childrenBytes(pid: number): Promise<number | undefined> {
  try {
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(/\s+/);
    const sizes = await Promise.all(children.map(residentBytes));
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return undefined;
  }
}

async function residentBytes(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0);
}

/** Does once more what `segment` does beside the network, and compares. */
async function printShares(print: Print, folder: string, tasks: readonly TaskUse[]): Promise<void> {
  const outputOf = (step: string, port: string) =>
    tasks.find(({ ended }) => ended.step === step)!.ended.outputs[port]!;
  const tomogram = await openVolume(outputOf("large", "tomogram"));
  const labels = await readVolume(outputOf("segment", "labels"));
  const statistics = await measureVolume(tomogram);
  const times = await bestOfTurns(
    {
      statistics: () => measureVolume(tomogram),
      "reading and normalising": async () =>
        normaliseVoxels(await tomogram.readBox([0, 0, 0], tomogram.info.shape), statistics),
      writing: async () => {
        const writer = await createVolume(join(folder, "again.mrc"), { ...labels, type: "int8" });
        await writer.append(labels.data);
        await writer.close();
      },
    },
    3,
  );
  await tomogram.close();
  const { seconds } = tasks.find(({ ended }) => ended.step === "segment")!.ended;
  const all = Object.values(times).reduce((sum, time) => sum + time.seconds, 0);
  const parts = Object.entries(times).map(([name, time]) => `${name} ${time.seconds.toFixed(2)} s`);
  print(
    `beside the network in segment: ${parts.join(", ")} = ${((100 * all) / seconds).toFixed(1)} % of its time`,
  );
}

if (import.meta.filename === process.argv[1])
  await benchPipeline((line) => process.stdout.write(`${line}\n`));
