/** Whole programs: the comparison with the oracle on this adapter, and the quick start on the GPU. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
  const program = join(root, "dist/cli/main.js");
  if (!existsSync(program)) throw new Error("there is no build: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-gpu-"));
  try {
    let workflow = readFileSync(join(root, "examples/quickstart/workflow.yaml"), "utf8");
    for (const [large, small] of isTiny ? tinier : []) {
      if (!workflow.includes(large)) throw new Error(`the quick start says ${large} no more`);
      workflow = workflow.replace(large, small);
    }
    writeFileSync(join(folder, "workflow.yaml"), workflow);
    const from = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, "run", "workflow.yaml", "--engine", engine],
      { cwd: folder, encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`exit code ${status}: ${(stderr || stdout).slice(-2000)}`);
    print(`ran on ${engine}, ${seconds(from)}`);
    for (const line of stdout.trim().split("\n").slice(-12)) print(`  ${line}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
