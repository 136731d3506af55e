/** Shape targets of the SHREC'19 list, beside DeepFinder's own: shared by the benchmark and the test. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readObjects } from "../src/objects/formats.ts";
import { readVolume } from "../src/volume/formats.ts";
import { paintShapes } from "../src/volume/painting.ts";
import { prepareMask } from "../src/volume/turned-mask.ts";
import { type Shape3, voxelCount } from "../src/volume/volume.ts";

interface Reference {
  readonly volume: Shape3;
  readonly objects: string;
  readonly masks: readonly string[];
  readonly voxels_per_label: readonly number[];
}

export interface Shrec19Comparison {
  readonly objects: number;
  readonly readSeconds: number;
  readonly paintSeconds: number;
  /** By label: our number of voxels less DeepFinder's. */
  readonly countDifferences: readonly number[];
  readonly cropVoxels: number;
  /** Voxels of the crop that differ. */
  readonly cropDifferences: number;
}

/** First voxel (z, y, x) of the reference's crop. */
const cropStart = [60, 100, 100] as const;

/** Paints the list and compares. @param folder holds `reference/` and `shrec19/` */
export async function compareWithShrec19(folder: string): Promise<Shrec19Comparison> {
  const reference: Reference = JSON.parse(
    await readFile(join(folder, "reference/target_shapes.json"), "utf8"),
  );
  const started = performance.now();
  const objects = await readObjects(join(folder, reference.objects));
  const masks = new Map(
    await Promise.all(
      reference.masks.map(async (name, index) => {
        const mask = await readVolume(join(folder, "shrec19/masks", `${name}.mrc`));
        return [index + 1, prepareMask(mask, name)] as const;
      }),
    ),
  );
  const read = performance.now();
  const shape = reference.volume;
  const data = new Uint8Array(voxelCount(shape));
  paintShapes({ data, shape, start: [0, 0, 0] }, objects, { masks, rounding: "truncate" });
  const painted = performance.now();
  const counts = new Array<number>(reference.voxels_per_label.length).fill(0);
  for (const label of data) counts[label]++;
  return {
    objects: objects.length,
    readSeconds: (read - started) / 1000,
    paintSeconds: (painted - read) / 1000,
    countDifferences: counts.map((count, label) => count - reference.voxels_per_label[label]),
    ...(await compareCrop(data, shape, join(folder, "reference/target_shapes_crop.mrc.gz"))),
  };
}

async function compareCrop(data: Uint8Array, [, height, width]: Shape3, path: string) {
  const crop = await readVolume(path);
  const [depth, rows, columns] = crop.shape;
  let cropDifferences = 0;
  for (let z = 0, at = 0; z < depth; z++)
    for (let y = 0; y < rows; y++) {
      const row = ((z + cropStart[0]) * height + y + cropStart[1]) * width + cropStart[2];
      for (let x = 0; x < columns; x++, at++) if (crop.data[at] !== data[row + x]) cropDifferences++;
    }
  return { cropVoxels: crop.data.length, cropDifferences };
}
