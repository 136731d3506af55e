/** What the parameters of `train` mean: network, loss, batch, memory. */

import { planOnnxBytes } from "../../compute/onnx/memory.ts";
import { TomoflowError } from "../../core/error.ts";
import type { Graph } from "../../network/graph.ts";
import { losses } from "../../network/losses/registry.ts";
import type { LossChoice } from "../../network/losses.ts";
import { type Architecture, networkOf as networkNamed, networks } from "../../network/networks.ts";
import { deepFinderAdam, trainingGraph } from "../../network/training-graph.ts";
import { stateBytes, type TrainingOptions } from "../../training/train.ts";
import type { StepContext } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { weightOfUnknown } from "./annotation.ts";

type Context = Pick<StepContext<TrainParameters>, "parameters" | "classes" | "rows">;

/** Labels run from 0, the background, to the largest of the class table. */
export const classCount = ({ classes }: Pick<Context, "classes">): number =>
  Math.max(0, ...classes.map(({ label }) => label)) + 1;

/** @throws TomoflowError `weights-classes`, `weights-differ` where the initial weights are of other classes or another network */
export function networkOf(context: Context, initial?: Architecture): Architecture {
  const classes = classCount(context);
  const { parameters } = context;
  if (initial === undefined) return chosenNetwork(parameters, classes);
  if (initial.classes !== classes)
    throw new TomoflowError(
      "weights-classes",
      `the initial weights know ${initial.classes - 1} classes, the class table has ${classes - 1}`,
      { hint: "fine-tune with the same classes, in the same order" },
    );
  const otherwise = otherNetwork(parameters, initial);
  if (otherwise !== undefined)
    throw new TomoflowError("weights-differ", otherwise.message, { hint: otherwise.hint });
  return initial;
}

/** What is wrong where `network` says another one than the initial weights are of. */
export function otherNetwork(
  { network: asked }: TrainParameters,
  initial: Architecture,
): { readonly message: string; readonly hint: string } | undefined {
  const { name } = networkNamed(initial);
  if (asked === undefined || asked === name) return undefined;
  const message = `the initial weights are of ${name}, not of ${asked}`;
  return { message, hint: `leave \`network\` out, or give weights of ${asked}` };
}

/** DeepFinder's has no name, so that its weights and checkpoints are what they were when there was no other. */
function chosenNetwork(parameters: TrainParameters, classes: number): Architecture {
  const { filters } = parameters;
  const { name, parameters: own } = networkNamed({ name: parameters.network });
  if (name === networks[0].name) return { classes, filters };
  const settings = Object.entries(own).map(([key, { default: usual }]) => [
    key,
    (parameters as unknown as Readonly<Record<string, unknown>>)[key] ?? usual,
  ]);
  return { name, classes, filters, ...(settings.length > 0 && { settings: Object.fromEntries(settings) }) };
}

export function lossOf(context: Context): LossChoice {
  const { parameters } = context;
  const classes = classCount(context);
  const unknownWeight = weightOfUnknown(context);
  const own = losses.find(({ name }) => name === parameters.loss)?.parameters ?? {};
  const given = parameters as unknown as Readonly<Record<string, number>>;
  const classWeights = parameters.classWeights && {
    classWeights: Array.from({ length: classes }, (_, label) => parameters.classWeights?.[label] ?? 1),
  };
  return {
    name: parameters.loss,
    parameters: Object.fromEntries(Object.keys(own).map((key) => [key, given[key]!])),
    ...classWeights,
    ...(unknownWeight !== undefined && { unknownWeight }),
  };
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
