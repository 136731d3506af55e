/** The workflows that users copy, run from end to end on small data: only their sizes are set to other values. */
import assert from "node:assert/strict";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { tomoflow } from "../support/command-line.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** (z, y, x) */
const shape = [28, 40, 44] as const;
const place = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;

/** A ball of density in a cube, the particle bright. */
async function writeDensity(path: string, side: number): Promise<void> {
  const data = new Float32Array(side ** 3);
  const middle = Math.floor(side / 2);
  for (let at = 0; at < data.length; at++) {
    const [z, y, x] = [Math.floor(at / side ** 2), Math.floor(at / side) % side, at % side];
    data[at] = Math.hypot(z - middle, y - middle, x - middle) < 4 ? 1 : 0;
  }
  await writeVolume(path, { data, shape: [side, side, side], ...place });
}

async function writeTomograms(folder: string, labels: readonly [number, number]): Promise<void> {
  await mkdir(join(folder, "data"));
  for (let index = 0; index < 4; index++) {
    const voxels = shape[0] * shape[1] * shape[2];
    const data = Float32Array.from(
      { length: voxels },
      (_, voxel) => ((voxel * 7919 + index * 31) % 251) - 125,
    );
    await writeVolume(join(folder, `data/t${index}.mrc`), { data, shape, ...place });
    const membranes = Uint8Array.from({ length: voxels }, (_, voxel) => (voxel % shape[2] < 2 ? 1 : 0));
    await writeVolume(join(folder, `data/t${index}_membranes.mrc`), { data: membranes, shape, ...place });
    const angles = { phi: 10, psi: 20, the: 30 + index };
    await writeObjects(join(folder, `data/t${index}.xml`), [
      { label: labels[0], x: 14 + index, y: 14, z: 14, ...angles },
      { label: labels[1], x: 30 + index, y: 28, z: 14, ...angles },
    ]);
  }
}

const small = ["epochs=1", "steps=1", "patchSize=16", "batchSize=1", "filters=[16, 16, 16]"];

async function run(context: TestContext, name: string, sets: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(context);
  const file = `${name}.yaml`;
  await copyFile(join(repositoryRoot, "workflows", file), join(folder, file));
  await writeTomograms(folder, name.startsWith("membranes") ? [2, 3] : [1, 2]);
  for (const path of [
    "masks/ribosome.mrc",
    "masks/proteasome.mrc",
    "maps/ribosome.mrc",
    "maps/proteasome.mrc",
  ]) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    const density = join(folder, `density-${path.replaceAll("/", "-")}`);
    await writeDensity(density, 14);
    if (path.startsWith("maps")) await copyFile(density, join(folder, path));
    else {
      const made = await tomoflow(["volume", "mask", density, path, "--voxel-size", "10"], { folder });
      assert.equal(made.code, 0, made.stderr);
    }
  }
  const flags = [...small, ...sets].flatMap((value) => ["--set", value]);
  const validated = await tomoflow(["validate", file, ...flags], { folder });
  assert.deepEqual([validated.code, validated.stderr], [0, ""], validated.stdout);
  const { code, stdout, stderr } = await tomoflow(["run", file, ...flags], { folder });
  assert.equal(code, 0, stdout + stderr);
  return join(folder, "results", name);
}

test("workflows/shapes-from-averages.yaml: masks made from averages are painted turned", async (context) => {
  const results = await run(context, "shapes-from-averages", []);
  const { data } = await readVolume(join(results, "target/t0/target.mrc"));
  // a ball of radius 4, turned or not
  const painted = data.filter((label) => label === 1).length;
  assert.ok(painted > 200 && painted < 320, String(painted));
});

test("workflows/pretrain-on-simulation.yaml: the second training goes on from the first", async (context) => {
  const results = await run(context, "pretrain-on-simulation", [
    "size=[28, 44, 48]",
    "count=2",
    "fineEpochs=1",
  ]);
  assert.equal((await readObjects(join(results, "simulate/s1/objects.xml"))).length, 4);
  await readObjects(join(results, "cluster/t2/detections.xml"));
});

test("workflows/active-learning.yaml: what is to be reviewed has scores", async (context) => {
  const results = await run(context, "active-learning", []);
  await readVolume(join(results, "segment/t2/labels.mrc"));
  await readVolume(join(results, "segment/t2/scores.h5"), { dataset: "class1" });
});

test("workflows/membranes-plus-particles.yaml: particles are painted over membranes, which are no objects", async (context) => {
  const results = await run(context, "membranes-plus-particles", []);
  const { data } = await readVolume(join(results, "target/t0/target.mrc"));
  for (const label of [0, 1, 2, 3]) assert.ok(data.includes(label), `label ${label}`);
  const found = await readObjects(join(results, "cluster/t2/detections.xml"));
  assert.ok(found.every(({ label }) => label !== 1));
});

test("workflows/recommended.yaml: peaks above the scores that were tuned on the validation tomogram", async (context) => {
  const results = await run(context, "recommended", ["patchSize=28"]);
  const { data } = await readVolume(join(results, "target/t0/target.mrc"));
  // a ball of 0.7 of the radius 10
  const painted = data.filter((label) => label === 1).length;
  assert.ok(painted > 1300 && painted < 1500, String(painted));
  await readObjects(join(results, "candidates/t2/detections.xml"));
  await readObjects(join(results, "cluster/t3/detections.xml"));
});
