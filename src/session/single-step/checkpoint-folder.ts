/** Where a step that runs alone keeps its checkpoint: the same step on the same files finds it again. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { Parameters } from "../../schema/step-description.ts";
import type { StepContext, StepKind } from "../../steps/step-kind.ts";

/** Absolute; another one when the step, its parameters, its classes or one of its files have changed. */
export async function checkpointFolderOf(
  kind: StepKind<Parameters>,
  { parameters, rows, classes }: StepContext,
  folder: string,
): Promise<string> {
  const { name, version } = kind;
  const fileParameters = Object.entries(parameters).filter(
    ([parameter]) => kind.parameters.properties[parameter]?.["x-file"],
  );
  const paths = [
    ...rows.flatMap(({ files }) => Object.values(files)),
    ...fileParameters.flatMap(([, value]) => textsIn(value)),
    ...classes.flatMap(({ mask, density }) => textsIn([mask, density])),
  ];
  const files = await Promise.all([...new Set(paths)].sort().map(stampOf));
  const identity = canonicalJson({ name, version, parameters, rows, classes, files });
  return resolve(folder, `.checkpoint-${name}-${sha256(identity).slice(0, 12)}`);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What is there is not read: its size and time tell well enough whether it is another file. */
async function stampOf(path: string): Promise<readonly string[]> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return [path, String(stats?.size), String(stats?.mtimeNs)];
}
