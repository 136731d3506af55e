import type { MatchRule } from "../objects/evaluation/candidates.ts";
import type { EvaluatedTomogram, Evaluation } from "../objects/evaluation/evaluate-objects.ts";
import type { PerClass } from "../objects/operations/filter.ts";
import { fileParts } from "./file-parts.ts";
import type { RunContext, StepKind, StepRow } from "./step-kind.ts";

export interface EvaluateParameters {
  readonly match: "distance" | "shapes";
  readonly distance?: PerClass;
  readonly beta: number;
  readonly rankBy: "auto" | "score" | "size";
}

/** Scores detections against truth: see src/objects/evaluation. */
export const evaluate: StepKind<EvaluateParameters> = {
  name: "evaluate",
  version: 2,
  summary:
    "Scores detections against true objects: F1, precision, recall, confusion, precision-recall curves.",
  scope: "table",
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      match: {
        description:
          "distance: a detection matches a true object of its class within `distance`; shapes: within the true object's mask, turned by its angles, as the SHREC challenges score.",
        type: "string",
        enum: ["distance", "shapes"],
        default: "distance",
      },
      distance: {
        description:
          "Greatest distance of a match, for every class alike or by label; by default the radius of the class table.",
        "x-unit": "voxels",
        oneOf: [
          { type: "number", exclusiveMinimum: 0 },
          {
            type: "object",
            propertyNames: { pattern: "^[1-9][0-9]*$", "x-pattern": "a class label" },
            additionalProperties: { type: "number", exclusiveMinimum: 0 },
          },
        ],
      },
      beta: {
        description:
          "Weight of recall over precision in the F-beta score, which `thresholds` are tuned to: 1 is F1, 4 that of the CZII challenge.",
        type: "number",
        exclusiveMinimum: 0,
        default: 4,
      },
      rankBy: {
        description:
          "What the precision-recall curves and best thresholds rank detections by; auto: the score if every detection has one, else the size.",
        type: "string",
        enum: ["auto", "score", "size"],
        default: "auto",
      },
    },
  },
  parts: fileParts({ tomograms: ["detections", "objects"] }),
  ports: ({ match, distance }) => ({
    inputs: [
      {
        name: "detections",
        required: true,
        holds: "objects",
        description: "The object list that was found. Of a list for several tomograms those of the row.",
      },
      {
        name: "objects",
        required: true,
        holds: "objects",
        description: "The object list that is true, likewise.",
      },
    ],
    outputs: [
      {
        name: "metrics",
        file: "metrics.json",
        holds: "metrics",
        description:
          "Macro, micro, localization, by class and by tomogram: f1, precision, recall, fbeta, tp, fp, fn.",
      },
      {
        name: "thresholds",
        file: "thresholds.json",
        holds: "thresholds",
        description:
          "By class the least size or score with the best F-beta here: for `cluster` with `thresholds`, on other tomograms.",
      },
      {
        name: "matches",
        file: "matches.csv",
        holds: "table",
        description: "Every match, missed object and spurious detection.",
      },
      {
        name: "confusion",
        file: "confusion.csv",
        holds: "table",
        description: "Counts of true against found classes.",
      },
      {
        name: "confusionPicture",
        file: "confusion.svg",
        holds: "picture",
        description: "The confusion matrix as a picture.",
      },
      {
        name: "curvesPicture",
        file: "precision-recall.svg",
        holds: "picture",
        description: "Precision over recall for each class.",
      },
    ],
    columns: ["id", "tomo_idx"],
    classFields: [
      "name",
      "color",
      ...(match === "shapes"
        ? (["mask"] as const)
        : typeof distance === "number"
          ? []
          : (["radius"] as const)),
    ],
  }),
  preflight: async (context) => (await import("./evaluate/check-evaluation.ts")).checkEvaluation(context),
  run,
};

async function run(context: RunContext<EvaluateParameters>): Promise<void> {
  const { evaluateObjects } = await import("../objects/evaluation/evaluate-objects.ts");
  const { parameters, classes, report, signal } = context;
  const tomograms: EvaluatedTomogram[] = [];
  for (const row of context.rows) {
    signal.throwIfAborted();
    tomograms.push(await readTomogram(row));
    report({
      type: "progress",
      done: tomograms.length,
      total: context.rows.length,
      unit: "tomogram",
      detail: row.id,
    });
  }
  const evaluation = await evaluateObjects(tomograms, {
    rule: await matchRule(context),
    beta: parameters.beta,
    rankBy: parameters.rankBy,
    labels: classes.map(({ label }) => label),
    signal,
  });
  await writeOutputs(evaluation, context);
  report({ type: "metrics", values: headline(evaluation) });
}

async function readTomogram(row: StepRow): Promise<EvaluatedTomogram> {
  const { readRowObjects } = await import("./row-objects.ts");
  return {
    id: row.id,
    truth: await readRowObjects(row, "objects"),
    detections: await readRowObjects(row, "detections"),
  };
}

async function matchRule({
  parameters,
  classes,
  signal,
}: RunContext<EvaluateParameters>): Promise<MatchRule> {
  const { match, distance } = parameters;
  if (match === "distance") {
    if (typeof distance === "number") return { type: "distance", distance };
    const radii = classes.flatMap(({ label, radius }) =>
      radius === undefined ? [] : [[String(label), radius]],
    );
    return { type: "distance", distance: { ...Object.fromEntries(radii), ...distance } };
  }
  const { prepareMask } = await import("../volume/turned-mask.ts");
  const { readVolume } = await import("../volume/formats.ts");
  const masks = new Map<number, ReturnType<typeof prepareMask>>();
  for (const { label, mask } of classes)
    if (mask !== undefined)
      masks.set(label, prepareMask(await readVolume(mask, { signal }), `the mask of class ${label}`));
  return { type: "shapes", masks };
}

async function writeOutputs(
  evaluation: Evaluation,
  { outputs, classes, parameters }: RunContext<EvaluateParameters>,
): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  const { metricsDocument } = await import("../objects/evaluation/metrics.ts");
  const { thresholdsDocument } = await import("../objects/evaluation/thresholds.ts");
  const { confusionTable, matchesTable } = await import("../objects/evaluation/tables.ts");
  const { confusionPicture } = await import("../objects/evaluation/pictures/confusion-picture.ts");
  const { curvesPicture } = await import("../objects/evaluation/pictures/curves-picture.ts");
  const names = new Map(classes.map(({ label, name }) => [label, name]));
  const looks = new Map(classes.map((definition) => [definition.label, definition]));
  const metrics = metricsDocument(evaluation, { names, beta: parameters.beta, match: parameters.match });
  await writeFile(outputs.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  const thresholds = thresholdsDocument(evaluation, { beta: parameters.beta, names });
  await writeFile(outputs.thresholds, `${JSON.stringify(thresholds, null, 2)}\n`);
  await writeFile(outputs.matches, matchesTable(evaluation));
  await writeFile(outputs.confusion, confusionTable(evaluation, names));
  await writeFile(outputs.confusionPicture, confusionPicture(evaluation, names));
  await writeFile(outputs.curvesPicture, curvesPicture(evaluation, looks));
}

/** The three figures that say the most; those with nothing to score are left out. */
function headline({ overall }: Evaluation): Readonly<Record<string, number>> {
  const figures = {
    macroF1: overall.macro.f1,
    microF1: overall.micro.f1,
    localizationF1: overall.localization.f1,
  };
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null),
  );
}
