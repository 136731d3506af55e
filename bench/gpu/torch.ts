/** PyTorch on the same GPU in the same run, and how the engine compares with its best mode. */
import { spawnSync } from "node:child_process";
import type { Measurement } from "./cases.ts";
import type { Sizes } from "./sizes.ts";

interface TorchLine {
  readonly what: "segment" | "train";
  readonly mode: string;
  readonly patch: number;
  readonly batch: number;
  readonly ms: number;
  readonly gflops: number;
}

export async function benchTorch(
  { network, forward, train }: Sizes,
  measured: readonly Measurement[],
  print: (line: string) => void,
): Promise<void> {
  const { TOMOFLOW_BENCH_PYTHON: python, TOMOFLOW_BENCH_TORCH: script } = process.env;
  if (python === undefined || script === undefined) {
    print("NOT MEASURED: set TOMOFLOW_BENCH_PYTHON and TOMOFLOW_BENCH_TORCH (see bench/gpu.ts)");
    return;
  }
  const device = process.env.TOMOFLOW_BENCH_TORCH_DEVICE ?? "cuda";
  const modes = device === "cpu" ? "fp32" : "fp32,tf32,amp";
  const given = { device, modes, classes: network.classes, filters: network.filters.join(",") };
  const work = {
    segment: forward.join(","),
    train: train.map(({ side, batch }) => `${side}x${batch}`).join(","),
  };
  const flags = Object.entries({ ...given, ...work }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const { status, stdout, stderr } = spawnSync(python, [script, ...flags], { encoding: "utf8" });
  const lines = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as TorchLine);
  for (const { what, mode, patch, batch, ms, gflops } of lines)
    print(`${what} ${patch}³ × ${batch}, PyTorch ${mode}: ${ms} ms, ${gflops} GFLOP/s`);
  for (const one of measured) {
    const best = bestOf(lines, one);
    if (best === undefined) continue;
    const ratio = (one.gigaflops / best.gflops).toFixed(2);
    print(`${one.what} ${one.size}, ${one.mode}: ${ratio} × PyTorch's best mode (${best.mode})`);
  }
  if (status !== 0) throw new Error(`${python} ended with ${status}: ${stderr.slice(-1000)}`);
}

/** PyTorch's fastest mode at the same work; for a tomogram, at its largest patch. */
function bestOf(lines: readonly TorchLine[], { what, size }: Measurement): TorchLine | undefined {
  const same = lines.filter((line) => {
    if (what === "train") return line.what === "train" && size === `${line.patch}³ × ${line.batch}`;
    return line.what === "segment" && (what === "segment" || size === `${line.patch}³`);
  });
  return same.sort((a, b) => b.gflops - a.gflops)[0];
}
