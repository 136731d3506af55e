/** What a clustering can be told before it runs: radii, labels, thresholds, headers. */
import { existsSync } from "node:fs";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { fileMistake } from "../../core/file-mistake.ts";
import type { PerClass } from "../../objects/operations/filter.ts";
import type { ClassDefinition } from "../../schema/step-description.ts";
import { checkFinite } from "../check-voxels.ts";
import type { ClusterParameters } from "../cluster.ts";
import { knownFile } from "../known-file.ts";
import type { PreflightContext, StepContext } from "../step-kind.ts";
import { findHeader } from "../volume-header.ts";

export async function checkClustering(
  context: PreflightContext<ClusterParameters>,
): Promise<readonly Diagnostic[]> {
  return [
    ...checkRadii(context),
    ...checkLabels(context),
    ...checkScores(context),
    ...(await checkThresholds(context)),
    ...(await checkVolumes(context)),
  ];
}

/** The radius by label: the parameter's, else the class table's. */
export function radiiOf({ parameters: { radius }, classes }: StepContext<ClusterParameters>): PerClass {
  if (typeof radius === "number") return radius;
  const ofTable = classes.flatMap(({ label, radius: own }) =>
    own === undefined ? [] : [[String(label), own]],
  );
  return { ...Object.fromEntries(ofTable), ...radius };
}

/** Whether anything is measured by the radius. */
export const needsRadius = (parameters: {
  readonly method?: unknown;
  readonly suppressOverlap?: unknown;
  readonly mergeFragments?: unknown;
}): boolean =>
  parameters.method !== "components" ||
  parameters.suppressOverlap !== undefined ||
  parameters.mergeFragments !== undefined;

function checkRadii(context: StepContext<ClusterParameters>): Diagnostic[] {
  const { perClass, radius, regions = [] } = context.parameters;
  if (!needsRadius(context.parameters) || typeof radius === "number") return [];
  if (!perClass)
    return [
      errorDiagnostic("radius-missing", "clustering all classes together needs one radius for all of them", {
        hint: "give `radius` as a number, or leave `perClass: true`",
      }),
    ];
  const radii = radiiOf(context) as Readonly<Record<string, number>>;
  return context.classes
    .filter(({ label }) => !regions.includes(label))
    .filter(({ label }) => radii[String(label)] === undefined)
    .map((definition) =>
      errorDiagnostic("radius-missing", `class ${title(definition)} has no radius`, {
        hint: `give it in \`classes\`, or as \`radius: {${definition.label}: …}\``,
      }),
    );
}

const title = ({ label, name }: ClassDefinition): string => `${label} (${name})`;

function checkLabels({ parameters, classes }: StepContext<ClusterParameters>): Diagnostic[] {
  const known = new Set(classes.map(({ label }) => String(label)));
  if (known.size === 0) return [];
  return (["radius", "minSize", "threshold", "regions"] as const).flatMap((name) => {
    const value = parameters[name];
    const named = Array.isArray(value)
      ? value.map(String)
      : typeof value === "object"
        ? Object.keys(value)
        : [];
    const unknown = named.filter((label) => !known.has(label));
    return unknown.map((label) =>
      errorDiagnostic(
        "label-unknown",
        `\`${name}\` names class ${label}, which the class table does not list`,
        {
          hint: `the classes are ${classes.map(title).join(", ")}`,
        },
      ),
    );
  });
}

/** The file can be read, and there are scores where it thresholds these. */
async function checkThresholds(context: PreflightContext<ClusterParameters>): Promise<Diagnostic[]> {
  const path = knownFile(context, context.parameters.thresholds);
  if (path === undefined || !existsSync(path)) return [];
  const { readThresholds } = await import("../../objects/evaluation/thresholds.ts");
  try {
    const { minScore } = await readThresholds(path);
    return Object.keys(minScore).length > 0 ? scoresMissing(context, "thresholds") : [];
  } catch (error) {
    return [fileMistake(error, path)];
  }
}

function checkScores({ parameters, rows }: StepContext<ClusterParameters>): Diagnostic[] {
  const needs =
    parameters.method === "peaks"
      ? "method: peaks"
      : parameters.threshold === undefined
        ? undefined
        : "threshold";
  return needs ? scoresMissing({ rows }, needs) : [];
}

/** Label maps and scores that are there already can be read. */
async function checkVolumes(context: PreflightContext<ClusterParameters>): Promise<Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const { id, files } of context.rows) {
    const labels = knownFile(context, files.labels);
    await findHeader(labels, diagnostics);
    diagnostics.push(...(await checkFinite({ path: labels, what: `${id}: the label map` })));
    for (const label of [0, ...context.classes.map((definition) => definition.label)]) {
      const before = diagnostics.length;
      const looked = { path: knownFile(context, files.scores), dataset: `class${label}` };
      await findHeader(looked.path, diagnostics, looked);
      const what = `${id}: the scores of class ${label}, ${looked.dataset} in`;
      if (diagnostics.length === before) diagnostics.push(...(await checkFinite({ ...looked, what })));
      if (diagnostics.length > before) break;
    }
  }
  return diagnostics;
}

const scoresMissing = ({ rows }: Pick<StepContext, "rows">, needs: string): Diagnostic[] =>
  rows
    .filter(({ files }) => files.scores === undefined)
    .map(({ id }) =>
      errorDiagnostic("scores-missing", `\`${needs}\` needs scores, and ${id} has none`, {
        hint: "let `segment` write them: with: {scores: true}",
      }),
    );
