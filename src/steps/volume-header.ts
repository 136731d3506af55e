import { existsSync } from "node:fs";
import { basename } from "node:path";
import { splitDataset } from "../core/dataset-path.ts";
import { type Diagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { lookAtFile } from "../core/file-mistake.ts";
import { isRemoteAddress } from "../core/remote-address.ts";
import type { OpenOptions, VolumeInfo } from "../volume/volume.ts";

/** Voxels of a volume that is there already; undefined for no path, and for a file that is yet to be written. */
export async function countVoxels(path: string | undefined): Promise<number | undefined> {
  const header = await findHeader(path, []);
  return header?.shape.reduce((product, length) => product * length, 1);
}

/** Oddities of a header that make a wrong answer likely: nobody looks at `volume info` before each run. */
const doubts: ReadonlySet<string> = new Set([
  "cell-angles",
  "voxel-size-wrong",
  "origin-unknown",
  "bytes-ambiguous",
  "extended-header-absent",
  "voxel-size-unit-missing",
]);

const doubtsOf = ({ path, oddities }: VolumeInfo): Diagnostic[] =>
  oddities
    .filter(({ code }) => doubts.has(code))
    .map(({ code, message }) =>
      warningDiagnostic(code, `${basename(path)}: ${message}`, {
        location: { file: path },
        hint: `tomoflow volume info ${basename(path)} shows what its header says`,
      }),
    );

/**
 * What a volume's header says, for a preflight; what stands in the way is added to `diagnostics`. Undefined, without a
 * diagnostic, for no path and for a file that is not there yet because an earlier step will write it.
 */
export async function findHeader(
  path: string | undefined,
  diagnostics: Diagnostic[],
  options: Pick<OpenOptions, "dataset"> = {},
): Promise<VolumeInfo | undefined> {
  if (path === undefined) return undefined;
  if (!isRemoteAddress(path) && !existsSync(splitDataset(path).file)) return undefined;
  const { readVolumeInfo } = await import("../volume/formats.ts");
  const info = await lookAtFile(path, diagnostics, () => readVolumeInfo(path, options));
  if (info) diagnostics.push(...doubtsOf(info));
  return info;
}
