import { join } from "node:path";
import type { TestContext } from "node:test";
import { writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import type { ClassDefinition } from "../../src/schema/step-description.ts";
import type { StepRow } from "../../src/steps/step-kind.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { temporaryFolder } from "./temporary.ts";
import { tinyObjects, tinyShape, tinyVolumes } from "./tiny-training.ts";

export const tinyClasses: readonly ClassDefinition[] = [
  { label: 1, name: "ribosome" },
  { label: 2, name: "proteasome" },
];

/** `with:` of a training of tenths of a second. */
export const tinyParameters = {
  patchSize: 8,
  batchSize: 2,
  epochs: 2,
  stepsPerEpoch: 3,
  validationSteps: 1,
  shift: 2,
  filters: [4, 4, 4],
  learningRate: 0.01,
  checkpointSeconds: 0,
};

/** The tiny objects turned about y: elsewhere, but as many of each class. */
export const otherObjects: ObjectList = tinyObjects.map(({ label, x, y, z }) => ({
  label,
  x: tinyShape[2] - 1 - x,
  y,
  z: tinyShape[0] - 1 - z,
}));

export interface TinyFiles {
  readonly folder: string;
  readonly path: (name: string) => string;
  /** `t0` to train on, `t1` to validate on. */
  readonly rows: readonly StepRow[];
}

/** Tomograms, targets and object lists of a training, in a folder of their own. */
export async function writeTinyFiles(
  context: TestContext,
  lists: readonly [training: ObjectList, validation: ObjectList] = [tinyObjects, otherObjects],
): Promise<TinyFiles> {
  const folder = await temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  const rows = [];
  for (const [index, split] of ["train", "valid"].entries()) {
    const { density, labels } = tinyVolumes(index);
    const sampling = {
      shape: tinyShape,
      voxelSizeAngstrom: [9, 10, 11],
      originAngstrom: [5, 0, -7],
    } as const;
    const files = {
      tomogram: path(`t${index}.mrc`),
      target: path(`l${index}.mrc`),
      objects: path(`t${index}.xml`),
    };
    await writeVolume(files.tomogram, { ...sampling, data: density });
    await writeVolume(files.target, { ...sampling, data: labels }, { type: "int8" });
    await writeObjects(files.objects, lists[index]!);
    rows.push({ id: `t${index}`, values: { split }, files });
  }
  return { folder, path, rows };
}
