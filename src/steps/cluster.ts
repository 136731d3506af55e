import type { ClusterMethod } from "../objects/clustering/cluster-objects.ts";
import type { PerClass } from "../objects/operations/filter.ts";
import type { ClassDefinition, ParameterSchema } from "../schema/step-description.ts";
import type { VolumeReader } from "../volume/volume.ts";
import { checkClustering, needsRadius, radiiOf } from "./cluster/check-clustering.ts";
import { fileParts } from "./file-parts.ts";
import type { RunContext, StepKind } from "./step-kind.ts";

export interface ClusterParameters {
  readonly method: ClusterMethod;
  readonly radius?: PerClass;
  readonly perClass: boolean;
  readonly regions?: readonly number[];
  readonly smoothing?: number;
  readonly mergeFragments?: number;
  readonly suppressOverlap?: number;
  readonly minSize: PerClass;
  readonly threshold?: PerClass;
  /** Absolute path. */
  readonly thresholds?: string;
}

const perClassSchema = (
  limits: Readonly<Record<string, unknown>>,
  more: ParameterSchema,
): ParameterSchema => ({
  ...more,
  oneOf: [
    { type: "number", ...limits },
    {
      type: "object",
      propertyNames: { pattern: "^[1-9][0-9]*$", "x-pattern": "a class label" },
      additionalProperties: { type: "number", ...limits },
    },
  ],
});

/** Finds the objects of a label map: see src/objects/clustering. */
export const cluster: StepKind<ClusterParameters> = {
  name: "cluster",
  version: 2,
  summary: "Finds the objects of a label map by mean-shift, connected components or score maxima.",
  scope: "row",
  cpus: () => 1,
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      method: {
        description:
          "mean-shift: as DeepFinder, one object for each mode of the labelled voxels within the radius; components: one object for each set of touching voxels; peaks: score maxima further apart than the radius (needs scores; found best with `smoothing`).",
        type: "string",
        enum: ["mean-shift", "components", "peaks"],
        default: "mean-shift",
      },
      radius: perClassSchema(
        { minimum: 0.5 },
        {
          description:
            "Radius of the objects, for every class alike or by label, as in `radius: {1: 10, 2: 6}`; by default the radius of the class table.",
          "x-unit": "voxels",
        },
      ),
      perClass: {
        description:
          "Whether each class is clustered on its own with its own radius. Otherwise all labelled voxels are clustered together, as the original does, with one number as `radius`.",
        type: "boolean",
        default: true,
      },
      smoothing: {
        description:
          "For `peaks`: first smooth each class's scores by a Gaussian of this share of its radius; 0.4 is good. Rings and rods then come out in one piece, and positions are finer than a voxel. The score of an object is the smoothed one.",
        type: "number",
        minimum: 0.05,
        maximum: 2,
        examples: [0.4],
      },
      suppressOverlap: {
        description:
          "Of two objects of different classes that are closer than this share of the smaller radius, keep the better: with `peaks` the higher score, else the one that fills more of a ball of its radius. 0.8 is good; by default both are kept.",
        type: "number",
        exclusiveMinimum: 0,
        maximum: 2,
        examples: [0.8],
      },
      mergeFragments: {
        description:
          "Join objects of one class that are closer than this share of its radius, before sizes are compared with `minSize`: pieces of rings and rods. Above 1, particles that touch may be joined too.",
        type: "number",
        exclusiveMinimum: 0,
        maximum: 2,
        examples: [0.8],
      },
      regions: {
        description:
          "Labels of classes that are no objects, such as a membrane: nothing is looked for there. By default every class has objects.",
        type: "array",
        items: { type: "integer", minimum: 1 },
        minItems: 1,
        uniqueItems: true,
        examples: [[3]],
      },
      minSize: perClassSchema(
        { minimum: 0 },
        {
          description: "Least size of an object, for every class alike or by label.",
          default: 1,
          "x-unit": "voxels",
        },
      ),
      threshold: perClassSchema(
        { minimum: 0, maximum: 1 },
        {
          description:
            "Lowest score of an object, for every class alike or by label; needs scores; by default none.",
        },
      ),
      thresholds: {
        description:
          "A thresholds.json of `evaluate`: by class the least size or score that was best on validation tomograms. An object must reach these and `minSize` and `threshold`.",
        type: "string",
        minLength: 1,
        "x-file": true,
        "x-holds": "thresholds",
        examples: ["${tune.thresholds}"],
      },
    },
  },
  parts: fileParts({ datasets: ["labels"] }),
  ports: (parameters) => ({
    inputs: [
      {
        name: "labels",
        required: true,
        holds: "labels",
        description: "Label map: 0 is background, 1…N are the classes.",
      },
      {
        name: "scores",
        required: false,
        holds: "scores",
        description:
          "Class probabilities of the segmentation (.h5 with class0, class1, …): gives every object a score and a margin.",
      },
    ],
    outputs: [
      {
        name: "detections",
        file: "detections.xml",
        holds: "objects",
        description: "The objects: label, position, number of voxels and, with scores, score and margin.",
      },
    ],
    // the objects say whose they are
    columns: ["id"],
    classFields: typeof parameters.radius === "number" || !needsRadius(parameters) ? [] : ["radius"],
  }),
  check: ({ method = "mean-shift", smoothing, perClass = true }) => {
    if (smoothing === undefined) return [];
    if (method !== "peaks")
      return [
        {
          path: ["smoothing"],
          message: `smoothing is for the method peaks, and the method is ${method}`,
          hint: "write `method: peaks`, or leave `smoothing` out",
        },
      ];
    if (perClass) return [];
    return [
      {
        path: ["perClass"],
        message: "smoothed scores are those of one class each",
        hint: "leave `perClass: true`, or `smoothing` out",
      },
    ];
  },
  preflight: checkClustering,
  run,
};

