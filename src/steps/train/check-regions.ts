/** Classes without objects (`regions`): they are in the class table, and somewhere in the label maps. */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { slabsOf } from "../../volume/box.ts";
import { openVolume } from "../../volume/formats.ts";
import { knownFile } from "../known-file.ts";
import type { PreflightContext } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { rowsOfSplit } from "./rows-of-split.ts";

/** Voxels of a slab that is read at once. */
const slabVoxels = 8 << 20;

/** Label maps that an earlier step has yet to write are looked at when the training's turn has come. */
export async function checkRegions(
  context: PreflightContext<TrainParameters>,
): Promise<readonly Diagnostic[]> {
  const { regions = [] } = context.parameters;
  const unknown = regions.filter((region) => !context.classes.some(({ label }) => label === region));
  if (unknown.length > 0)
    return unknown.map((region) =>
      errorDiagnostic("unknown-class", `regions names the label ${region}, which no class has`, {
        hint: `the labels are ${context.classes.map(({ label, name }) => `${label} (${name})`).join(", ")}`,
      }),
    );
  const { training } = rowsOfSplit(context.rows);
  const paths = training.map(({ files }) => knownFile(context, files.target));
  if (regions.length === 0 || paths.includes(undefined)) return [];
  const missing = new Set(regions);
  for (const path of paths) {
    // one that cannot be read is told with the headers
    for (const label of await labelsIn(path!, missing).catch(() => missing)) missing.delete(label);
    if (missing.size === 0) return [];
  }
  return [...missing].map((region) => {
    const { name } = context.classes.find(({ label }) => label === region)!;
    return errorDiagnostic("region-missing", `no training label map has the label ${region} (${name})`, {
      hint: "give it to `target` as `initial`, or take the class out of `regions` and `classes`",
    });
  });
}

/** Which of these labels a label map has. */
async function labelsIn(path: string, wanted: ReadonlySet<number>): Promise<ReadonlySet<number>> {
  const reader = await openVolume(path);
  const found = new Set<number>();
  try {
    for (const { start, shape } of slabsOf(reader.info.shape, slabVoxels)) {
      const voxels = await reader.readBox(start, shape);
      for (const label of wanted) if (voxels.includes(label)) found.add(label);
      if (found.size === wanted.size) break;
    }
  } finally {
    await reader.close();
  }
  return found;
}
