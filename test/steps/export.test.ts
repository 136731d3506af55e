/** Lists of all tomograms for other programs: each object from the centre of its own, and what a row lacks told before. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import { exportKind } from "../../src/steps/export.ts";
import type { StepRow } from "../../src/steps/step-kind.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import type { Shape3, Triple } from "../../src/volume/volume.ts";
import { stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const classes = [{ label: 1, name: "ribosome" }];

async function rowIn(
  folder: string,
  id: string,
  { shape, voxel, values = {} }: { shape: Shape3; voxel: number | null; values?: StepRow["values"] },
): Promise<StepRow> {
  const tomogram = join(folder, `${id}.mrc`);
  const data = new Int8Array(shape[0] * shape[1] * shape[2]);
  const voxelSizeAngstrom: Triple | null = voxel === null ? null : [voxel, voxel, voxel];
  await writeVolume(tomogram, { data, shape, voxelSizeAngstrom, originAngstrom: [0, 0, 0] });
  const detections = join(folder, `${id}.xml`);
  await writeObjects(detections, [{ label: 1, x: 3, y: 4, z: 5, tomogramId: id, score: 0.5 }]);
  return { id, values, files: { tomogram, detections } };
}

async function twoRows(context: TestContext, values: readonly StepRow["values"][] = []) {
  const folder = await temporaryFolder(context);
  return {
    folder,
    rows: [
      await rowIn(folder, "TS_1", { shape: [10, 20, 30], voxel: 10, values: values[0] }),
      await rowIn(folder, "TS_2", { shape: [12, 8, 6], voxel: 4, values: values[1] }),
    ],
  };
}

const codes = async (step: ReturnType<typeof stepContext>) =>
  (await exportKind.preflight?.(step as never))?.map(({ code }) => code);

test("RELION 5: Å from the centre of each object's own tomogram", async (context) => {
  const { folder, rows } = await twoRows(context);
  const step = stepContext(exportKind, folder, { classes, rows });
  assert.deepEqual(await codes(step), []);
  await exportKind.run(step as never);
  const lines = (await readFile(step.outputs.particles, "utf8"))
    .split("\n")
    .filter((line) => line.startsWith("TS_"));
  assert.deepEqual(
    lines.map((line) => line.split(/\s+/).slice(0, 4)),
    [
      ["TS_1", "-120.000000", "-60.000000", "0.000000"],
      ["TS_2", "0.000000", "0.000000", "-4.000000"],
    ],
  );
});

test("Dynamo: the rows' own numbers, which are asked for", async (context) => {
  const { folder, rows } = await twoRows(context, [{ tomo_idx: 7 }, { tomo_idx: 9 }]);
  const step = stepContext(exportKind, folder, { classes, rows, parameters: { format: "dynamo" } });
  await exportKind.run(step as never);
  const list = await readObjects(step.outputs.particles, { format: "dynamo" });
  assert.deepEqual(
    list.map(({ tomogramIndex, x, y, z }) => [tomogramIndex, x, y, z]),
    [
      [7, 3, 4, 5],
      [9, 3, 4, 5],
    ],
  );
  const nameless = rows.map((row) => ({ ...row, values: {} }));
  const without = stepContext(exportKind, folder, {
    classes,
    rows: nameless,
    parameters: { format: "dynamo" },
  });
  assert.deepEqual(await codes(without), ["tomogram-index", "tomogram-index"]);
});

test("a tomogram without a voxel size is told before anything is written", async (context) => {
  const folder = await temporaryFolder(context);
  const rows = [await rowIn(folder, "TS_1", { shape: [10, 20, 30], voxel: null })];
  assert.deepEqual(await codes(stepContext(exportKind, folder, { classes, rows })), ["voxel-size-missing"]);
  assert.deepEqual(
    exportKind.check?.({ format: "relion4" } as never)?.map(({ path }) => path),
    [["format"]],
  );
  assert.deepEqual(exportKind.check?.({ format: "relion4", binning: 4 } as never), []);
});
