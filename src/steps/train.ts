import { fileParts } from "./file-parts.ts";
import type { StepKind } from "./step-kind.ts";
import { annotationParameters } from "./train/annotation.ts";
import { lossParameters } from "./train/loss-parameters.ts";
import { networkMistakes, networkParameters } from "./train/network-parameters.ts";
import { varietyParameters } from "./train/variety-parameters.ts";

export interface TrainParameters {
  readonly patchSize: number;
  readonly batchSize: number | "auto";
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly validationSteps: number;
  readonly shift: number;
  readonly bootstrap: boolean;
  readonly background: number;
  readonly sampleWeight?: string;
  /** Labels of classes that lie in the label maps and have no objects. */
  readonly regions?: readonly number[];
  readonly annotatedWithin?: number;
  readonly unknownWeight?: number;
  readonly tiltAxisTurn: boolean;
  readonly inPlaneTurn: boolean;
  readonly mirror: boolean;
  readonly intensityJitter: number;
  readonly paste?: number;
  readonly blur?: number;
  readonly noise?: number;
  readonly learningRate: number;
  readonly schedule: "constant" | "cosine" | "exponential";
  readonly finalRate: number;
  readonly warmupSteps: number;
  /** One of the losses of network/losses/, as `network` is one of network/networks/. */
  readonly loss: string;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly classWeights?: Readonly<Record<string, number>>;
  readonly network?: string;
  readonly filters: readonly number[];
  readonly initialization: "glorot" | "he";
  readonly classPrior: boolean;
  readonly averageDecay: number;
  readonly patience: number;
  readonly seed: number;
  readonly directRead: boolean | "auto";
  readonly checkpointSeconds: number;
  /** Absolute path. */
  readonly initialWeights?: string;
}

const count = (description: string, initial: number, minimum = 1) => ({
  description,
  type: "integer",
  minimum,
  default: initial,
});

const fraction = (description: string, initial: number) => ({
  description,
  type: "number",
  minimum: 0,
  maximum: 1,
  default: initial,
});

