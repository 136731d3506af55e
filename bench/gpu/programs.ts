/** Whole programs: the comparison with the oracle on this adapter, the quick start and shreclike on the GPU. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = join(import.meta.dirname, "../..");
/** Node strips types by itself from 22.18 on. */
const loader = (process.features as { typescript?: unknown }).typescript ? [] : ["--import", "tsx"];

/** @throws when a test fails */
export async function parity(print: (line: string) => void): Promise<void> {
  const files = readdirSync(join(root, "test/gpu")).filter((name) => name.endsWith(".gpu.ts"));
  const from = performance.now();
  const { stdout, status } = spawnSync(
    process.execPath,
    [...loader, "--test", "--test-reporter=tap", ...files.map((name) => join("test/gpu", name))],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 28 },
  );
  for (const line of stdout.split("\n").filter((text) => /^\s*not ok/.test(text))) print(line.trim());
  const count = (what: string) => stdout.match(new RegExp(`^# ${what} (\\d+)`, "m"))?.[1] ?? "?";
  print(`${count("pass")} tests passed, ${count("fail")} failed, ${seconds(from)}`);
  if (status !== 0) throw new Error("the shaders do not agree with the oracle here");
}

/** What makes the quick start small enough for a software Vulkan; each must be found in the workflow. */
const tinier: readonly (readonly [string, string])[] = [
  ["size: [64, 128, 128], counts: 14", "size: [24, 48, 48], counts: 1"],
  ["filters: [16, 32, 32]", "filters: [4, 4, 4]"],
  ["patchSize: 32", "patchSize: 16"],
  ["epochs: 10", "epochs: 1"],
  ["stepsPerEpoch: 80", "stepsPerEpoch: 2"],
  ["validationSteps: 10", "validationSteps: 1"],
  ["shift: 10", "shift: 2"],
];

/** From the build, in a folder of its own. */
export function quickStart(
  print: (line: string) => void,
  { engine, isTiny }: { engine: string; isTiny: boolean },
): void {
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-gpu-"));
  try {
    let workflow = readFileSync(join(root, "examples/quickstart/workflow.yaml"), "utf8");
    for (const [large, small] of isTiny ? tinier : []) {
      if (!workflow.includes(large)) throw new Error(`the quick start says ${large} no more`);
      workflow = workflow.replace(large, small);
    }
    writeFileSync(join(folder, "workflow.yaml"), workflow);
    runWorkflow(print, folder, ["--engine", engine]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Eight classes in four tomograms, at full width (bench/shreclike); `data` is their folder. */
export function shreclike(print: (line: string) => void, { engine }: { engine: string }): void {
  const data = process.env.TOMOFLOW_BENCH_DATA;
  if (data === undefined) {
    print("NOT MEASURED: set TOMOFLOW_BENCH_DATA to the folder of tomo1.mrc to tomo4.mrc");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-gpu-"));
  try {
    writeFileSync(
      join(folder, "workflow.yaml"),
      readFileSync(join(root, "bench/shreclike/workflow.yaml"), "utf8"),
    );
    runWorkflow(print, folder, ["--engine", engine, "--set", `data=${resolve(data)}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the workflow.yaml of a folder with the built program, and prints how it ended. */
function runWorkflow(print: (line: string) => void, folder: string, options: readonly string[]): void {
  const program = join(root, "dist/cli/main.js");
  if (!existsSync(program)) throw new Error("there is no build: npm run build");
  const from = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, "run", "workflow.yaml", ...options],
    { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`exit code ${status}: ${(stderr || stdout).slice(-2000)}`);
  print(`ran with ${options.join(" ")}, ${seconds(from)}`);
  for (const line of stdout.trim().split("\n").slice(-12)) print(`  ${line}`);
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
