/** `tomoflow volume mask`: the shape of a particle from its average, for `strategy: shapes`. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { TomoflowError } from "../../core/error.ts";
import { shapeMask } from "../../simulation/shape-mask.ts";
import { readVolume, writeVolume } from "../../volume/formats.ts";
import { formatShape } from "../../volume/volume.ts";
import { positiveNumber } from "../amounts.ts";
import { count, writeErrorLine } from "../output.ts";

interface MaskFlags {
  readonly voxelSize: number;
  readonly threshold: number;
  readonly dark?: boolean;
}

export function registerVolumeMask(volume: Command): void {
  volume
    .command("mask")
    .description(
      "Make the mask of a particle's shape from a density map or a subtomogram average: a cube of 0 and 1 at the tomogram's voxel size, for shape targets.",
    )
    .argument("<density>", "density map or average, the particle at its centre")
    .argument("<output>", "file to write: .mrc, .h5, …")
    .requiredOption("--voxel-size <Å>", "voxel size of the tomograms", positiveNumber)
    .option("--threshold <fraction>", "of the greatest density: what is above is particle", fraction, 0.15)
    .option("--dark", "the particle is dark in the map")
    .addHelpText("after", examples)
    .action(makeMask);
}

const examples = `
Look at the mask over the average before you use it. The mass that is printed tells whether the threshold is right.

Examples:
  tomoflow volume mask ribosome_average.mrc ribosome_mask.mrc --voxel-size 13.48
  tomoflow volume mask average.mrc mask.mrc --voxel-size 10 --threshold 0.3 --dark`;

/** Of protein of 1.35 g/cm³, kDa a nm³: Erickson, Biol. Proced. Online 11 (2009), 32. */
const kilodaltonsPerCubicNanometre = 0.81;

async function makeMask(input: string, output: string, flags: MaskFlags): Promise<void> {
  const map = await readVolume(input);
  if (map.voxelSizeAngstrom === null || map.voxelSizeAngstrom === undefined)
    throw new TomoflowError("voxel-size-unknown", `${input} does not tell its voxel size`, {
      hint: `say it first: tomoflow volume convert ${input} sized.mrc --voxel-size 10`,
    });
  const { voxelSize: voxelSizeAngstrom, threshold, dark } = flags;
  const mask = shapeMask(map, { voxelSizeAngstrom, threshold, ...(dark && { dark }) });
  await writeVolume(output, mask.volume, { type: "int8" });
  const volume = mask.voxels * (voxelSizeAngstrom / 10) ** 3;
  writeErrorLine(
    `wrote ${output}: ${formatShape(mask.volume.shape)} voxels (z, y, x) of ${voxelSizeAngstrom} Å; the particle has ${count(mask.voxels, "voxel")}, ${volume.toFixed(0)} nm³, about ${(volume * kilodaltonsPerCubicNanometre).toFixed(0)} kDa of protein`,
  );
  if (mask.leftOut.pieces > 0)
    writeErrorLine(
      `note: ${count(mask.leftOut.pieces, "smaller piece")} with ${count(mask.leftOut.voxels, "voxel")} left out`,
    );
}

function fraction(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError("It must be a number between 0 and 1.");
  return value;
}
