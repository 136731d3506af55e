/**
 * The same network in PyTorch, in the same run on the processor:
 *   TOMOFLOW_BENCH_PYTHON=python3 TOMOFLOW_BENCH_UNET=torch_unet.py node --import tsx bench/pytorch.ts
 * The Python has torch; the script prints one JSON object a line, {what, patch, batch, mvox_per_s, gflops, …}, for
 * `--segment SIDE,…` and `--train SIDExBATCH,…`. PyTorch's own forward pass counts as segmentation without tiles; cut
 * into DeepFinder's cubes of P³, of which the inner (P − 54)³ voxels are kept, it does so much less.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { measureApart } from "./apart.ts";
import type { Case, Measured } from "./network.ts";
import { segmentApart } from "./segmentation.ts";

interface Timed {
  readonly what: "segment" | "train";
  readonly patch: number;
  readonly batch: number;
  readonly mvox_per_s: number;
  readonly gflops: number;
}

const threads = availableParallelism();
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function environment(name: string): string {
  const value = process.env[name];
  if (value) return value;
  process.stderr.write(`${name} is not set: see the head of bench/pytorch.ts\n`);
  process.exit(2);
}

function runTorch(options: readonly string[]): readonly Timed[] {
  const [python, script] = [environment("TOMOFLOW_BENCH_PYTHON"), environment("TOMOFLOW_BENCH_UNET")];
  const common = ["--device", "cpu", "--threads", String(threads)];
  const child = spawnSync(python, [script, ...common, ...options], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`${script} ended with ${child.status}`);
  return child.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Timed);
}

print(
  `tomoflow's onnx engine and PyTorch on the processor, ${threads} threads, 32/48/64 channels, 13 classes`,
);
for (const [side, batch] of [
  [40, 8],
  [56, 4],
] as const) {
  const one: Case = { what: "train", side, batch, target: 0 };
  const ours = measureApart<Measured>(`${import.meta.dirname}/network.ts`, one, threads);
  const [torch] = runTorch(["--segment", "", "--train", `${side}x${batch}`]) as [Timed];
  const ratio = (batch * side ** 3) / ours.seconds / 1e6 / torch.mvox_per_s;
  print(
    `training step ${side}³ × ${batch}: ${ours.seconds.toFixed(2)} s, ${ratio.toFixed(2)} × PyTorch's ${((batch * side ** 3) / torch.mvox_per_s / 1e6).toFixed(2)} s (asked for 1.2); ` +
      `${ours.gigaflops.toFixed(0)} and ${torch.gflops.toFixed(0)} GFLOP/s, sgemm ${ours.sgemm.toFixed(0)}`,
  );
}
const ours = segmentApart([64, 256, 256], threads);
print(
  `segmentation 64×256×256: ${ours.megavoxelsPerSecond.toFixed(3)} Mvoxel/s, ${(ours.gigaflops / ours.sgemm).toFixed(2)} of sgemm's ${ours.sgemm.toFixed(0)} GFLOP/s on useful voxels (asked for 0.75)`,
);
for (const { patch, mvox_per_s: speed, gflops } of runTorch(["--segment", "96,160,128,192", "--train", ""])) {
  const kept = ((patch - 54) / patch) ** 3;
  print(
    `PyTorch forward ${patch}³: ${speed.toFixed(3)} Mvoxel/s (${gflops.toFixed(0)} GFLOP/s): ours ${(ours.megavoxelsPerSecond / speed).toFixed(2)} × untiled; ` +
      `in cubes of ${patch}³ ${(speed * kept).toFixed(3)}: ours ${(ours.megavoxelsPerSecond / speed / kept).toFixed(1)} ×`,
  );
}
