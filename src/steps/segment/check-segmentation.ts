/** The preflight of `segment`: weights that can be read and fit the classes, a tomogram that can be read. */
import { existsSync } from "node:fs";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { readKerasWeights } from "../../network/keras.ts";
import type { SegmentParameters } from "../segment.ts";
import type { StepContext } from "../step-kind.ts";
import { findHeader } from "../volume-header.ts";

type Context = StepContext<SegmentParameters>;

export const weightFiles = ({ weights }: SegmentParameters): readonly string[] =>
  typeof weights === "string" ? [weights] : weights;

export async function checkSegmentation(context: Context): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const { files } of context.rows) await findHeader(files.tomogram!, diagnostics);
  for (const path of weightFiles(context.parameters))
    diagnostics.push(...(await checkWeights(path, context)));
  return diagnostics;
}

async function checkWeights(path: string, { classes }: Context): Promise<Diagnostic[]> {
  if (!existsSync(path)) return [];
  try {
    const { network } = await readKerasWeights(path);
    const largest = Math.max(0, ...classes.map(({ label }) => label));
    if (classes.length === 0 || network.classes === largest + 1) return [];
    return [
      errorDiagnostic(
        "weights-classes",
        `the weights know ${network.classes - 1} classes, the class table has ${largest}`,
        { location: { file: path }, hint: "list the classes that the network was trained on" },
      ),
    ];
  } catch (error) {
    if (!(error instanceof TomoflowError)) throw error;
    return [errorDiagnostic(error.code, error.message, { location: { file: path }, hint: error.hint })];
  }
}
