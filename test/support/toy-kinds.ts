/** Step kinds for tests of the workflow language: every feature of a description, and no work. */
import type { Holding } from "../../src/schema/holding.ts";
import type {
  InputPort,
  OutputPort,
  ParameterSchema,
  Ports,
  StepCatalog,
  StepDescription,
} from "../../src/schema/step-description.ts";

interface ToyKind {
  readonly name: string;
  readonly scope: "row" | "table";
  readonly properties: Readonly<Record<string, ParameterSchema>>;
  readonly required?: readonly string[];
  readonly ports: StepDescription["ports"];
  readonly usesEngine?: boolean;
}

const describe = ({ name, scope, properties, required, ports, usesEngine }: ToyKind): StepDescription => ({
  name,
  version: 1,
  scope,
  summary: `A toy ${name}.`,
  parameters: { type: "object", additionalProperties: false, properties, ...(required && { required }) },
  ports,
  ...(usesEngine !== undefined && { usesEngine }),
});

/** By port, as in the real kinds. */
const holding: Readonly<Record<string, Holding>> = {
  tomogram: "volume",
  objects: "objects",
  initial: "labels",
  target: "labels",
  labels: "labels",
  scores: "scores",
  detections: "objects",
  weights: "weights",
  history: "table",
  metrics: "metrics",
};

const port = (name: string, required = true): InputPort => ({
  name,
  required,
  description: `The ${name}.`,
  ...(name === "mask" ? { holds: ["volume", "labels"] } : { holds: holding[name] }),
});
const output = (name: string, file: string): OutputPort => ({
  name,
  file,
  description: `The ${name}.`,
  holds: holding[name],
});
const ports = (some: Partial<Ports>): Ports => ({
  inputs: [],
  outputs: [],
  columns: [],
  classFields: [],
  ...some,
});

export const toyTarget = describe({
  name: "target",
  scope: "row",
  properties: {
    strategy: { description: "How objects are painted.", enum: ["spheres", "shapes"], default: "spheres" },
    radii: {
      description: "Radius by label.",
      type: "object",
      propertyNames: { pattern: "^[1-9][0-9]*$" },
      additionalProperties: { type: "number", exclusiveMinimum: 0 },
      default: {},
      "x-unit": "voxels",
    },
    size: {
      description: "Size of the volume, z y x.",
      anyOf: [
        { type: "array", items: { type: "integer", minimum: 1 }, minItems: 3, maxItems: 3 },
        { const: "auto" },
      ],
      default: "auto",
    },
  },
  ports: (parameters) =>
    ports({
      inputs: [port("objects"), port("tomogram", parameters.size === "auto"), port("initial", false)],
      outputs: [output("target", "target.mrc")],
      classFields: parameters.strategy === "shapes" ? ["mask"] : ["radius"],
    }),
});

export const toyTrain = describe({
  name: "train",
  usesEngine: true,
  scope: "table",
  properties: {
    patchSize: { description: "Side of a patch.", type: "integer", minimum: 8, multipleOf: 4, default: 56 },
    batchSize: {
      description: "Patches a batch.",
      anyOf: [{ type: "integer", minimum: 1 }, { const: "auto" }],
      default: 25,
    },
    epochs: { description: "Epochs.", type: "integer", minimum: 1, default: 100 },
    bootstrap: { description: "Draw the class first.", type: "boolean", default: true },
    classWeights: {
      description: "One for all, or one a label.",
      default: 1,
      oneOf: [
        { type: "number", minimum: 0 },
        {
          type: "object",
          propertyNames: { pattern: "^[0-9]+$" },
          additionalProperties: { type: "number", minimum: 0 },
        },
      ],
    },
    ignore: {
      description: "Labels left out.",
      type: "array",
      items: { type: "integer" },
      default: [],
      "x-labels": true,
    },
  },
  ports: () =>
    ports({
      inputs: [port("tomogram"), port("objects"), port("target")],
      outputs: [output("weights", "weights.h5"), output("history", "history.csv")],
      columns: ["split"],
    }),
});

export const toySegment = describe({
  name: "segment",
  usesEngine: true,
  scope: "row",
  required: ["weights"],
  properties: {
    weights: {
      description: "Weights of the network, one file or several.",
      anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }],
      "x-file": true,
      "x-holds": "weights",
    },
    bias: { description: "Added to the background.", type: "number", minimum: -1, maximum: 1, default: 0 },
    scores: { description: "Write the scores too.", type: "boolean", default: false },
  },
  ports: (parameters) =>
    ports({
      inputs: [port("tomogram"), port("mask", false)],
      outputs: [
        output("labels", "labels.mrc"),
        ...(parameters.scores ? [output("scores", "scores.h5")] : []),
      ],
    }),
});

export const toyCluster = describe({
  name: "cluster",
  scope: "row",
  properties: { radius: { description: "Bandwidth.", type: "number", exclusiveMinimum: 0, default: 5 } },
  ports: () => ports({ inputs: [port("labels")], outputs: [output("detections", "detections.xml")] }),
});

export const toyEvaluate = describe({
  name: "evaluate",
  scope: "table",
  properties: {},
  ports: () =>
    ports({
      inputs: [port("detections"), port("objects", false)],
      outputs: [output("metrics", "metrics.json")],
      columns: ["id"],
    }),
});

export const toyMerge = describe({
  name: "merge",
  scope: "table",
  properties: {
    files: {
      description: "Files to merge.",
      anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
      default: [],
      "x-file": true,
    },
  },
  ports: () => ports({ inputs: [port("labels", false)], outputs: [output("merged", "merged.xml")] }),
});

export const toyCatalog: StepCatalog = new Map(
  [toyTarget, toyTrain, toySegment, toyCluster, toyEvaluate, toyMerge].map((kind) => [kind.name, kind]),
);
