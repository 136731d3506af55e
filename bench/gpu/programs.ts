/** Whole programs: the comparison with the oracle on this adapter, and the quick start on the GPU. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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

/** From the build, in a folder of its own. `onlyCheck`: the plan and the preflight alone. */
export async function quickStart(print: (line: string) => void, onlyCheck: boolean): Promise<void> {
  const program = join(root, "dist/cli/main.js");
  if (!existsSync(program)) throw new Error("there is no build: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-gpu-"));
  try {
    cpSync(join(root, "examples/quickstart/workflow.yaml"), join(folder, "workflow.yaml"));
    const from = performance.now();
    const engine = ["--engine", "webgpu"];
    const command = onlyCheck ? ["plan"] : ["run", "workflow.yaml", ...engine];
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...command], {
      cwd: folder,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`exit code ${status}: ${(stderr || stdout).slice(-2000)}`);
    print(`${onlyCheck ? "planned, not run (tiny)" : "ran on webgpu"}, ${seconds(from)}`);
    for (const line of stdout.trim().split("\n").slice(-12)) print(`  ${line}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
