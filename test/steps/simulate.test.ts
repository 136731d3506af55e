import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import type { ClassDefinition } from "../../src/schema/step-description.ts";
import { simulate } from "../../src/steps/simulate.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { writeMrcFile } from "../support/mrc-file.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const classes: readonly ClassDefinition[] = [
  { label: 1, name: "ribosome", shape: "two-lobed", radius: 5 },
  { label: 2, name: "ferritin", shape: "shell", radius: 4 },
];
const small = { size: [24, 32, 40], counts: { 1: 3, 2: 4 } };

async function prepare(context: TestContext) {
  const folder = await temporaryFolder(context);
  const run = async (trial: Partial<StepTrial> = {}) => {
    const step = stepContext(simulate, folder, { classes, parameters: small, ...trial });
    await simulate.run(step);
    const { outputs, reports } = step;
    return { outputs, reports, bytes: await readFile(outputs.tomogram) };
  };
  const check = (trial: Partial<StepTrial> = {}) =>
    simulate.preflight!(stepContext(simulate, folder, { classes, parameters: small, ...trial }));
  return { path: (name: string) => join(folder, name), run, check };
}

test("a tomogram, its objects and their voxels are written", async (context) => {
  const { run, check } = await prepare(context);
  assert.deepEqual(await check(), []);
  const { outputs, reports } = await run();
  const tomogram = await readVolume(outputs.tomogram);
  const truth = await readVolume(outputs.truth);
  const objects = await readObjects(outputs.objects);
  assert.deepEqual(tomogram.shape, [24, 32, 40]);
  assert.ok(tomogram.data instanceof Float32Array);
  assert.deepEqual(tomogram.voxelSizeAngstrom, [10, 10, 10]);
  assert.deepEqual(truth.shape, [24, 32, 40]);
  assert.ok(truth.data instanceof Int8Array);
  assert.deepEqual(new Set(truth.data), new Set([0, 1, 2]));
  assert.deepEqual(
    objects.map(({ label, objectId }) => [label, objectId]),
    [1, 1, 1, 2, 2, 2, 2].map((label, index) => [label, index]),
  );
  assert.deepEqual(reports.at(-1), { type: "log", text: "7 objects: 3 ribosome, 4 ferritin" });
  const progress = reports
    .filter((report) => report.type === "progress")
    .map(({ done, total }) => done / total);
  assert.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  assert.equal(progress.at(-1), 1);
});

test("one row and seed give the same bytes; another id, seed or seed of the row give others", async (context) => {
  const { run } = await prepare(context);
  const first = await run();
  assert.ok(first.bytes.equals((await run()).bytes));
  assert.ok(first.bytes.equals((await run({ values: { seed: "1" } })).bytes), "1 is the default");
  for (const other of [{ id: "t1" }, { parameters: { ...small, seed: 2 } }, { values: { seed: 2 } }])
    assert.ok(!first.bytes.equals((await run(other)).bytes), JSON.stringify(other));
  assert.deepEqual(simulate.ports({} as never).columns, ["id", "seed", "tomo_idx"]);
});

test("an object list decides the places", async (context) => {
  const { run, check, path } = await prepare(context);
  const list = [
    { label: 2, x: 10, y: 11, z: 12, phi: 1, psi: 2, the: 3 },
    { label: 1, x: 30, y: 20, z: 9 },
  ];
  const files = { objects: path("given.xml") };
  await writeObjects(files.objects, list);
  assert.deepEqual(await check({ files }), []);
  const { outputs } = await run({ files });
  const objects = await readObjects(outputs.objects);
  assert.deepEqual(objects[0], list[0]);
  assert.equal(objects.length, 2);
  assert.ok(objects[1].phi !== undefined);
  const { data } = await readVolume(outputs.truth);
  assert.equal(data[(9 * 32 + 20) * 40 + 30], 1);
});

test("a density map is resampled and its threshold gives the truth", async (context) => {
  const { run, path } = await prepare(context);
  const side = 16;
  const data = new Float32Array(side ** 3).map((_, at) => {
    const [z, y, x] = [at >> 8, (at >> 4) & 15, at & 15];
    return Math.abs(z - 8) <= 3 && Math.abs(y - 8) <= 3 && Math.abs(x - 8) <= 3 ? 40 : 0;
  });
  const density = path("density.mrc");
  await writeVolume(density, {
    data,
    shape: [side, side, side],
    voxelSizeAngstrom: [20, 20, 20],
    originAngstrom: [0, 0, 0],
  });
  const { outputs } = await run({
    classes: [{ label: 1, name: "cube", density }],
    parameters: { size: [40, 44, 48], counts: 1, threshold: 0.49 },
  });
  const truth = await readVolume(outputs.truth);
  const voxels = truth.data.filter((label) => label === 1).length;
  // 7³ voxels of 20 Å, whose half maximum lies at ±7 voxels of 10 Å: about 15³, turned.
  assert.ok(voxels > 14 ** 3 && voxels < 16 ** 3, `${voxels}`);
});

test("the preflight names what cannot be simulated", async (context) => {
  const { check, path } = await prepare(context);
  const found = async (trial: Partial<StepTrial>) =>
    (await check(trial)).map(({ code, message, hint }) => `${code}: ${message} (${hint})`);
  assert.deepEqual(await found({ classes: [], parameters: { counts: 3 } }), [
    "no-classes: there are no classes, so there is nothing to simulate (list them: classes: {1: {name: ribosome, shape: two-lobed, radius: 9}})",
  ]);
  const [bare, misspelt, large] = await found({
    parameters: { ...small, counts: 1 },
    classes: [
      { label: 1, name: "a" },
      { label: 2, name: "b", shape: "barel" },
      { label: 3, name: "c", shape: "ring", radius: 12 },
    ],
  });
  assert.match(bare, /^shape-missing: class 1 \(a\) has neither a shape nor a density map/);
  assert.match(misspelt, /^shape-unknown: class 2 \(b\) has the shape barel.*did you mean barrel\?/);
  assert.match(large, /^no-room: class 3 \(c\) has a diameter of 25 voxels/);
  assert.match(
    (await found({ parameters: { ...small, counts: { 1: 1, 8: 1 } } }))[0],
    /^label-unknown: counts names class 8/,
  );
  assert.match((await found({ values: { seed: "x" } }))[0], /^bad-seed: the seed of row t0 is "x"/);
  await writeObjects(path("outside.xml"), [{ label: 1, x: 100, y: 1, z: 1 }]);
  assert.match(
    (await found({ files: { objects: path("outside.xml") } }))[0],
    /^object-outside: 1 object is outside/,
  );
});

test("a tomogram that does not fit into memory is refused before anything is allocated", async (context) => {
  const { run } = await prepare(context);
  await assert.rejects(run({ parameters: { ...small, size: [4000, 8000, 8000] } }), {
    code: "out-of-memory",
    message: /simulating 4000×8000×8000 voxels takes \d+\.\d GB, but there are 1\.0 GB/,
  });
});

test("a density map on a skewed grid is refused: it would be drawn rectangular", async (context) => {
  const { check } = await prepare(context);
  const density = await writeMrcFile(context, {
    size: [3, 3, 3],
    intervals: [3, 3, 3],
    cell: [30, 30, 30],
    angles: [90, 90, 120],
  });
  const found = await check({
    classes: [{ label: 1, name: "a", density }],
    parameters: { ...small, counts: { 1: 1 } },
  });
  const errors = found.filter(({ severity }) => severity === "error");
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["density-skewed"],
  );
  assert.match(errors[0]!.message, /90, 90, 120°/);
});
