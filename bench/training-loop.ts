/**
 * How busy the training loop keeps an engine: node --import tsx bench/training-loop.ts [--steps 200] [--threads 1] [--size 256]
 *
 * The engine does not compute: a run sleeps until ten milliseconds after the one before, as a fast GPU would be at work. Batches are those of a
 * real training: patches of a tomogram in memory, normalised, turned and mirrored. Goal: at least 95 % busy with 40³ × 8 and 56³ × 25
 * on two cores, the feeding thread idle for most of it. Beside it the loop without threads, as engines on the processor have it.
 */
import { parseArgs } from "node:util";
import type { Engine } from "../src/compute/engine.ts";
import { Random } from "../src/core/random.ts";
import { networkParameters } from "../src/network/networks.ts";
import { deepFinderAdam } from "../src/network/training-graph.ts";
import { BatchThreads } from "../src/training/batch-threads.ts";
import { createSampler, type SamplingOptions } from "../src/training/patch-sampler.ts";
import { type TrainingOptions, train } from "../src/training/train.ts";
import type { TrainingTomogram } from "../src/training/training-set.ts";
import { initialState } from "../src/training/training-state.ts";

const runMilliseconds = 10;

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "200" },
    threads: { type: "string", default: "1" },
    size: { type: "string", default: "256" },
  },
});
const [steps, threadCount, size] = [values.steps, values.threads, values.size].map(Number) as [
  number,
  number,
  number,
];

/** Answers as a GPU that has nothing to do but this; `busy` is the time that it had work. */
function sleepingEngine(voxels: number): { readonly engine: Engine; readonly busy: () => number } {
  let freeAt = 0;
  let busy = 0;
  const loss = { shape: [1], data: Float32Array.of(0.5) };
  const engine = {
    name: "sleeping",
    device: "none",
    streamsPlanes: false,
    runsInFlight: 2,
    memoryBytes: () => 1e9,
    planBytes: () => 0,
    dispose: async () => undefined,
    compile: async () => ({
      load: async () => undefined,
      read: async (names: readonly string[]) =>
        Object.fromEntries(names.map((name) => [name, { shape: [1], data: new Float32Array(1) }])),
      dispose: async () => undefined,
      run: async (feeds: object) => {
        // as an upload: the batch is read once
        for (const tensor of Object.values(feeds)) tensor.data.slice();
        const from = Math.max(freeAt, performance.now());
        freeAt = from + runMilliseconds;
        busy += runMilliseconds;
        // timers are late by up to a millisecond and more: the last of it is waited for by turns of the loop
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, freeAt - performance.now() - 1)));
        while (performance.now() < freeAt) await new Promise((resolve) => setImmediate(resolve));
        return { loss, predicted: { shape: [voxels], data: new Uint8Array(voxels) } };
      },
    }),
  } satisfies Engine;
  return { engine, busy: () => busy };
}

function tomogram(): TrainingTomogram {
  const random = new Random(1);
  const voxels = size ** 3;
  const density = new Float32Array(new SharedArrayBuffer(4 * voxels));
  for (let i = 0; i < voxels; i++) density[i] = random.uniform() - 0.5;
  const labels = new Int8Array(new SharedArrayBuffer(voxels));
  for (let i = 0; i < voxels; i += 7) labels[i] = 1 + (i % 3);
  const objects = Array.from({ length: 200 }, (_, index) => ({
    label: 1 + (index % 3),
    x: random.integer(0, size - 1),
    y: random.integer(0, size - 1),
    z: random.integer(0, size - 1),
  }));
  const shape = [size, size, size] as const;
  const place = { shape, voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const };
  return {
    id: "t",
    shape,
    objects,
    density: { ...place, data: density },
    labels: { ...place, data: labels },
  };
}

async function measure(patchSize: number, batch: number, count: number) {
  const sampling: SamplingOptions = {
    ...{ batch, classes: 4, patchSize, bootstrap: true, shift: 8, background: 0 },
    ...{ tiltAxisTurn: true, inPlaneTurn: true, mirror: true, intensityJitter: 0.1 },
  };
  const options: TrainingOptions = {
    network: { classes: 4, filters: [4, 4, 4] },
    loss: { name: "dice" },
    adam: deepFinderAdam,
    learningRate: { initial: 1e-3, schedule: "constant", final: 1, warmupSteps: 0 },
    ...{
      batch,
      patchSize,
      epochs: 1,
      stepsPerEpoch: steps,
      validationSteps: 1,
      averageDecay: 0,
      patience: 0,
    },
  };
  const { engine, busy } = sleepingEngine(batch * patchSize ** 3);
  const sets = [data, data].map((each) => ({ tomograms: [each], options: sampling }));
  const threads = count > 0 ? new BatchThreads(sets, count) : undefined;
  const [training, validation] =
    threads?.samplers ?? sets.map((set) => createSampler(set.tomograms, set.options));
  let [first, used] = [0, performance.eventLoopUtilization()];
  let seconds = 0;
  let atWork = 0;
  await train(engine, initialState(networkParameters(options.network), { seed: 1, initialization: "he" }), {
    samplers: { training: training!, validation: validation! },
    options,
    ahead: count > 0 ? count + 1 : 1,
    hooks: {
      signal: new AbortController().signal,
      onStep: ({ step }) => {
        // threads start, and code is compiled, in the first steps
        if (step === 20) {
          first = performance.now();
          atWork = busy();
          used = performance.eventLoopUtilization();
        }
        if (step === steps) {
          seconds = (performance.now() - first) / 1000;
          atWork = busy() - atWork;
          used = performance.eventLoopUtilization(used);
        }
      },
      onEpoch: () => undefined,
      checkpoint: async () => undefined,
    },
  });
  await threads?.close();
  const share = ((100 * atWork) / 1000 / seconds).toFixed(0);
  const cells = [
    `${patchSize}³ × ${batch}`,
    count || "none",
    `${share} %`,
    `${((steps - 20) / seconds).toFixed(0)}`,
  ];
  process.stdout.write(`| ${[...cells, `${(100 * used.utilization).toFixed(0)} %`].join(" | ")} |\n`);
}

const data = tomogram();
process.stdout.write(
  "| batch | threads | engine busy | steps a second | feeding thread busy |\n|---|---|---|---|---|\n",
);
for (const [patchSize, batch] of [
  [40, 8],
  [56, 25],
] as const)
  for (const count of [0, threadCount]) await measure(patchSize, batch, count);
