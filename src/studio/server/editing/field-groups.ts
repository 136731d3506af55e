/** The parameters of the built-in kinds in groups, as people think of them; kinds of a user's own have one group. */
import type { FieldForm, FieldGroup } from "../../protocol/forms.ts";

interface Grouping {
  readonly title: string;
  readonly fields: readonly string[];
  readonly isRare?: boolean;
}

const groupings: Readonly<Record<string, readonly Grouping[]>> = {
  simulate: [
    { title: "Tomogram", fields: ["size", "voxelSize", "seed"] },
    { title: "Objects", fields: ["counts", "spacing"] },
    {
      title: "Microscope",
      fields: [
        "snr",
        "maximumTilt",
        "defocus",
        "voltage",
        "sphericalAberration",
        "amplitudeContrast",
        "threshold",
      ],
      isRare: true,
    },
  ],
  target: [
    { title: "What is painted", fields: ["strategy", "radii", "masks"] },
    { title: "Size and rounding", fields: ["size", "rounding"], isRare: true },
  ],
  train: [
    { title: "Patches", fields: ["patchSize", "batchSize", "shift", "bootstrap"] },
    { title: "Length", fields: ["epochs", "stepsPerEpoch", "validationSteps", "patience"] },
    { title: "Learning", fields: ["loss", "learningRate", "schedule", "finalRate", "warmupSteps"] },
    { title: "Network", fields: ["network", "blocks", "filters", "initialWeights", "averageDecay"] },
    {
      title: "Variety of patches",
      fields: [
        "tiltAxisTurn",
        "inPlaneTurn",
        "mirror",
        "paste",
        "intensityJitter",
        "blur",
        "noise",
        "background",
        "sampleWeight",
        "regions",
        "annotatedWithin",
        "unknownWeight",
      ],
      isRare: true,
    },
    {
      title: "Fine tuning",
      fields: ["alpha", "beta", "gamma", "classWeights", "initialization", "classPrior", "seed"],
      isRare: true,
    },
    { title: "Running", fields: ["directRead", "checkpointSeconds"], isRare: true },
  ],
  segment: [
    { title: "Network", fields: ["weights", "testTimeAugmentation"] },
    { title: "What is written", fields: ["scores", "binned"] },
    { title: "Tiles and bias", fields: ["tileSize", "tiling", "bias"], isRare: true },
  ],
  cluster: [
    { title: "Objects", fields: ["method", "radius", "minSize"] },
    { title: "What counts", fields: ["threshold", "thresholds", "perClass"] },
  ],
  evaluate: [{ title: "Matching", fields: ["match", "distance", "beta", "rankBy"] }],
  export: [{ title: "Particle list", fields: ["format", "binning"] }],
  command: [
    { title: "Program", fields: ["run", "shell", "inputs", "outputs", "holds"] },
    { title: "Surroundings", fields: ["files", "environment", "stdout", "programVersion"], isRare: true },
  ],
};

/** Fields that no group names come last, so that a new parameter is never lost. */
export function groupsOfFields(kind: string, fields: readonly FieldForm[]): readonly FieldGroup[] {
  const known = groupings[kind] ?? [];
  const named = new Set(known.flatMap((group) => group.fields));
  const rest = fields.filter(({ name }) => !named.has(name));
  const groups = known.map(({ title, fields: names, isRare }) => ({
    title,
    fields: names.flatMap((name) => fields.filter((field) => field.name === name)),
    ...(isRare && { isRare }),
  }));
  const others = rest.length > 0 ? [{ title: known.length > 0 ? "More" : "Parameters", fields: rest }] : [];
  return [...groups, ...others].filter((group) => group.fields.length > 0);
}

/** Names of the kinds that have groups of their own, for tests. */
export const groupedKinds = (): readonly string[] => Object.keys(groupings);
