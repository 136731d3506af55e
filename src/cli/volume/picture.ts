/** `tomoflow volume picture`: three slices as PNG, with labels, objects and a scale bar. */
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { explainSystemError } from "../../core/error.ts";
import { classColors } from "../../objects/evaluation/pictures/picture.ts";
import { readObjects } from "../../objects/formats.ts";
import { drawVolume } from "../../objects/picture/volume-picture.ts";
import { openVolume } from "../../volume/formats.ts";
import type { Triple } from "../../volume/volume.ts";
import { positiveNumber, three } from "../amounts.ts";
import { listenForInterruption } from "../interruption.ts";
import { writeErrorLine } from "../output.ts";

interface PictureFlags {
  readonly labels?: string;
  readonly objects?: string;
  readonly radius?: number;
  readonly at?: Triple;
  readonly side: number;
  readonly dataset?: string;
}

export function registerVolumePicture(volume: Command): void {
  volume
    .command("picture")
    .description(
      "Draw three slices of a volume as PNG, for papers and logs: with labels, objects and a scale bar.",
    )
    .argument("<input>", "file, OME-Zarr folder, or address (https://…, s3://…)")
    .argument("<output>", "file to write: .png")
    .option("--labels <file>", "label map of the same size, laid over in the colours of its classes")
    .option("--objects <file>", "object list, drawn as circles")
    .option("--radius <voxels>", "of the circles", positiveNumber)
    .option("--at <z,y,x>", "where the slices cross, in voxels; the middle when not given", parsePlace)
    .option("--side <pixels>", "of the longest slice", positiveNumber, 900)
    .option("--dataset <name>", "data set of an HDF5 input, level or image of a Zarr folder")
    .addHelpText("after", examples)
    .action(drawPicture);
}

const examples = `
Examples:
  tomoflow volume picture tomogram.mrc picture.png
  tomoflow volume picture tomogram.mrc picture.png --labels labels.mrc --objects detections.xml --radius 8`;

async function drawPicture(input: string, output: string, flags: PictureFlags): Promise<void> {
  using interruption = listenForInterruption(writeErrorLine, { advice: "stopping; nothing is written" });
  const signal = interruption.stop;
  const { labels, objects, radius, at, side, dataset } = flags;
  const list = objects === undefined ? [] : await readObjects(objects);
  const reader = await openVolume(input, { dataset, signal });
  const overlay =
    labels === undefined
      ? undefined
      : await openVolume(labels, { signal }).catch(async (error) => {
          await reader.close();
          throw error;
        });
  try {
    const radii = Object.fromEntries(list.map(({ label }) => [label, radius ?? 5]));
    const picture = await drawVolume(reader, {
      ...(at && { at }),
      ...(overlay && { labels: overlay }),
      objects: list,
      radii,
      colors: classColors,
      side,
      signal,
    });
    await writeFile(output, picture.png).catch((error) => {
      throw explainSystemError(error, output);
    });
    const bar =
      picture.scaleBar === undefined
        ? "no scale bar, as the voxel size is unknown"
        : `the scale bar is ${picture.scaleBar} nm`;
    writeErrorLine(`wrote ${output}: ${picture.width}×${picture.height} pixels, ${bar}`);
  } finally {
    await overlay?.close();
    await reader.close();
  }
}

const parsePlace = (text: string): Triple => three(text, Number.isInteger, "whole numbers");
