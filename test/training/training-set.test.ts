import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { createSampler, sampleBatch } from "../../src/training/patch-sampler.ts";
import { openTrainingSet } from "../../src/training/training-set.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import type { Shape3, VoxelType } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";

const objects = [
  { label: 1, x: 15, y: 11, z: 9 },
  { label: 2, x: 26, y: 3, z: 14 },
];
const sampling = {
  batch: 5,
  classes: 3,
  patchSize: 12,
  bootstrap: true,
  shift: 4,
  tiltAxisTurn: true,
  inPlaneTurn: true,
  mirror: true,
  intensityJitter: 0.2,
  background: 0.2,
};

interface Files {
  readonly tomogram?: string;
  readonly target?: string;
  readonly type?: VoxelType;
  readonly shape?: Shape3;
}

async function writeFiles(
  context: TestContext,
  { tomogram = "t.mrc", target = "l.mrc", type = "float32", shape = [20, 24, 28] }: Files = {},
) {
  const folder = await temporaryFolder(context);
  const random = new Random(3);
  const common = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const };
  const density = Float32Array.from({ length: 20 * 24 * 28 }, () => Math.round(30 * random.normal()));
  const labels = Int8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => random.integer(0, 2));
  await writeVolume(join(folder, tomogram), { ...common, data: density, shape: [20, 24, 28] }, { type });
  await writeVolume(join(folder, target), { ...common, data: labels, shape }, { type: "int8" });
  return { id: "t0", tomogram: join(folder, tomogram), target: join(folder, target), objects };
}

for (const files of [
  { type: "float32" },
  { type: "int16" },
  { tomogram: "t.h5", target: "l.h5", type: "float16" },
] as const)
  test(`${files.type} ${"tomogram" in files ? "HDF5" : "MRC"}: read from the file equals loaded, bit for bit`, async (context) => {
    const written = await writeFiles(context, files);
    const batches = [];
    for (const directRead of [true, false]) {
      const set = await openTrainingSet([written], { classes: 3, directRead, memoryBytes: 1e9 });
      assert.equal(set.directRead, directRead);
      batches.push(await sampleBatch(createSampler(set.tomograms, sampling), new Random(11)));
      await set.close();
    }
    assert.deepEqual(batches[0], batches[1]);
  });

test("auto loads what fits: 4 + 1 bytes a voxel", async (context) => {
  const files = await writeFiles(context);
  const voxels = 20 * 24 * 28;
  for (const [memoryBytes, directRead] of [
    [5 * voxels, false],
    [5 * voxels - 1, true],
  ] as const) {
    const set = await openTrainingSet([files], { classes: 3, directRead: "auto", memoryBytes });
    assert.equal(set.directRead, directRead);
    assert.deepEqual(set.tomograms[0]!.shape, [20, 24, 28]);
    await set.close();
  }
});

test("a target of another shape is refused", async (context) => {
  const files = await writeFiles(context, { shape: [20, 24, 26] });
  await assert.rejects(openTrainingSet([files], { classes: 3, directRead: "auto", memoryBytes: 1e9 }), {
    code: "shape-mismatch",
    message: "t0: the target is 20×24×26 but the tomogram is 20×24×28 (z, y, x)",
  });
});

test("a label beyond the classes is found when the target is loaded", async (context) => {
  const files = await writeFiles(context);
  await assert.rejects(openTrainingSet([files], { classes: 2, directRead: false, memoryBytes: 1e9 }), {
    code: "label-unknown",
    message: "t0: the target holds the label 2, the class table ends at 1",
  });
});
