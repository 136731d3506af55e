/** The workflows that users copy: they validate and plan once the files they name are there. */
import assert from "node:assert/strict";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeObjects } from "../../src/objects/formats.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { tomoflow } from "../support/command-line.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("workflows/deepfinder.yaml validates and plans with a lab's files in place", async (context) => {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, "data"));
  await copyFile(join(repositoryRoot, "workflows/deepfinder.yaml"), join(folder, "deepfinder.yaml"));
  for (const [index, id] of ["t0", "t1", "t2", "t3"].entries()) {
    await writeVolume(join(folder, `data/${id}.mrc`), {
      data: new Float32Array(60 * 64 * 68),
      shape: [60, 64, 68],
      voxelSizeAngstrom: [10, 10, 10],
      originAngstrom: [0, 0, 0],
    });
    await writeObjects(join(folder, `data/${id}.xml`), [
      { label: 1, x: 20 + index, y: 30, z: 31 },
      { label: 2, x: 40 + index, y: 33, z: 25 },
    ]);
  }
  const validated = await tomoflow(["validate", "deepfinder.yaml"], { folder });
  assert.equal(validated.code, 0, validated.stderr);
  assert.match(validated.stdout, /deepfinder\.yaml is right: 4 tomograms, 2 classes, 5 steps/);

  const planned = await tomoflow(["plan", "deepfinder.yaml", "--json"], { folder });
  assert.equal(planned.code, 0, planned.stderr);
  const plan = JSON.parse(planned.stdout) as { tasks: { id: string; state: string }[] };
  assert.deepEqual(
    plan.tasks.map(({ id, state }) => [id, state]),
    [
      ["target@t0", "run"],
      ["target@t1", "run"],
      ["target@t2", "run"],
      ["train", "pending"],
      ["segment@t3", "pending"],
      ["cluster@t3", "pending"],
      ["evaluate", "pending"],
    ],
  );
});

test("the quick start validates", async () => {
  const quickstart = await tomoflow(["validate", "examples/quickstart/workflow.yaml"], {
    folder: repositoryRoot,
  });
  assert.equal(quickstart.code, 0, quickstart.stderr);
});
