/** A network finds particles of the voxel size that it was trained at: another one is told before anything runs. */
import assert from "node:assert/strict";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readKerasWeights, writeKerasWeights } from "../../src/network/keras.ts";
import { writeObjects } from "../../src/objects/formats.ts";
import { loadWorkflow } from "../../src/schema/load-workflow.ts";
import { checkWorkflow } from "../../src/session/index.ts";
import { stepKinds } from "../../src/steps/catalog.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

const whole = join(repositoryRoot, "test/fixtures/network/whole.h5");
const shape = [20, 22, 24] as const;

async function prepare(
  context: TestContext,
  sizes: Readonly<Record<string, number | null>>,
): Promise<string> {
  const folder = await temporaryFolder(context);
  await mkdir(folder, { recursive: true });
  for (const [index, [id, size]] of Object.entries(sizes).entries()) {
    await writeVolume(join(folder, `${id}.mrc`), {
      data: Int16Array.from({ length: 20 * 22 * 24 }, (_, i) => (i * 7919) % 211),
      shape,
      voxelSizeAngstrom: size === null ? null : [size, size, size],
      originAngstrom: [0, 0, 0],
    });
    const objects = [1, 2].map((label) => ({ label, x: 10 + index, y: 10, z: 9 + label }));
    await writeObjects(join(folder, `${id}.xml`), objects);
  }
  return folder;
}

async function warnings(folder: string, text: string): Promise<readonly string[]> {
  const path = join(folder, "workflow.yaml");
  await writeFile(path, text);
  const loaded = await loadWorkflow(path, { catalog: stepKinds });
  assert.ok(loaded.ok, JSON.stringify(loaded.diagnostics));
  const found = await checkWorkflow(loaded.value);
  assert.deepEqual(
    found.filter(({ severity }) => severity === "error"),
    [],
  );
  return found.filter(({ code }) => code === "voxel-size-differs").map(({ message }) => message);
}

const head = `version: 1
classes: {1: {name: a, radius: 3}, 2: {name: b, radius: 3}}
tomograms:
  - {id: t0, tomogram: t0.mrc, objects: t0.xml, split: train}
  - {id: t1, tomogram: t1.mrc, objects: t1.xml, split: valid}
  - {id: t2, tomogram: t2.mrc, split: test}
  - {id: t3, tomogram: t3.mrc, split: test}
steps:
`;

const training = `  target: {uses: target, where: {split: [train, valid]}}
  train: {uses: train, from: target, with: {patchSize: 16, batchSize: 1, epochs: 1, stepsPerEpoch: 1, shift: 2, filters: [4, 4, 4]}}
  segment: {uses: segment, from: tomograms, where: {split: test}, with: {weights: "\${train.best}"}}
`;

test("weights that a step has yet to train: the tomograms that it trains on tell", async (context) => {
  const folder = await prepare(context, { t0: 10, t1: 10.1, t2: 13.68, t3: 10 });
  assert.deepEqual(await warnings(folder, head + training), [
    "t2: the tomogram has 13.68 Å a voxel, the network is trained at 10 Å",
  ]);
});

test("rows that train and validate are compared; sizes that nobody knows are not", async (context) => {
  const folder = await prepare(context, { t0: 10, t1: 12, t2: null, t3: 10.15 });
  const found = await warnings(folder, head + training);
  assert.equal(found.length, 1);
  assert.match(found[0]!, /^t1: .*12.*t0.*10/);
});

test("weights of a file: its own record tells, and one without a record says nothing", async (context) => {
  const folder = await prepare(context, { t0: 10, t1: 10, t2: 10, t3: 8 });
  const text = `${head}  segment: {uses: segment, where: {split: test}, with: {weights: net.h5}}\n`;
  await copyFile(whole, join(folder, "net.h5"));
  assert.deepEqual(await warnings(folder, text), []);
  const { network, parameters, voxelSizeAngstrom } = await readKerasWeights(whole);
  assert.equal(voxelSizeAngstrom, null);
  await writeKerasWeights(join(folder, "net.h5"), network, parameters, { voxelSizeAngstrom: [10, 10, 10.1] });
  assert.deepEqual((await readKerasWeights(join(folder, "net.h5"))).voxelSizeAngstrom, [10, 10, 10.1]);
  assert.deepEqual(await warnings(folder, text), [
    "t3: the tomogram has 8 Å a voxel, the network is trained at 10 × 10 × 10.1 Å (z, y, x)",
  ]);
});
