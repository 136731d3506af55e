/** The preflight of `segment`: weights that can be read and fit the classes, a tomogram that can be read. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { knownFile } from "../known-file.ts";
import type { SegmentParameters } from "../segment.ts";
import type { PreflightContext } from "../step-kind.ts";
import { findHeader } from "../volume-header.ts";
import { findNetwork } from "../weights-file.ts";

type Context = PreflightContext<SegmentParameters>;

export const weightFiles = ({ weights }: SegmentParameters): readonly string[] =>
  typeof weights === "string" ? [weights] : weights;

export async function checkSegmentation(context: Context): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const { files } of context.rows) await findHeader(knownFile(context, files.tomogram), diagnostics);
  for (const path of weightFiles(context.parameters))
    await findNetwork(knownFile(context, path), context.classes, diagnostics);
  return diagnostics;
}
