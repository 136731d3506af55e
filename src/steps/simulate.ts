import type { Shape3 } from "../volume/volume.ts";
import { fileParts } from "./file-parts.ts";
import type { StepKind } from "./step-kind.ts";

export interface SimulateParameters {
  /** (z, y, x), voxels. */
  readonly size: Shape3;
  /** Å. */
  readonly voxelSize: number;
  /** Of every class, or by label. */
  readonly counts: number | Readonly<Record<string, number>>;
  /** Voxels. */
  readonly spacing: number;
  readonly threshold: number;
  readonly snr: number | null;
  /** µm of underfocus. */
  readonly defocus: number;
  /** kV. */
  readonly voltage: number;
  /** mm. */
  readonly sphericalAberration: number;
  readonly amplitudeContrast: number;
  /** Degrees. */
  readonly maximumTilt: number;
  readonly seed: number;
}

/** Makes a tomogram with known truth from the shapes or density maps of the class table. */
export const simulate: StepKind<SimulateParameters> = {
  name: "simulate",
  version: 2,
  summary: "Makes a tomogram with known objects: particles in ice, contrast transfer, noise, missing wedge.",
  scope: "row",
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      size: {
        description: "Size of the tomogram, [z, y, x].",
        type: "array",
        items: { type: "integer", minimum: 8 },
        minItems: 3,
        maxItems: 3,
        default: [64, 128, 128],
        "x-unit": "voxels",
      },
      voxelSize: {
        description: "Voxel size; density maps are resampled to it.",
        type: "number",
        exclusiveMinimum: 0,
        default: 10,
        "x-unit": "Å",
      },
      counts: {
        description:
          "How many objects to place: of every class, or by class label (none of a class left out). Not used where the row has an object list.",
        type: ["integer", "object"],
        minimum: 0,
        propertyNames: { pattern: "^[1-9][0-9]*$", "x-pattern": "a class label" },
        additionalProperties: { type: "integer", minimum: 0 },
        default: 16,
        examples: [16, { 1: 20, 2: 5 }],
      },
      spacing: {
        description: "Least gap between two objects placed at random.",
        type: "number",
        minimum: 0,
        maximum: 50,
        default: 2,
        "x-unit": "voxels",
      },
      threshold: {
        description:
          "What of a density map counts as particle in the truth: voxels above this fraction of its greatest density.",
        type: "number",
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.05,
      },
      snr: {
        description:
          "Signal-to-noise ratio: variance of the noise-free tomogram over variance of the noise, in the whole volume; null for no noise.",
        type: ["number", "null"],
        exclusiveMinimum: 0,
        default: 0.1,
      },
      defocus: {
        description: "Underfocus of the microscope; 0 for no contrast transfer function.",
        type: "number",
        minimum: 0,
        maximum: 20,
        default: 4,
        "x-unit": "µm",
      },
      voltage: {
        description: "Acceleration voltage.",
        type: "number",
        minimum: 10,
        maximum: 3000,
        default: 300,
        "x-unit": "kV",
      },
      sphericalAberration: {
        description: "Spherical aberration of the microscope.",
        type: "number",
        minimum: 0,
        maximum: 20,
        default: 2.7,
        "x-unit": "mm",
      },
      amplitudeContrast: {
        description: "Fraction of amplitude contrast.",
        type: "number",
        minimum: 0,
        maximum: 1,
        default: 0.1,
      },
      maximumTilt: {
        description:
          "The tilt series goes from −this to +this about the y axis, which leaves a wedge of missing data; 90 for none.",
        type: "number",
        exclusiveMinimum: 0,
        maximum: 90,
        default: 60,
        "x-unit": "degrees",
      },
      seed: {
        description:
          "Seed of the random numbers, used together with the row's id; a row's own column `seed` comes before it.",
        type: "integer",
        default: 1,
      },
    },
  },
  parts: fileParts({ tomograms: ["objects"] }),
  ports: () => ({
    inputs: [
      {
        name: "objects",
        required: false,
        holds: "objects",
        description:
          "Where to put the objects; those without angles are turned at random. Of a list for several tomograms those of the row.",
      },
    ],
    outputs: [
      {
        name: "tomogram",
        file: "tomogram.mrc",
        holds: "volume",
        description: "The tomogram, protein dark, mean 0, deviation 1.",
      },
      { name: "objects", file: "objects.xml", holds: "objects", description: "The objects in it." },
      { name: "truth", file: "truth.mrc", holds: "labels", description: "The label of every voxel." },
    ],
    // The seed is mixed with the row's id, so both decide the result.
    columns: ["id", "seed", "tomo_idx"],
    classFields: ["shape", "density", "radius"],
  }),
  preflight: async (context) => (await import("./simulate/check-simulation.ts")).checkSimulation(context),
  // the tomogram in 32 bits, its truth in 8
  outputBytes: async ({ parameters: { size } }) => {
    const bytes = 5 * size[0] * size[1] * size[2];
    return { least: bytes, likely: bytes };
  },
  run: async (context) => (await import("./simulate/write-simulation.ts")).writeSimulation(context),
};
