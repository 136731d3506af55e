/** The training loop: steps, validation after each epoch, best epoch, checkpoints. */

import type { Engine, Program, Tensors } from "../compute/engine.ts";
import { TomoflowError } from "../core/error.ts";
import { Random } from "../core/random.ts";
import type { LossChoice } from "../network/losses.ts";
import { type Architecture, networkParameters } from "../network/networks.ts";
import { elementCount } from "../network/parameters.ts";
import { type AdamOptions, validationGraph } from "../network/training-graph.ts";
import { batchesAhead, type DrawnBatch } from "./batches-ahead.ts";
import { Confusion } from "./confusion.ts";
import type { Batch } from "./fill-batch.ts";
import type { EpochRecord } from "./history.ts";
import type { BatchSampler } from "./patch-sampler.ts";
import { biasCorrectedRate, type LearningRate, learningRateAt } from "./schedule.ts";
import { StepProgram } from "./step-program.ts";
import type { TrainingState } from "./training-state.ts";
import { countUnknown } from "./unknown-voxels.ts";

export interface TrainingOptions {
  readonly network: Architecture;
  readonly loss: LossChoice;
  readonly adam: AdamOptions;
  readonly learningRate: LearningRate;
  readonly batch: number;
  /** Side of the patches, voxels. */
  readonly patchSize: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly validationSteps: number;
  /** Decay a step of the moving average of the weights that is validated and kept; 0: the weights themselves. */
  readonly averageDecay: number;
  /** Stop after this many epochs without a better mean F1; 0: never. */
  readonly patience: number;
}

/** Where training is; the weights are with the engine. */
export type TrainingProgress = Pick<
  TrainingState,
  "epoch" | "step" | "lossSum" | "rightVoxels" | "history" | "bestEpoch"
>;

export interface TrainingHooks {
  readonly signal: AbortSignal;
  /** After every step. */
  onStep(progress: TrainingProgress, loss: number): void;
  /** After every epoch, validated. */
  onEpoch(record: EpochRecord, state: TrainingState): void;
  /**
   * A moment to keep the state: after every step, and with `important` at the end of epochs and when stopped. `snapshot`
   * brings the state from the engine: call it only where it is kept.
   */
  checkpoint(snapshot: () => Promise<TrainingState>, important: boolean): Promise<void>;
}

export interface TrainingTask {
  readonly samplers: { readonly training: BatchSampler; readonly validation: BatchSampler };
  readonly options: TrainingOptions;
  readonly hooks: TrainingHooks;
  /** Batches that are filled beyond the one the engine works on, 1 when not given: the result does not depend on it. */
  readonly ahead?: number;
}

/**
 * Trains from `state` on, until `epochs` are done or patience ends. Returns the last state.
 *
 * @throws the signal's reason when aborted, after a checkpoint; TomoflowError `training-diverged` when the loss is not a
 * number any more
 */
