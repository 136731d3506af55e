/** What the parameters of `train` mean: network, loss, batch, memory. */

import { planOnnxBytes } from "../../compute/onnx/memory.ts";
import { TomoflowError } from "../../core/error.ts";
import type { Graph, Loss } from "../../network/graph.ts";
import type { Architecture } from "../../network/networks.ts";
import { deepFinderAdam, trainingGraph } from "../../network/training-graph.ts";
import { stateBytes, type TrainingOptions } from "../../training/train.ts";
import type { StepContext, StepRow } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";

type Context = Pick<StepContext<TrainParameters>, "parameters" | "classes">;

/** Rows by their `split`, in order of their ids, so that the order of the table does not matter. */
export function rowsOfSplit(rows: readonly StepRow[]): { training: StepRow[]; validation: StepRow[] } {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const having = (...names: readonly string[]) =>
    sorted.filter(({ values }) => names.includes(String(values.split)));
  return { training: having("train"), validation: having("valid", "validation") };
}

/** Labels run from 0, the background, to the largest of the class table. */
export const classCount = ({ classes }: Context): number =>
  Math.max(0, ...classes.map(({ label }) => label)) + 1;

export function networkOf(context: Context, initial?: Architecture): Architecture {
  const classes = classCount(context);
  if (initial === undefined) return { classes, filters: context.parameters.filters };
  if (initial.classes !== classes)
    throw new TomoflowError(
      "weights-classes",
      `the initial weights know ${initial.classes - 1} classes, the class table has ${classes - 1}`,
      { hint: "fine-tune with the same classes, in the same order" },
    );
  return initial;
}

export function lossOf({ parameters, ...context }: Context): Loss {
  const { loss, alpha, beta, gamma } = parameters;
  const classes = classCount({ parameters, ...context });
  const classWeights = parameters.classWeights && {
    classWeights: Array.from({ length: classes }, (_, label) => parameters.classWeights?.[label] ?? 1),
  };
  const dice: Loss = { type: "tversky", alpha: 0.5, beta: 0.5, ...classWeights };
  const crossEntropy: Loss = { type: "focal", gamma: 0, ...classWeights };
  switch (loss) {
    case "tversky":
      return { ...dice, alpha, beta };
    case "dice":
      return dice;
    case "focal":
      return { ...crossEntropy, gamma };
    case "cross-entropy":
      return crossEntropy;
    case "dice-cross-entropy":
      return { type: "sum", terms: [dice, crossEntropy] };
  }
}

/** Largest batch that `auto` takes: the original's. */
const mostPatches = 25;

/** Share of the memory that a step may fill. */
const usableShare = 0.7;

/**
 * The batch, and the bytes that training with it is expected to take. `bytesOf` plans a graph's memory.
 */
export function planTraining(
  context: Context,
  memoryBytes: number,
  { network = networkOf(context), bytesOf = (graph: Graph): number => planOnnxBytes(graph) } = {},
): { batch: number; bytes: number } {
  const { patchSize, batchSize, averageDecay } = context.parameters;
  const extent = [patchSize, patchSize, patchSize] as const;
  const bytesFor = (batch: number) =>
    bytesOf(trainingGraph(network, { batch, extent }, lossOf(context), { ...deepFinderAdam, averageDecay })) +
    stateBytes({ network, batch, patchSize });
  if (batchSize !== "auto") return { batch: batchSize, bytes: bytesFor(batchSize) };
  let batch = mostPatches;
  while (batch > 1 && bytesFor(batch) > usableShare * memoryBytes) batch--;
  return { batch, bytes: bytesFor(batch) };
}

export function trainingOptions(context: Context, network: Architecture, batch: number): TrainingOptions {
  const { parameters } = context;
  return {
    network,
    loss: lossOf(context),
    adam: deepFinderAdam,
    learningRate: {
      initial: parameters.learningRate,
      schedule: parameters.schedule,
      final: parameters.finalRate,
      warmupSteps: parameters.warmupSteps,
    },
    batch,
    patchSize: parameters.patchSize,
    epochs: parameters.epochs,
    stepsPerEpoch: parameters.stepsPerEpoch,
    validationSteps: parameters.validationSteps,
    averageDecay: parameters.averageDecay,
    patience: parameters.patience,
  };
}
