/** `tomoflow volume convert`, `bin` and `crop`: files made from a file. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { TomoflowError } from "../../core/error.ts";
import { readVolumeInfo } from "../../volume/formats.ts";
import { findMode } from "../../volume/mrc/mode.ts";
import {
  binVolumeFile,
  convertVolumeFile,
  cropVolumeFile,
  type RewriteOptions,
} from "../../volume/rewrite.ts";
import {
  formatShape,
  type OmeZarrVersion,
  type Triple,
  type VolumeSpec,
  type VoxelType,
} from "../../volume/volume.ts";
import { voxelTypes } from "../../volume/voxel-type.ts";
import { three, voxelSize } from "../amounts.ts";
import { listenForInterruption } from "../interruption.ts";
import { count, writeErrorLine } from "../output.ts";

export interface RewriteFlags {
  readonly type?: VoxelType;
  readonly mode?: number;
  readonly voxelSize?: Triple;
  readonly dataset?: string;
  readonly outputDataset?: string;
  readonly omeZarr?: OmeZarrVersion;
  readonly nan?: "mean";
}

export function registerVolumeRewriting(volume: Command): void {
  withOutputFlags(volume.command("convert"))
    .description("Write a volume in another format or type, or with another voxel size.")
    .addHelpText(
      "after",
      "\nExample:\n  tomoflow volume convert in.h5 out.mrc --type float16 --voxel-size 13.48",
    )
    .action((input: string, output: string, flags: RewriteFlags) =>
      rewrite(output, flags, (options) => convertVolumeFile(input, output, options)),
    );
  withOutputFlags(volume.command("bin"))
    .description("Bin a volume by a whole factor: the mean of densities, the most frequent of labels.")
    .requiredOption("--by <factor>", "voxels an axis that become one", parseWhole)
    .option("--labels", "the volume is a label map")
    .addHelpText("after", "\nExample:\n  tomoflow volume bin tomogram.mrc binned.mrc --by 2")
    .action((input: string, output: string, flags: RewriteFlags & { by: number; labels?: boolean }) =>
      rewrite(output, flags, (options) =>
        binVolumeFile(input, output, {
          ...options,
          factor: flags.by,
          method: flags.labels ? "majority" : "mean",
        }),
      ),
    );
  withOutputFlags(volume.command("crop"))
    .description("Write a part of a volume. Its origin moves along.")
    .requiredOption("--start <z,y,x>", "first voxel, counted from 0", parseTriple)
    .requiredOption("--size <z,y,x>", "number of voxels", parseTriple)
    .addHelpText(
      "after",
      "\nExample:\n  tomoflow volume crop in.mrc part.mrc --start 0,100,100 --size 64,256,256",
    )
    .action((input: string, output: string, flags: RewriteFlags & { start: Triple; size: Triple }) =>
      rewrite(output, flags, (options) =>
        cropVolumeFile(input, output, { ...options, box: { start: flags.start, shape: flags.size } }),
      ),
    );
}

export const withOutputFlags = (command: Command): Command =>
  command
    .argument("<input>", "file, OME-Zarr folder, or address (https://…, s3://…)")
    .argument("<output>", "file to write; its name says the format: .mrc, .rec, .h5, .zarr, …")
    .addOption(new Option("--type <type>", "type of the voxels").choices(voxelTypes))
    .option("--mode <number>", "the same as an MRC mode: 0, 1, 2, 6 or 12", parseWhole)
    .option("--voxel-size <Å>", "what the output shall say: one number, or z,y,x", voxelSize)
    .option("--dataset <name>", "data set of an HDF5 input, level or image of a Zarr folder")
    .option("--output-dataset <name>", "data set of an HDF5 output")
    .addOption(
      new Option("--nan <value>", "what takes the place of voxels that are not finite").choices(["mean"]),
    )
    .addOption(
      new Option("--ome-zarr <version>", "of an OME-Zarr output; 0.5 when not given").choices(["0.4", "0.5"]),
    );

export async function rewrite(
  output: string,
  flags: RewriteFlags,
  work: (options: RewriteOptions) => Promise<VolumeSpec>,
): Promise<void> {
  const { voxelSize: voxelSizeAngstrom, dataset, outputDataset, omeZarr } = flags;
  using interruption = listenForInterruption(writeErrorLine, { advice: "stopping; nothing is written" });
  const signal = interruption.stop;
  let rounded: string | undefined;
  const onRounded = (voxels: number, type: VoxelType): void => {
    rounded = `warning: ${voxels.toLocaleString("en")} voxels were rounded to whole numbers, for ${type}`;
  };
  const sampling = { voxelSizeAngstrom, dataset, outputDataset, omeZarr };
  const spec = await work({
    type: typeOf(flags),
    ...sampling,
    ...(flags.nan && { notFinite: flags.nan, onReplaced: tellReplaced }),
    signal,
    onRounded,
  });
  const size = spec.voxelSizeAngstrom?.map((length) => Number(length.toPrecision(7))) ?? [];
  const voxel = size.length === 0 ? "voxel size unknown" : `${[...new Set(size)].join(" × ")} Å a voxel`;
  writeErrorLine(`wrote ${output}: ${formatShape(spec.shape)} voxels (z, y, x), ${voxel}`);
  const stored = (await readVolumeInfo(output, { dataset: outputDataset })).type;
  if (stored !== spec.type)
    writeErrorLine(
      `note: the voxels are stored as ${stored}, because MRC has no ${spec.type}\nhint: --type int8 takes half the space where no voxel is above 127; a .h5 file keeps uint8`,
    );
  if (rounded)
    writeErrorLine(`${rounded}\nhint: --type float16 keeps the densities, in half the space of float32`);
}

const tellReplaced = (voxels: number, mean: number): void =>
  writeErrorLine(
    `note: ${count(voxels, "voxel")} that ${voxels === 1 ? "was" : "were"} not finite got the mean of the others, ${Number(mean.toPrecision(6))}`,
  );

function typeOf({ type, mode }: RewriteFlags): VoxelType | undefined {
  if (mode === undefined) return type;
  const found = findMode(mode);
  const writable = found?.type && found.bitsPerVoxel >= 8 ? found.type : undefined;
  if (!writable || (type && type !== writable))
    throw new TomoflowError("mrc-mode", `mode ${mode} ${writable ? `is not ${type}` : "cannot be written"}`, {
      hint: "use --mode 0 (int8), 1 (int16), 2 (float32), 6 (uint16) or 12 (float16), or --type",
    });
  return writable;
}

function parseWhole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function parseTriple(text: string): Triple {
  const [z, y, x, ...rest] = text.split(",").map(parseWhole);
  if (x === undefined || rest.length > 0) throw new InvalidArgumentError("It must be three numbers: z,y,x.");
  return [z, y, x];
}

/** Å, which may be below 0. */
export const parseOrigin = (text: string): Triple => three(text, Number.isFinite, "lengths in Å");