export async function train(
  engine: Engine,
  state: TrainingState,
  { samplers, options, hooks, ahead = 1 }: TrainingTask,
): Promise<TrainingState> {
  hooks.signal.throwIfAborted();
  const programs: { dispose(): Promise<void> }[] = [];
  const opened = async <T extends { dispose(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const program = await opening;
    programs.push(program);
    return program;
  };
  try {
    const step = await opened(StepProgram.compile(engine, options));
    const validation = await opened(compileValidation(engine, options));
    await step.load(state);
    let current = state;
    while (current.epoch < options.epochs && !hasLostPatience(current, options)) {
      current = await runEpoch(step, current, {
        sampler: samplers.training,
        ahead,
        runsInFlight: engine.runsInFlight ?? 1,
        options,
        hooks,
      });
      current = await finishEpoch(validation, current, {
        sampler: samplers.validation,
        ahead,
        options,
        hooks,
      });
      hooks.onEpoch(current.history.at(-1)!, current);
      await hooks.checkpoint(async () => current, true);
      hooks.signal.throwIfAborted();
    }
    return current;
  } finally {
    await Promise.all(programs.map((program) => program.dispose()));
  }
}

function compileValidation(
  engine: Engine,
  { network, batch, patchSize, loss }: TrainingOptions,
): Promise<Program> {
  const graph = validationGraph(network, { batch, extent: [patchSize, patchSize, patchSize] }, loss);
  return engine.compile(graph, { kept: networkParameters(network).map(({ name }) => name) });
}

interface EpochWork {
  readonly sampler: BatchSampler;
  readonly ahead: number;
  readonly options: TrainingOptions;
  readonly hooks: TrainingHooks;
}

/** Stops here if asked to, with everything done so far kept. */
async function pauseIfAborted(snapshot: () => Promise<TrainingState>, hooks: TrainingHooks): Promise<void> {
  if (!hooks.signal.aborted) return;
  await hooks.checkpoint(snapshot, true);
  hooks.signal.throwIfAborted();
}

const hasLostPatience = ({ epoch, bestEpoch }: TrainingState, { patience }: TrainingOptions): boolean =>
  patience > 0 && epoch - bestEpoch >= patience;

/** Steps until the end of the epoch, as many in flight as the engine is worth: what they make does not depend on it. */
async function runEpoch(
  program: StepProgram,
  start: TrainingState,
  { sampler, ahead, runsInFlight, options, hooks }: EpochWork & { readonly runsInFlight: number },
): Promise<TrainingState> {
  let state = start;
  const inFlight: StepInFlight[] = [];
  const finishOldest = async (): Promise<void> => {
    const { drawn, results } = inFlight.shift()!;
    const { after, loss } = afterStep(state, await results, { batch: drawn.batch, options });
    drawn.release();
    state = { ...after, random: drawn.randomAfter };
    hooks.onStep(state, loss);
  };
  /** The engine's values are those after all steps that were asked for: these are finished first. */
  const snapshot = async (): Promise<TrainingState> => {
    while (inFlight.length > 0) await finishOldest();
    return { ...state, ...(await program.values()) };
  };
  const count = options.stepsPerEpoch - start.step;
  try {
    for await (const drawn of batchesAhead(sampler, new Random(start.random), { count, ahead })) {
      const step = state.step + inFlight.length;
      const results = program.run(stepFeeds({ ...state, step }, drawn.batch, options));
      results.catch(() => {}); // told in its turn
      inFlight.push({ drawn, results });
      if (inFlight.length < runsInFlight) continue;
      await finishOldest();
      await pauseIfAborted(snapshot, hooks);
      await hooks.checkpoint(snapshot, false);
    }
    return await snapshot();
  } finally {
    // after a failure or a stop they write into memory that is given back
    await Promise.allSettled(inFlight.map(({ results }) => results));
  }
}

interface StepInFlight {
  readonly drawn: DrawnBatch;
  readonly results: Promise<Tensors>;
}

function stepFeeds(
  { epoch, step }: Pick<TrainingState, "epoch" | "step">,
  batch: Batch,
  options: TrainingOptions,
): Tensors {
  const done = epoch * options.stepsPerEpoch + step;
  const rate = learningRateAt(options.learningRate, done, options.epochs * options.stepsPerEpoch);
  return {
    ...batchFeeds(batch, options),
    rate: { shape: [1], data: Float32Array.of(biasCorrectedRate(rate, done + 1, options.adam)) },
    ...(options.averageDecay > 0 && { step: { shape: [1], data: Float32Array.of(done) } }),
  };
}

/** `after` has the weights and states of before the epoch: those after the step are the program's. */
function afterStep(
  state: TrainingState,
  results: Tensors,
  { batch, options }: { batch: Batch; options: TrainingOptions },
): { after: TrainingState; loss: number } {
  const loss = results.loss!.data[0]!;
  const done = state.epoch * options.stepsPerEpoch + state.step;
  if (!Number.isFinite(loss)) throw diverged(done + 1, options);
  const unknownVoxels = (state.unknownVoxels ?? 0) + countUnknown(batch.labels);
  const after: TrainingState = {
    ...state,
    step: state.step + 1,
    lossSum: state.lossSum + loss,
    rightVoxels: state.rightVoxels + countEqual(batch.labels, results.predicted!.data as Uint8Array),
    ...(unknownVoxels > 0 && { unknownVoxels }),
  };
  return { after, loss };
}

const diverged = (step: number, { learningRate: { initial } }: TrainingOptions): TomoflowError =>
  new TomoflowError("training-diverged", `the loss is not a number any more after step ${step}`, {
    hint: `use a learningRate smaller than ${initial}, or warmupSteps`,
  });

/** Validates, records the epoch and keeps the best weights. */
async function finishEpoch(
  program: Program,
  state: TrainingState,
  { sampler, ahead, options, hooks }: EpochWork,
): Promise<TrainingState> {
  const random = new Random(state.validationRandom);
  const confusion = new Confusion(options.network.classes);
  const weights = Object.fromEntries(
    networkParameters(options.network).map(({ name, shape }) => [
      name,
      { shape, data: state.averages.get(name)! },
    ]),
  );
  await program.load(weights);
  let validationLoss = 0;
  const count = options.validationSteps;
  for await (const { batch, release } of batchesAhead(sampler, random, { count, ahead })) {
    await pauseIfAborted(async () => state, hooks);
    const results = await program.run(batchFeeds(batch, options));
    confusion.add(batch.labels, results.predicted!.data as Uint8Array);
    release();
    validationLoss += results.loss!.data[0]! / options.validationSteps;
  }
  const epoch = state.epoch + 1;
  const { unknownVoxels = 0, ...rest } = state;
  const voxels = options.stepsPerEpoch * options.batch * options.patchSize ** 3 - unknownVoxels;
  const record: EpochRecord = {
    epoch,
    loss: state.lossSum / options.stepsPerEpoch,
    accuracy: voxels > 0 ? state.rightVoxels / voxels : 0,
    validationLoss,
    validationAccuracy: confusion.accuracy,
    f1: confusion.f1,
    precision: confusion.precision,
    recall: confusion.recall,
    learningRate: learningRateAt(
      options.learningRate,
      epoch * options.stepsPerEpoch - 1,
      options.epochs * options.stepsPerEpoch,
    ),
  };
  const best = state.history[state.bestEpoch - 1];
  const isBest = best === undefined || meanF1(record) > meanF1(best);
  return {
    ...rest,
    epoch,
    step: 0,
    lossSum: 0,
    rightVoxels: 0,
    validationRandom: random.state,
    history: [...state.history, record],
    bestEpoch: isBest ? epoch : state.bestEpoch,
    best: isBest ? state.averages : state.best,
  };
}

/** Mean of the classes' F1 on the validation patches, background left out. */
export const meanF1 = ({ f1 }: EpochRecord): number =>
  f1.slice(1).reduce((sum, value) => sum + value, 0) / Math.max(1, f1.length - 1);

const batchFeeds = ({ x, labels }: Batch, { batch, patchSize }: TrainingOptions): Tensors => ({
  x: { shape: [batch, 1, patchSize, patchSize, patchSize], data: x },
  labels: { shape: [batch, patchSize, patchSize, patchSize], data: labels },
});

function countEqual(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) count++;
  return count;
}

/** Bytes that training holds beside the engine's programs: states, weights and batches. */
export function stateBytes({
  network,
  batch,
  patchSize,
}: Pick<TrainingOptions, "network" | "batch" | "patchSize">): number {
  const parameters = networkParameters(network).reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return 4 * 8 * parameters + 2 * 5 * batch * patchSize ** 3;
}
