import { fileParts } from "./file-parts.ts";
import { knownFile } from "./known-file.ts";
import type { StepKind } from "./step-kind.ts";

export interface SegmentParameters {
  /** Absolute paths. */
  readonly weights: string | readonly string[];
  readonly tileSize?: number | readonly [z: number, y: number, x: number];
  readonly tiling: "exact" | "deepfinder";
  readonly testTimeAugmentation: "none" | "turns" | "mirrors";
  readonly scores: boolean;
  readonly binned: boolean;
  readonly bias?: Readonly<Record<string, number>>;
}

/** Labels every voxel of a tomogram with its class. */
export const segment: StepKind<SegmentParameters> = {
  name: "segment",
  version: 1,
  summary: "Labels every voxel of a tomogram with a trained network.",
  scope: "row",
  usesEngine: true,
  parameters: {
    type: "object",
    additionalProperties: false,
    required: ["weights"],
    properties: {
      weights: {
        description: "Weights (.h5) of the network, or a list of several, whose probabilities are averaged.",
        oneOf: [
          { type: "string", minLength: 1 },
          { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
        ],
        "x-file": true,
        "x-holds": "weights",
        examples: ["${train.best}"],
      },
      tileSize: {
        description:
          "Largest tile, one length or [z, y, x]; planned from memory when not given. The labels are the same for every tile size (but see `tiling`).",
        oneOf: [
          { type: "integer", minimum: 8 },
          { type: "array", items: { type: "integer", minimum: 1 }, minItems: 3, maxItems: 3 },
        ],
        "x-unit": "voxels",
      },
      tiling: {
        description:
          "exact: what the network would give on the whole tomogram at once. deepfinder: the original's cubes of tileSize (160 when not given), which overlap and are averaged; for comparison.",
        type: "string",
        enum: ["exact", "deepfinder"],
        default: "exact",
      },
      testTimeAugmentation: {
        description:
          "Average the probabilities over orientations that leave the missing wedge in place. turns: the tomogram and its half turns about x, y and z, 4 times the work; mirrors: also their mirror images, 8 times the work, for networks trained with `mirror`.",
        type: "string",
        enum: ["none", "turns", "mirrors"],
        default: "none",
      },
      scores: {
        description: "Also write the class probabilities: scores.h5 with class0, class1, … as 16-bit floats.",
        type: "boolean",
        default: false,
      },
      binned: {
        description:
          "Also write labels at half the sampling: probabilities averaged over 2×2×2, then the largest.",
        type: "boolean",
        default: false,
      },
      bias: {
        description:
          "By label, 0 is the background: added to the logarithm of the class's probability before the largest is taken; above 0 finds more.",
        type: "object",
        propertyNames: { pattern: "^[0-9]+$", "x-pattern": "a class label" },
        additionalProperties: { type: "number" },
        examples: [{ 0: -0.5 }],
      },
    },
  },
  parts: fileParts({ datasets: ["tomogram", "mask"] }),
  ports: ({ scores, binned }) => ({
    inputs: [
      {
        name: "tomogram",
        required: true,
        holds: "volume",
        description: "The tomogram, at the voxel size the network was trained on.",
      },
      {
        name: "mask",
        required: false,
        holds: ["volume", "labels"],
        description:
          "A volume of the tomogram's shape, such as a lamella or a cell: where it is 0 all is background, and nothing is computed.",
      },
    ],
    outputs: [
      {
        name: "labels",
        file: "labels.mrc",
        holds: "labels",
        description: "Label map: 0 is background, 1…N the classes.",
      },
      ...(scores
        ? [
            {
              name: "scores",
              file: "scores.h5",
              holds: "scores" as const,
              description: "Class probabilities, 0…1, a data set a class.",
            },
          ]
        : []),
      ...(binned
        ? [
            {
              name: "binned",
              file: "labels_binned.mrc",
              holds: "labels" as const,
              description: "Label map at half the sampling.",
            },
          ]
        : []),
    ],
    columns: [],
    classFields: [],
  }),
  check: ({ tiling, testTimeAugmentation = "none" }) =>
    tiling === "deepfinder" && testTimeAugmentation !== "none"
      ? [
          {
            path: ["testTimeAugmentation"],
            message: "the original's tiling has no test-time augmentation",
            hint: "leave `tiling` out, or `testTimeAugmentation`",
          },
        ]
      : [],
  preflight: async (context) => (await import("./segment/check-segmentation.ts")).checkSegmentation(context),
  outputBytes: async (context) => {
    const { countVoxels } = await import("./volume-header.ts");
    const voxels = await countVoxels(knownFile(context, context.rows[0].files.tomogram));
    if (voxels === undefined) return undefined;
    const { scores, binned } = context.parameters;
    const labels = voxels * (binned ? 1 + 1 / 8 : 1);
    // two bytes a class, packed to a half and less
    const probabilities = scores ? voxels * (context.classes.length + 1) : 0;
    return { least: labels, likely: labels + probabilities };
  },
  run: async (context) => (await import("./segment/write-segmentation.ts")).writeSegmentation(context),
};
