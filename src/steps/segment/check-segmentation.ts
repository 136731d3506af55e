/** The preflight of `segment`: weights that can be read and fit the classes, a tomogram that can be read. */
import { existsSync } from "node:fs";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import { formatShape, type Triple, type VolumeInfo } from "../../volume/volume.ts";
import { checkFinite, checkMask } from "../check-voxels.ts";
import { knownFile } from "../known-file.ts";
import type { SegmentParameters } from "../segment.ts";
import type { PreflightContext } from "../step-kind.ts";
import { differInSize } from "../train/check-voxel-sizes.ts";
import { rowsOfSplit } from "../train/rows-of-split.ts";
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
    if (tomogram)
      diagnostics.push(...(await checkVoxelSize(context, { id, file: files.tomogram, header: tomogram })));
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

interface SizedTomogram {
  readonly id: string;
  readonly file: string;
  readonly header: VolumeInfo;
}

/** A network trained at another voxel size finds little or nothing, without an error. */
async function checkVoxelSize(context: Context, { id, file, header }: SizedTomogram): Promise<Diagnostic[]> {
  const size = header.voxelSizeAngstrom;
  if (!size) return [];
  const diagnostics: Diagnostic[] = [];
  for (const path of weightFiles(context.parameters)) {
    const look = () => trainedVoxelSize(context, path);
    const trained = await (context.table?.once(`voxel size of ${path}`, look) ?? look());
    if (trained && differInSize(size, trained))
      diagnostics.push(
        warningDiagnostic(
          "voxel-size-differs",
          `${id}: the tomogram has ${sizeText(size)} a voxel, the network is trained at ${sizeText(trained)}`,
          {
            location: { file },
            hint: "rescale it to the size of the training, or train on tomograms of its size",
          },
        ),
      );
  }
  return diagnostics;
}

const sizeText = (size: Triple): string =>
  new Set(size).size === 1 ? `${size[0]} Å` : `${size.join(" × ")} Å (z, y, x)`;

/** As the file says; else, where a step of this workflow trains it, of the tomograms that it trains on. */
async function trainedVoxelSize(context: Context, path: string): Promise<Triple | null> {
  const known = knownFile(context, path);
  if (known !== undefined && existsSync(known)) {
    const { readKerasWeights } = await import("../../network/keras.ts");
    const recorded = await readKerasWeights(known).catch(() => null);
    if (recorded?.voxelSizeAngstrom) return recorded.voxelSizeAngstrom;
  }
  for (const row of rowsOfSplit(context.table?.rowsBehind(path) ?? []).training) {
    const header = await findHeader(row.files.tomogram, []);
    if (header?.voxelSizeAngstrom) return header.voxelSizeAngstrom;
  }
  return null;
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
