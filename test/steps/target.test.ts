import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import type { ClassDefinition } from "../../src/schema/step-description.ts";
import { target } from "../../src/steps/target.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { paintShapes, paintSpheres } from "../../src/volume/painting.ts";
import { prepareMask } from "../../src/volume/turned-mask.ts";
import { type Shape3, voxelCount } from "../../src/volume/volume.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const shape: Shape3 = [11, 14, 19];
const sampling = { voxelSizeAngstrom: [9, 10, 11], originAngstrom: [100, 0, -50] } as const;
const classes: readonly ClassDefinition[] = [
  { label: 1, name: "ribosome", radius: 3 },
  { label: 2, name: "proteasome", radius: 2.2 },
];
const objects: ObjectList = [
  { label: 1, x: 5.6, y: 6, z: 5, phi: 30, psi: 40, the: 50 },
  { label: 2, x: 8, y: 7, z: 5, phi: 0, psi: 0, the: 90 },
  { label: 1, x: 18, y: 13, z: 10, phi: 10, psi: 0, the: 0 },
];
/** A bar along x. */
const mask = {
  data: new Uint8Array(8 ** 3).map((_, at) =>
    at >> 6 === 4 && ((at >> 3) & 7) === 4 && (at & 7) > 1 ? 1 : 0,
  ),
  shape: [8, 8, 8] as Shape3,
};

async function prepare(context: TestContext, list: ObjectList = objects) {
  const folder = await temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  const files = { objects: path("objects.xml"), tomogram: path("tomogram.mrc") };
  await writeObjects(files.objects, list);
  await writeVolume(files.tomogram, {
    ...sampling,
    shape,
    data: new Float32Array(voxelCount(shape)).fill(0.5),
  });
  await writeVolume(path("mask.mrc"), { ...sampling, ...mask });
  const run = async (trial: Partial<StepTrial> = {}) => {
    const step = stepContext(target, folder, { classes, files, ...trial });
    await target.run(step);
    return { ...(await readVolume(step.outputs.target)), reports: step.reports };
  };
  const check = (trial: Partial<StepTrial> = {}) =>
    target.preflight!(stepContext(target, folder, { classes, files, ...trial }));
  return { path, files, run, check };
}

const codes = (diagnostics: readonly { readonly code: string }[]) => diagnostics.map(({ code }) => code);

test("spheres: the tomogram's size, voxel size and origin, 8-bit labels, radii of the class table", async (context) => {
  const { run, check } = await prepare(context);
  assert.deepEqual(await check(), []);
  const written = await run();
  const data = new Uint8Array(voxelCount(shape));
  paintSpheres({ data, shape, start: [0, 0, 0] }, objects, {
    radii: new Map([
      [1, 3],
      [2, 2.2],
    ]),
    rounding: "nearest",
  });
  assert.deepEqual(written.shape, shape);
  assert.ok(written.data instanceof Int8Array);
  assert.deepEqual([...written.data], [...data]);
  assert.deepEqual(written.voxelSizeAngstrom, sampling.voxelSizeAngstrom);
  assert.deepEqual(written.originAngstrom, sampling.originAngstrom);
  assert.deepEqual(written.reports.at(-1), { type: "progress", done: 11, total: 11, unit: "plane" });
});

test("radii of the step come before the class table; truncation moves the first object", async (context) => {
  const { run } = await prepare(context);
  const { data } = await run({ parameters: { radii: { 1: 0 }, rounding: "truncate" } });
  assert.equal(data.filter((label) => label === 1).length, 2);
  assert.equal(data[(5 * 14 + 6) * 19 + 5], 1);
});

test("shapes: masks from the class table or the step, turned by the angles", async (context) => {
  const { run, check, path } = await prepare(context);
  const masked = classes.map((definition) => ({ ...definition, mask: path("mask.mrc") }));
  assert.deepEqual(await check({ classes: masked, parameters: { strategy: "shapes" } }), []);
  const written = await run({ classes: masked, parameters: { strategy: "shapes" } });
  const data = new Uint8Array(voxelCount(shape));
  const masks = new Map([1, 2].map((label) => [label, prepareMask(mask)]));
  paintShapes({ data, shape, start: [0, 0, 0] }, objects, { masks, rounding: "nearest" });
  assert.deepEqual([...written.data], [...data]);
  assert.ok(data.includes(1) && data.includes(2));
  const parameters = { strategy: "shapes", masks: { 1: path("mask.mrc"), 2: path("mask.mrc") } };
  assert.deepEqual((await run({ parameters })).data, written.data);
});

test("an explicit size needs no tomogram; the voxel size is then not known", async (context) => {
  const { run, check, files } = await prepare(context);
  const trial = { parameters: { size: [12, 15, 20] }, files: { objects: files.objects } };
  assert.deepEqual(
    target.ports({ strategy: "spheres", size: [12, 15, 20] }).inputs.map(({ name }) => name),
    ["objects", "initial"],
  );
  assert.deepEqual(await check(trial), []);
  const written = await run(trial);
  assert.deepEqual(written.shape, [12, 15, 20]);
  assert.equal(written.voxelSizeAngstrom, null);
});

test("an initial label map stays where no object comes, and labels above 127 stay what they are", async (context) => {
  const { run, check, path, files } = await prepare(context);
  const initial = path("initial.mrc");
  await writeVolume(initial, { ...sampling, shape, data: new Uint8Array(voxelCount(shape)).fill(200) });
  const trial = { files: { ...files, initial } };
  assert.deepEqual(await check(trial), []);
  const painted = (await run(trial)).data;
  const alone = (await run()).data;
  assert.deepEqual(
    [...painted],
    [...alone].map((label) => label || 200),
  );
});