async function run(context: RunContext<ClusterParameters>): Promise<void> {
  const { clusterObjects } = await import("../objects/clustering/cluster-objects.ts");
  const { countByLabel, readVoxelPoints } = await import("../objects/clustering/voxel-points.ts");
  const { writeObjects } = await import("../objects/formats.ts");
  const { openVolume } = await import("../volume/formats.ts");
  const { filterObjects } = await import("../objects/operations/filter.ts");
  const { readThresholds } = await import("../objects/evaluation/thresholds.ts");
  const { parameters, classes, outputs, signal, report } = context;
  const tuned = parameters.thresholds === undefined ? {} : await readThresholds(parameters.thresholds);
  const [row] = context.rows;
  const readers: VolumeReader[] = [];
  const open = async (path: string, dataset?: string): Promise<VolumeReader> => {
    const reader = await openVolume(path, { dataset, signal });
    readers.push(reader);
    return reader;
  };
  try {
    const labelMap = await open(row.files.labels);
    const points = await readVoxelPoints(labelMap, signal);
    const { regions = [] } = parameters;
    const voxels = new Map([...countByLabel(points)].filter(([label]) => !regions.includes(label)));
    const labels = [...new Set([0, ...classes.map(({ label }) => label), ...voxels.keys()])];
    const scores = new Map<number, VolumeReader>();
    if (row.files.scores)
      for (const label of labels) scores.set(label, await open(row.files.scores, `class${label}`));
    const found = await clusterObjects(points, {
      ...parameters,
      radius: radiiOf(context),
      scores: scores.size > 0 ? scores : undefined,
      signal,
      onProgress: progressReporter(voxels, context),
    });
    const objects = filterObjects(found, tuned);
    const named = objects.map((object, index) => ({ ...object, tomogramId: row.id, objectId: index }));
    const { shape, voxelSizeAngstrom } = labelMap.info;
    // a file of another program, where one is named at the command line, may count in Å from the centre
    const tomogram = { row: { id: row.id }, shape, ...(voxelSizeAngstrom && { voxelSizeAngstrom }) };
    await writeObjects(outputs.detections, named, { tomogram });
    report({ type: "log", text: summarize(objects, classes) });
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

/** Adds up the voxels of the classes that are done; label 0 stands for all classes together. */
function progressReporter(
  voxels: ReadonlyMap<number, number>,
  { classes, report }: RunContext<ClusterParameters>,
): (label: number, fraction: number) => void {
  const total = [...voxels.values()].reduce((sum, count) => sum + count, 0);
  let finished = 0;
  return (label, fraction) => {
    const share = label === 0 ? total : (voxels.get(label) ?? 0);
    const detail = classes.find((definition) => definition.label === label)?.name;
    report({ type: "progress", done: Math.round(finished + share * fraction), total, unit: "voxel", detail });
    if (fraction === 1) finished += share;
  };
}

/** `42 objects: 30 ribosome, 12 proteasome`. */
function summarize(
  objects: readonly { readonly label: number }[],
  classes: readonly ClassDefinition[],
): string {
  const labels = [...new Set(objects.map(({ label }) => label))].sort((a, b) => a - b);
  const parts = labels.map((label) => {
    const name = classes.find((definition) => definition.label === label)?.name ?? `class ${label}`;
    return `${objects.filter((object) => object.label === label).length} ${name}`;
  });
  return `${objects.length} objects${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
}