/** Trains DeepFinder's network on the rows with `split: train`, validating on those with `split: valid`. */
export const train: StepKind<TrainParameters> = {
  name: "train",
  version: 2,
  summary: "Trains a 3-D network on patches around the objects of the training tomograms.",
  scope: "table",
  usesEngine: true,
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      patchSize: {
        description:
          "Side of the cubic patches: a multiple of 4 (of 8 with four `filters`, of 16 with five), larger than the largest object.",
        type: "integer",
        minimum: 8,
        multipleOf: 4,
        default: 56,
        "x-unit": "voxels",
      },
      batchSize: {
        description:
          "Patches a step; `auto` takes as many as fit in memory, 25 at most. Another machine may take fewer, and its result counts as the same: give a number where it must not. training.json says how many were taken.",
        oneOf: [
          { type: "integer", minimum: 1 },
          { type: "string", const: "auto" },
        ],
        default: 25,
      },
      epochs: count("Epochs; raised later, training goes on from where it ended.", 100),
      stepsPerEpoch: count("Training steps an epoch.", 100),
      validationSteps: count("Batches of validation patches after each epoch.", 10),
      shift: {
        description: "Largest random shift of a patch from its object, on each axis.",
        type: "integer",
        minimum: 0,
        default: 13,
        "x-unit": "voxels",
      },
      bootstrap: {
        description:
          "Draw the class first, then an object of it, so that rare classes are seen as often as others.",
        type: "boolean",
        default: true,
      },
      background: fraction("Fraction of the patches drawn anywhere instead of around an object.", 0),
      sampleWeight: {
        description:
          "Field of the object lists in proportion to which objects are drawn: score, margin, clusterSize, or a column or attribute of your own; 0 leaves an object out. All alike when not given.",
        type: "string",
        minLength: 1,
        examples: ["score"],
      },
      regions: {
        description:
          "Labels of classes that are in the label maps and have no objects, such as a membrane that `target` was given as `initial`. Without it a class without objects is a mistake.",
        type: "array",
        items: { type: "integer", minimum: 1 },
        uniqueItems: true,
        minItems: 1,
        examples: [[1]],
      },
      ...annotationParameters,
      ...varietyParameters,
      learningRate: {
        description: "Adam's learning rate (β₁ 0.9, β₂ 0.999, ε 1e-8).",
        type: "number",
        exclusiveMinimum: 0,
        default: 1e-4,
      },
      schedule: {
        description:
          "How the learning rate changes: constant; cosine or exponential, down to `finalRate` of it at the last step (then more epochs start over).",
        type: "string",
        enum: ["constant", "cosine", "exponential"],
        default: "constant",
      },
      finalRate: {
        description:
          "For cosine and exponential schedules: the last learning rate as a fraction of the first.",
        type: "number",
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.01,
      },
      warmupSteps: count("Steps over which the learning rate rises from 0.", 0, 0),
      ...lossParameters,
      ...networkParameters,
      filters: {
        description:
          "Channels of the network at each resolution, from the full one on: half, quarter and so on; multiples of 16 are fastest. Three are DeepFinder's network; a fourth sees twice as far.",
        type: "array",
        items: { type: "integer", minimum: 1 },
        minItems: 2,
        maxItems: 5,
        default: [32, 48, 64],
      },
      initialization: {
        description:
          "How random weights start: glorot (Glorot uniform, DeepFinder's) or he (He uniform, which keeps the signal's size through the layers and learns sooner).",
        type: "string",
        enum: ["glorot", "he"],
        default: "glorot",
      },
      classPrior: {
        description:
          "Start the last bias at the logarithm of each label's share of the voxels, so that training does not start by unlearning; false starts it at 0, as DeepFinder does.",
        type: "boolean",
        default: true,
      },
      averageDecay: {
        description:
          "Decay a step of the moving average of the weights that is validated and kept; 0 keeps the weights as they are.",
        type: "number",
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0,
      },
      patience: count("Stop after this many epochs without a better mean F1; 0 never stops early.", 0, 0),
      seed: { description: "Seed of the first weights and of the sampling.", type: "integer", default: 0 },
      directRead: {
        description:
          "Read patches from the files instead of loading the tomograms; `auto` does when they exceed memory.",
        oneOf: [{ type: "boolean" }, { type: "string", const: "auto" }],
        default: "auto",
        "x-affects-result": false,
      },
      checkpointSeconds: {
        description:
          "Time between checkpoints within an epoch, a sixth of it at the ends of epochs: at most so much is lost when the machine fails.",
        type: "number",
        minimum: 0,
        default: 30,
        "x-unit": "seconds",
        "x-affects-result": false,
      },
      initialWeights: {
        description:
          "Weights (.h5) to start from instead of random ones: fine-tuning. Their network and its widths replace `network` and `filters`.",
        type: "string",
        minLength: 1,
        "x-file": true,
        "x-holds": "weights",
      },
    },
  },
  parts: fileParts({ datasets: ["tomogram", "target"], tomograms: ["objects"] }),
  ports: ({ paste, annotatedWithin }) => ({
    inputs: [
      { name: "tomogram", required: true, holds: "volume", description: "The tomogram." },
      { name: "target", required: true, holds: "labels", description: "Its label map, made by `target`." },
      {
        name: "objects",
        required: true,
        holds: "objects",
        description:
          "Its objects: patches are drawn around them. Of a list for several tomograms those of the row.",
      },
    ],
    outputs: [
      {
        name: "weights",
        file: "weights.h5",
        holds: "weights",
        description: "The network after the last epoch, as Keras writes it.",
      },
      {
        name: "best",
        file: "best.h5",
        holds: "weights",
        description: "The network of the epoch with the best mean F1 on validation patches.",
      },
      {
        name: "history",
        file: "history.h5",
        holds: "table",
        description: "Losses and scores by epoch, with the original's data set names.",
      },
      { name: "historyTable", file: "history.csv", holds: "table", description: "The history as a table." },
      { name: "curves", file: "curves.svg", holds: "picture", description: "The history as a picture." },
      {
        name: "summary",
        file: "training.json",
        holds: "metrics",
        description: "Scores of the best and the last epoch.",
      },
    ],
    columns: ["id", "split", "annotation", "tomo_idx"],
    // particles are cut out, and background is known, by their radius
    classFields: paste || annotatedWithin !== undefined ? ["name", "radius"] : ["name"],
  }),
  check: networkMistakes,
  continues: ({ schedule }) => (schedule === "constant" ? ["epochs"] : []),
  preflight: async (context) => (await import("./train/check-training.ts")).checkTraining(context),
  run: async (context) => (await import("./train/run-training.ts")).runTraining(context),
};
