/** Writes a volume anew so that nothing about its header is odd: what can be known is set right, what cannot is asked for. */
import { TomoflowError } from "../core/error.ts";
import { readVolumeInfo } from "./formats.ts";
import { convertVolumeFile, type RewriteOptions } from "./rewrite.ts";
import { countNotFinite } from "./survey.ts";
import type { Oddity, VolumeSpec } from "./volume.ts";

export interface Repair {
  readonly spec: VolumeSpec;
  /** Of the input, and not of the output. */
  readonly mended: readonly Oddity[];
  /** Of the output: what is as it is, such as a voxel that is no cube. */
  readonly left: readonly Oddity[];
}

/** Oddities that need an answer which no file gives, and the options that give it. */
const questions: Readonly<Record<string, { readonly option: keyof RewriteOptions; readonly hint: string }>> =
  {
    "voxel-size-missing": { option: "voxelSizeAngstrom", hint: "--voxel-size 10" },
    "voxel-size-wrong": { option: "voxelSizeAngstrom", hint: "--voxel-size 10" },
    "voxel-size-one": {
      option: "voxelSizeAngstrom",
      hint: "--voxel-size 10, or --voxel-size 1 if that is right",
    },
    "voxel-size-unit-missing": { option: "voxelSizeAngstrom", hint: "--voxel-size 10, in Å" },
    "bytes-ambiguous": { option: "bytes", hint: "--bytes unsigned, or --bytes signed" },
    "origin-unknown": { option: "originAngstrom", hint: "--origin 0,0,0, in Å (z,y,x)" },
    "not-finite": { option: "notFinite", hint: "--nan mean" },
  };

/**
 * Writes `output` with a right header. Throws `repair-undecided` where an oddity needs an option that is not given: nothing is guessed. Else as
 * `convertVolumeFile`.
 */
export async function repairVolumeFile(
  input: string,
  output: string,
  options: RewriteOptions = {},
): Promise<Repair> {
  const { dataset, signal, outputDataset } = options;
  const before = await oddities(input, { dataset, signal });
  const open = before.filter(({ code }) => questions[code] && options[questions[code].option] === undefined);
  if (open.length > 0) throw undecided(input, open);
  const spec = await convertVolumeFile(input, output, options);
  const left = await oddities(output, { dataset: outputDataset, signal });
  const codes = new Set(left.map(({ code }) => code));
  return { spec, left, mended: before.filter(({ code }) => !codes.has(code)) };
}

async function oddities(
  path: string,
  options: Pick<RewriteOptions, "dataset" | "signal">,
): Promise<readonly Oddity[]> {
  const { oddities: found } = await readVolumeInfo(path, options);
  const count = await countNotFinite(path, options);
  const message = `${count === 1 ? "1 voxel is" : `${count} voxels are`} not finite (NaN or infinite)`;
  return count === 0 ? found : [...found, { code: "not-finite", message }];
}

function undecided(input: string, open: readonly Oddity[]): TomoflowError {
  const told = open.map(({ code, message }) => `${message} [${code}]`).join("; ");
  const hints = [...new Set(open.map(({ code }) => questions[code]!.hint))];
  return new TomoflowError("repair-undecided", `${input} does not say everything: ${told}`, {
    hint: `say it with ${hints.join(" and ")}`,
  });
}
