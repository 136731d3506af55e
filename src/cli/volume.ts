import type { Command } from "commander";
import { registerVolumeInfo } from "./volume/info.ts";
import { registerVolumeMask } from "./volume/mask.ts";
import { registerVolumePicture } from "./volume/picture.ts";
import { registerVolumeRepair } from "./volume/repair.ts";
import { registerVolumeRewriting } from "./volume/rewriting.ts";

/** `tomoflow volume`: what a file holds, and files made from it. */
export function registerVolumeCommands(program: Command): void {
  const volume = program
    .command("volume")
    .description("Look at volumes, convert, bin, crop, repair and draw them, make masks of shapes.")
    .addHelpText("after", examples);
  registerVolumeInfo(volume);
  registerVolumeRewriting(volume);
  registerVolumeRepair(volume);
  registerVolumePicture(volume);
  registerVolumeMask(volume);
}

const examples = `
Examples:
  tomoflow volume info tomogram.mrc
  tomoflow volume convert tomogram.h5 tomogram.mrc --type float16 --voxel-size 10
  tomoflow volume bin tomogram.mrc binned.mrc --by 2
  tomoflow volume crop tomogram.mrc part.mrc --start 0,100,100 --size 64,256,256
  tomoflow volume repair odd.mrc right.mrc --voxel-size 10
  tomoflow volume picture tomogram.mrc picture.png --labels labels.mrc
  tomoflow volume mask average.mrc mask.mrc --voxel-size 10`;
