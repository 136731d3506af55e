/** A training that takes tenths of a second: bright and very bright balls in noise, a network of a few channels. */
import type { Engine } from "../../src/compute/engine.ts";
import { createOnnxEngine } from "../../src/compute/onnx/engine.ts";
import { Random } from "../../src/core/random.ts";
import { networkParameters } from "../../src/network/networks.ts";
import { deepFinderAdam } from "../../src/network/training-graph.ts";
import type { TomogramObject } from "../../src/objects/object-list.ts";
import type { EpochRecord } from "../../src/training/history.ts";
import { createSampler } from "../../src/training/patch-sampler.ts";
import {
  type TrainingHooks,
  type TrainingOptions,
  type TrainingTask,
  train,
} from "../../src/training/train.ts";
import type { TrainingTomogram } from "../../src/training/training-set.ts";
import { initialState, type TrainingState } from "../../src/training/training-state.ts";
import type { Shape3 } from "../../src/volume/volume.ts";

export const tinyShape: Shape3 = [20, 24, 28];

/** Objects of radius 3, class 1 bright, class 2 brighter. */
export const tinyObjects: readonly TomogramObject[] = [
  { label: 1, x: 6, y: 6, z: 6 },
  { label: 2, x: 20, y: 7, z: 12 },
  { label: 1, x: 14, y: 18, z: 13 },
  { label: 2, x: 23, y: 19, z: 5 },
];

/** Density and label map of `tinyObjects`, in (z, y, x) order. */
export function tinyVolumes(seed: number): { density: Float32Array; labels: Uint8Array } {
  const random = new Random(seed);
  const [planes, rows, width] = tinyShape;
  const labels = new Uint8Array(planes * rows * width);
  for (const { label, x, y, z } of tinyObjects)
    for (let i = 0; i < labels.length; i++) {
      const [dz, dy, dx] = [
        Math.floor(i / (rows * width)) - z,
        (Math.floor(i / width) % rows) - y,
        (i % width) - x,
      ];
      if (dz ** 2 + dy ** 2 + dx ** 2 <= 9) labels[i] = label;
    }
  return { labels, density: Float32Array.from(labels, (label) => 2 * label + 0.5 * random.normal()) };
}

export function tinyTomogram(seed: number): TrainingTomogram {
  const { density, labels } = tinyVolumes(seed);
  const common = { shape: tinyShape, voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const };
  return {
    id: `t${seed}`,
    shape: tinyShape,
    objects: tinyObjects,
    density: { ...common, data: density },
    labels: { ...common, data: labels },
  };
}

export const tinyNetwork = { classes: 3, filters: [4, 4, 4] as const };

export const tinyOptions: TrainingOptions = {
  network: tinyNetwork,
  loss: { name: "dice" },
  adam: deepFinderAdam,
  learningRate: { initial: 0.01, schedule: "constant", final: 1, warmupSteps: 0 },
  batch: 2,
  patchSize: 8,
  epochs: 3,
  stepsPerEpoch: 4,
  validationSteps: 2,
  averageDecay: 0,
  patience: 0,
};

export const tinySampling = {
  batch: 2,
  classes: 3,
  patchSize: 8,
  bootstrap: true,
  shift: 2,
  tiltAxisTurn: true,
  inPlaneTurn: false,
  mirror: false,
  intensityJitter: 0,
  background: 0,
};

export const tinySamplers: TrainingTask["samplers"] = {
  training: createSampler([tinyTomogram(1)], tinySampling),
  validation: createSampler([tinyTomogram(2)], tinySampling),
};

export const tinyStart = (seed = 0): TrainingState =>
  initialState(networkParameters(tinyNetwork), { seed, initialization: "he" });

export const tinyEngine = () => createOnnxEngine({ threads: 1 });

export interface TinyRun {
  readonly state: TrainingState;
  readonly records: readonly EpochRecord[];
  /** (epoch, step) after every step. */
  readonly steps: readonly string[];
}

/** Trains from `state`, collecting what the hooks are told. */
export async function runTiny(
  state: TrainingState,
  {
    engine,
    samplers = tinySamplers,
    ahead,
    hooks = {},
    ...options
  }: Partial<TrainingOptions> & {
    engine?: Engine;
    samplers?: TrainingTask["samplers"];
    ahead?: number;
    hooks?: Partial<TrainingHooks>;
  } = {},
): Promise<TinyRun> {
  const records: EpochRecord[] = [];
  const steps: string[] = [];
  const end = await train(engine ?? (await tinyEngine()), state, {
    samplers,
    ahead,
    options: { ...tinyOptions, ...options },
    hooks: {
      signal: hooks.signal ?? new AbortController().signal,
      onStep: (after, loss) => {
        steps.push(`${after.epoch}:${after.step}`);
        hooks.onStep?.(after, loss);
      },
      onEpoch: (record, after) => {
        records.push(record);
        hooks.onEpoch?.(record, after);
      },
      checkpoint: async (snapshot, important) => hooks.checkpoint?.(snapshot, important),
    },
  });
  return { state: end, records, steps };
}
