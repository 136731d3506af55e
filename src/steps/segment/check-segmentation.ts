/** The preflight of `segment`: weights that can be read and fit the classes, a tomogram that can be read. */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { formatShape } from "../../volume/volume.ts";
import { checkFinite, checkMask } from "../check-voxels.ts";
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
  for (const { id, files } of context.rows) {
    const tomogram = await findHeader(knownFile(context, files.tomogram), diagnostics);
    const mask = await findHeader(knownFile(context, files.mask), diagnostics);
    diagnostics.push(
      ...(await checkFinite({ path: knownFile(context, files.tomogram), what: `${id}: the tomogram` })),
    );
    if (tomogram && mask && tomogram.shape.join() !== mask.shape.join())
      diagnostics.push(
        errorDiagnostic(
          "mask-shape",
          `${id}: the mask is ${formatShape(mask.shape)} voxels, the tomogram ${formatShape(tomogram.shape)} (z, y, x)`,
          { location: { file: files.mask! }, hint: "make the mask from this tomogram, at the same sampling" },
        ),
      );
    else {
      const path = knownFile(context, files.mask);
      diagnostics.push(...(await checkMask({ path, what: `${id}: the mask` })));
    }
  }
  let outputs: number | undefined;
  for (const path of weightFiles(context.parameters)) {
    const network = await findNetwork(knownFile(context, path), context.classes, diagnostics);
    outputs ??= network?.classes;
  }
  return [...diagnostics, ...checkBias(context, outputs)];
}

/** `outputs` is the number of classes that the network knows, background included, where it can be told. */
function checkBias({ parameters: { bias = {} } }: Context, outputs: number | undefined): Diagnostic[] {
  if (outputs === undefined) return [];
  return Object.keys(bias)
    .filter((label) => Number(label) >= outputs)
    .map((label) =>
      errorDiagnostic(
        "label-unknown",
        `\`bias\` names class ${label}, and the network knows 0 to ${outputs - 1}`,
        { hint: `take ${label} out of \`bias\`` },
      ),
    );
}
