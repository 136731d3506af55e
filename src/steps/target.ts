import type { InputPort } from "../schema/step-description.ts";
import type { CoordinateRounding } from "../volume/painting.ts";
import type { Shape3 } from "../volume/volume.ts";
import { fileParts } from "./file-parts.ts";
import { knownFile } from "./known-file.ts";
import type { StepKind } from "./step-kind.ts";

export interface TargetParameters {
  readonly strategy: "spheres" | "shapes";
  /** (z, y, x), voxels; from the tomogram when not given. */
  readonly size?: Shape3;
  readonly rounding: CoordinateRounding;
  /** Voxels, by label; before the class table. */
  readonly radii?: Readonly<Record<string, number>>;
  /** Of the class table's radii, for spheres; not of `radii`. */
  readonly radiusFactor?: number;
  /** Absolute paths, by label; before the class table. */
  readonly masks?: Readonly<Record<string, string>>;
}

const byLabel = { propertyNames: { pattern: "^[1-9][0-9]*$", "x-pattern": "a class label" } };

const tomogramPort: InputPort = {
  name: "tomogram",
  required: true,
  holds: "volume",
  description: "The tomogram: its size, voxel size and origin become the target's.",
};

/** Paints the objects of a list into a label map, the target that the network learns to predict. */
export const target: StepKind<TargetParameters> = {
  name: "target",
  version: 2,
  summary: "Paints objects into a label map for training: balls of a radius, or turned masks, one a class.",
  scope: "row",
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      strategy: {
        description:
          "spheres: a ball of the class's radius at each object. shapes: the class's mask, turned by each object's angles.",
        type: "string",
        enum: ["spheres", "shapes"],
        default: "spheres",
      },
      size: {
        description:
          "Size of the target, [z, y, x]; the tomogram's when not given. With it, no tomogram is needed.",
        type: "array",
        items: { type: "integer", minimum: 1 },
        minItems: 3,
        maxItems: 3,
        "x-unit": "voxels",
        examples: [[200, 512, 512]],
      },
      rounding: {
        description:
          "How coordinates become voxels: nearest, or truncate (towards zero), as DeepFinder does. Shapes then are DeepFinder's to the voxel; spheres are not where it turns them by the angles, which changes voxels at their surface.",
        type: "string",
        enum: ["nearest", "truncate"],
        default: "nearest",
      },
      radii: {
        description: "For spheres: radius by class label, where it shall not be the class table's.",
        type: "object",
        ...byLabel,
        additionalProperties: { type: "number", exclusiveMinimum: 0 },
        "x-unit": "voxels",
        examples: [{ 1: 10, 2: 6.5 }],
      },
      radiusFactor: {
        description:
          "For spheres: paint balls of this share of the class table's radius, so that neighbours stay apart; 0.7 is good. By default balls of the whole radius. Where `radii` gives a radius, that is the ball.",
        type: "number",
        exclusiveMinimum: 0,
        maximum: 2,
        examples: [0.7],
      },
      masks: {
        description: "For shapes: cubic mask volume by class label, where it shall not be the class table's.",
        type: "object",
        ...byLabel,
        additionalProperties: { type: "string", minLength: 1 },
        "x-file": true,
        "x-holds": ["volume", "labels"],
        examples: [{ 1: "masks/ribosome.mrc" }],
      },
    },
  },
  parts: fileParts({ datasets: ["tomogram", "initial"], tomograms: ["objects"] }),
  ports: ({ strategy, size }) => ({
    inputs: [
      {
        name: "objects",
        required: true,
        holds: "objects",
        description:
          "The object list: positions, and angles for shapes. Of a list for several tomograms those of the row.",
      },
      ...(size ? [] : [tomogramPort]),
      {
        name: "initial",
        required: false,
        holds: "labels",
        description: "A label map to paint onto (membranes, say); objects overwrite its labels.",
      },
    ],
    outputs: [
      { name: "target", file: "target.mrc", holds: "labels", description: "The label map; 0 is background." },
    ],
    // a list for several rows is read by them
    columns: ["id", "tomo_idx"],
    classFields: [strategy === "shapes" ? "mask" : "radius"],
  }),
  check: ({ strategy = "spheres", radiusFactor }) =>
    strategy === "spheres" || radiusFactor === undefined
      ? []
      : [
          {
            path: ["radiusFactor"],
            message: "radiusFactor is for spheres, and the strategy is shapes",
            hint: "write `strategy: spheres`, or leave `radiusFactor` out",
          },
        ],
  preflight: async (context) => (await import("./target/check-target.ts")).checkTarget(context),
  outputBytes: async (context) => {
    const { size } = context.parameters;
    const { countVoxels } = await import("./volume-header.ts");
    const voxels = size
      ? size[0] * size[1] * size[2]
      : await countVoxels(knownFile(context, context.rows[0].files.tomogram));
    return voxels === undefined ? undefined : { least: voxels, likely: voxels };
  },
  run: async (context) => (await import("./target/write-target.ts")).writeTarget(context),
};
