/**
 * Prints the whole table of a GPU machine, one part after the other; a part that fails is said and the rest goes on:
 *   node --import tsx bench/gpu.ts [--tiny] [--only PART,PART]
 * PART is one of engines, peak, forward, train, segment, torch, profile, registers, parity, quickstart, shreclike.
 * Node 22.18 and later need no `--import tsx`. `--tiny`: sizes that a software Vulkan manages.
 * PyTorch on the same GPU, in the same run: TOMOFLOW_BENCH_PYTHON is a Python that has torch, TOMOFLOW_BENCH_TORCH a script
 * that takes --device, --classes, --filters, --segment, --train, --modes and prints a JSON object a line
 * ({what, mode, patch, batch, ms, gflops}). The tomograms of shreclike: TOMOFLOW_BENCH_DATA is the folder that holds them.
 */
import { gpuText, precisionText } from "../src/cli/gpu-text.ts";
import { listEngines, listGpus } from "../src/compute/engines.ts";
import { forwardGraph, stepGraph } from "../src/compute/webgpu/check/precision-trial.ts";
import { createWebgpuEngine, type WebgpuEngine, type WebgpuOptions } from "../src/compute/webgpu/engine.ts";
import { benchForward, benchSegmentation, benchTraining, type Measurement } from "./gpu/cases.ts";
import { measurePeak } from "./gpu/peak.ts";
import { type KernelTime, profile } from "./gpu/profile.ts";
import { parity, quickStart, shreclike } from "./gpu/programs.ts";
import { fullSizes, tinySizes } from "./gpu/sizes.ts";
import { benchTorch } from "./gpu/torch.ts";

const parts = [
  "engines",
  "peak",
  "forward",
  "train",
  "segment",
  "torch",
  "profile",
  "registers",
  "parity",
  "quickstart",
  "shreclike",
] as const;
type Part = (typeof parts)[number];

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const isTiny = process.argv.includes("--tiny");
const sizes = isTiny ? tinySizes : fullSizes;
const only = process.argv[process.argv.indexOf("--only") + 1]?.split(",");
const isWanted = (part: Part): boolean => !process.argv.includes("--only") || only!.includes(part);
for (const part of process.argv.includes("--only") ? only! : [])
  if (!(parts as readonly string[]).includes(part)) throw new Error(`no part ${part}: ${parts.join(", ")}`);

let failures = 0;
const measured: Measurement[] = [];
let peak: number | undefined;

async function part(name: Part, work: () => Promise<void>): Promise<void> {
  if (!isWanted(name)) return;
  print(`\n== ${name}`);
  try {
    await work();
  } catch (error) {
    failures++;
    print(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Ways to compute, as an engine can be opened. */
const modes: Readonly<Record<string, WebgpuOptions>> = {
  f32: { precision: "f32" },
  f16: { precision: "f16", matrixUnits: false },
  "f16 on matrix units": { precision: "f16" },
};

/** The work on an engine of its own for each mode that the adapter has. */
async function onEach(work: (engine: WebgpuEngine, mode: string) => Promise<void>): Promise<void> {
  for (const [mode, options] of Object.entries(modes)) {
    let engine: WebgpuEngine;
    try {
      engine = await createWebgpuEngine(options);
    } catch (error) {
      print(`${mode}: not here (${error instanceof Error ? error.message : String(error)})`);
      continue;
    }
    try {
      if (mode.includes("matrix units") && !engine.device.includes("matrix units"))
        print(`${mode}: not here (${engine.device} offers none)`);
      else await work(engine, mode);
    } finally {
      await engine.dispose();
    }
  }
}

function report(one: Measurement): void {
  measured.push(one);
  const share = peak === undefined ? "" : ` = ${(one.gigaflops / peak).toFixed(3)} of the measured f32 peak`;
  const memory = `${(one.bytes / 1e9).toFixed(2)} GB of buffers`;
  print(
    `${one.what} ${one.size}, ${one.mode}: ${one.milliseconds.toFixed(1)} ms, ${one.gigaflops.toPrecision(4)} GFLOP/s${share}, ${memory}`,
  );
}

/** The kernels that take the most time. */
function printProfile(what: string, kernels: readonly KernelTime[]): void {
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  print(`${what}: ${total.toFixed(2)} ms in kernels`);
  for (const { kernel, milliseconds, dispatches, gigaflops } of kernels.slice(0, 25)) {
    const share = ((100 * milliseconds) / total).toFixed(1).padStart(5);
    const speed = gigaflops > 0 ? `, ${gigaflops.toPrecision(4)} GFLOP/s` : "";
    print(
      `${share} % ${milliseconds.toFixed(3)} ms${speed}  ${kernel}${dispatches > 1 ? `, ${dispatches} times` : ""}`,
    );
  }
}

await part("engines", async () => {
  for (const line of gpuText(await listGpus())) print(line);
  for (const { name, available, device, reason, chosen, precision } of await listEngines()) {
    print(`${name}: ${available ? device : `not here: ${reason}`}${chosen ? " (auto takes it)" : ""}`);
    for (const line of precision ? precisionText(precision) : []) print(line);
  }
});
await part("peak", async () => {
  peak = await measurePeak(sizes.peakRounds);
  print(`f32 multiply-adds in registers: ${(peak / 1000).toFixed(2)} TFLOP/s`);
});
await part("forward", () =>
  onEach(async (engine, mode) => {
    for (const side of sizes.forward) report({ ...(await benchForward(engine, sizes.network, side)), mode });
  }),
);
await part("train", () =>
  onEach(async (engine, mode) => {
    for (const step of sizes.train) report({ ...(await benchTraining(engine, sizes.network, step)), mode });
  }),
);
await part("segment", () =>
  onEach(async (engine, mode) => {
    report({ ...(await benchSegmentation(engine, sizes.network, sizes.segment)), mode });
  }),
);
await part("torch", () => benchTorch(sizes, measured, print));
await part("profile", async () => {
  const { network, forward, train } = sizes;
  const side = forward[0]!;
  const graphs = [
    { what: `forward ${side}³`, graph: forwardGraph(network, side) },
    { what: `train ${train[0]!.side}³ × ${train[0]!.batch}`, graph: stepGraph(network, train[0]!) },
  ];
  await onEach(async (_, mode) => {
    for (const { what, graph } of graphs)
      printProfile(`${what}, ${mode}`, await profile(graph, modes[mode]!));
  });
});
await part("registers", async () => {
  for (const voxels of [8, 4, 2] as const)
    for (const channels of [8, 4] as const) {
      const engine = await createWebgpuEngine({ registers: { voxels, channels } });
      const { gigaflops: forward } = await benchForward(engine, sizes.network, sizes.forward[0]!);
      const { gigaflops: train } = await benchTraining(engine, sizes.network, sizes.train[0]!);
      await engine.dispose();
      const speeds = `forward ${forward.toPrecision(4)}, train ${train.toPrecision(4)} GFLOP/s`;
      print(`f32, ${voxels} voxels × ${channels} channels a thread: ${speeds}`);
    }
});
await part("parity", () => parity(print));
await part("quickstart", async () => quickStart(print, { engine: "webgpu", isTiny }));
await part("shreclike", async () => shreclike(print, { engine: "webgpu" }));
print(failures === 0 ? "\nall parts done" : `\n${failures} parts failed`);
process.exitCode = failures === 0 ? 0 : 1;