test("an initial volume that is no label map is refused", async (context) => {
  const { run, path, files } = await prepare(context);
  const initial = path("initial.mrc");
  await writeVolume(initial, { ...sampling, shape, data: new Float32Array(voxelCount(shape)).fill(-3) });
  await assert.rejects(run({ files: { ...files, initial } }), {
    code: "labels-invalid",
    message: /initial\.mrc/,
  });
  assert.ok(!existsSync(path("target.mrc")));
  await writeVolume(initial, { ...sampling, shape, data: new Float32Array(voxelCount(shape)).fill(0.6) });
  await assert.rejects(
    run({ files: { ...files, initial } }),
    { code: "labels-invalid" },
    "nothing is rounded",
  );
});

test("the preflight tells every mistake at once, with numbers and advice", async (context) => {
  const { check, path, files } = await prepare(context, [
    ...objects,
    { label: 1, x: 5, y: 6, z: 40 },
    { label: 1, x: 5, y: 60, z: 4 },
    { label: 9, x: 1, y: 1, z: 1 },
  ]);
  const initial = path("initial.mrc");
  await writeVolume(initial, { ...sampling, shape: [11, 14, 18], data: new Uint8Array(11 * 14 * 18) });
  await writeVolume(path("flat.mrc"), { ...sampling, shape: [4, 4, 5], data: new Uint8Array(80) });
  const diagnostics = await check({
    classes: [{ label: 1, name: "ribosome", mask: path("flat.mrc") }, classes[1]],
    parameters: { strategy: "shapes", radii: { 7: 2 } },
    files: { ...files, initial },
  });
  assert.deepEqual(codes(diagnostics), [
    "shape-mismatch",
    "label-unknown",
    "object-outside",
    "label-unknown",
    "mask-missing",
    "mask-not-cubic",
    "angles-missing",
  ]);
  const texts = diagnostics.map(({ message }) => message);
  assert.match(texts[0], /11×14×18 voxels, the target 11×14×19/);
  assert.match(texts[2], /2 objects are outside the volume of 11×14×19 voxels, the first at x 5, y 6, z 40/);
  assert.match(texts[3], /radii names class 7/);
  assert.match(texts[4], /class 2 \(proteasome\) has no mask, but 1 object of it is in the list/);
  assert.match(texts[5], /4×4×5/);
  assert.match(texts[6], /3 of 6 objects lack phi, psi or the/);
  assert.ok(diagnostics.every(({ hint }) => hint));
});

test("a class without a radius is a mistake when the list has objects of it", async (context) => {
  const { check, run } = await prepare(context);
  const bare = classes.map(({ label, name }) => ({ label, name }));
  const diagnostics = await check({
    classes: [...bare, { label: 3, name: "absent" }],
    parameters: { radii: { 2: 3 } },
  });
  assert.deepEqual(codes(diagnostics), ["radius-missing"]);
  assert.match(
    diagnostics[0].message,
    /class 1 \(ribosome\) has no radius, but 2 objects of it are in the list/,
  );
  await assert.rejects(run({ classes: bare }), { code: "radius-missing" });
});

test("without a class table the classes are those of radii or masks", async (context) => {
  const { check, path } = await prepare(context);
  const none: readonly ClassDefinition[] = [];
  assert.deepEqual(await check({ classes: none, parameters: { radii: { 1: 3, 2: 2 } } }), []);
  const masks = { 1: path("mask.mrc"), 2: path("mask.mrc") };
  assert.deepEqual(await check({ classes: none, parameters: { strategy: "shapes", masks } }), []);
  const some = await check({ classes: none, parameters: { radii: { 2: 2 } } });
  assert.deepEqual(codes(some), ["label-unknown"]);
  const [{ message, hint }] = await check({ classes: none });
  assert.equal(message, "3 objects are of a class that the class table does not list: 1, 2");
  assert.equal(hint, "add 1, 2 to `classes`");
});

test("files that an earlier step will write are no mistake; a damaged tomogram is", async (context) => {
  const { check, path, files } = await prepare(context);
  const later = { objects: path("later.xml"), tomogram: path("later.mrc"), initial: path("also-later.mrc") };
  assert.deepEqual(await check({ files: later }), []);
  const found = await check({ files: { ...files, tomogram: files.objects } });
  assert.deepEqual(codes(found), ["volume-format-unknown"]);
});

test("an aborted run leaves no target behind", async (context) => {
  const { run, path } = await prepare(context);
  await assert.rejects(run({ signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.ok(!existsSync(path("target.mrc")));
});

test("radiusFactor makes the class table's balls smaller, and leaves given radii alone", async (context) => {
  const { run } = await prepare(context);
  const half = await run({ parameters: { radiusFactor: 0.5, radii: { 2: 2.2 } } });
  const same = await run({ parameters: { radii: { 1: 1.5, 2: 2.2 } } });
  assert.deepEqual(half.data, same.data);
  assert.notDeepEqual(half.data, (await run()).data);
  const check = (parameters: Record<string, unknown>) => target.check!(parameters).length;
  assert.equal(check({ radiusFactor: 0.5 }), 0);
  assert.equal(check({ radiusFactor: 0.5, strategy: "shapes" }), 1);
});
