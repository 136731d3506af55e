import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { clusterObjects } from "../../src/objects/clustering/cluster-objects.ts";
import { readVoxelPoints, voxelPointsOf } from "../../src/objects/clustering/voxel-points.ts";
import { checkFinite, checkMask } from "../../src/steps/check-voxels.ts";
import { findHeader } from "../../src/steps/volume-header.ts";
import { checkLabels } from "../../src/training/training-set.ts";
import { binVoxels } from "../../src/volume/bin.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import { labelBytes } from "../../src/volume/labels.ts";
import { surveyVolume } from "../../src/volume/survey.ts";
import type { VoxelArray } from "../../src/volume/volume.ts";
import { writeMrcFile } from "../support/mrc-file.ts";
import { temporaryFolder } from "../support/temporary.ts";

const shape = [3, 4, 5] as const;
const place = { shape, voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const };

async function file(context: TestContext, data: VoxelArray, name = "volume.mrc"): Promise<string> {
  const path = join(await temporaryFolder(context), name);
  await writeVolume(path, { ...place, data });
  return path;
}

const texts = (found: readonly { severity: string; message: string }[]) =>
  found.map(({ severity, message }) => `${severity}: ${message}`);

test("voxels that are no numbers are counted with file and row, and files of whole numbers pass", async (context) => {
  const data = new Float32Array(60).fill(1);
  data[7] = Number.NaN;
  data[8] = Number.POSITIVE_INFINITY;
  const path = await file(context, data);
  assert.deepEqual(texts(await checkFinite({ path, what: "t2: the tomogram" })), [
    "error: t2: the tomogram volume.mrc has 2 voxels that are not finite (NaN or infinite)",
  ]);
  const whole = await file(context, new Int16Array(60));
  assert.deepEqual(await checkFinite({ path: whole, what: "t2: the tomogram" }), []);
  assert.deepEqual(await checkFinite({ path: "missing.mrc", what: "t2: the tomogram" }), []);
});

test("an empty mask is an error, one without zeros a warning that says why", async (context) => {
  const look = async (data: VoxelArray) =>
    texts(await checkMask({ path: await file(context, data, "mask.mrc"), what: "t0: the mask" }));
  assert.deepEqual(await look(new Int8Array(60)), [
    "error: t0: the mask mask.mrc is empty: all its 60 voxels are 0, so all would be background",
  ]);
  assert.deepEqual(await look(new Int8Array(60).fill(1)), [
    "warning: t0: the mask mask.mrc has no effect: none of its 60 voxels is 0, they are all 1",
  ]);
  const shifted = Int8Array.from({ length: 60 }, (_, i) => (i % 2 ? -128 : -127));
  const path = await file(context, shifted, "mask.mrc");
  const [warning] = await checkMask({ path, what: "t0: the mask" });
  assert.match(warning!.message, /-128 to -127/);
  assert.match(warning!.hint!, /signed/);
  assert.deepEqual(await look(Int8Array.from({ length: 60 }, (_, i) => i % 2)), []);
});

test("what was found is remembered for the state of the file, and damage is forgetting", async (context) => {
  const path = await file(context, new Float32Array(60));
  const memory = join(await temporaryFolder(context), "deep", "surveys.json");
  const first = await surveyVolume(path, { memory });
  assert.deepEqual(first, { voxels: 60, notFinite: 0, zeros: 60, minimum: 0, maximum: 0 });
  assert.deepEqual(await surveyVolume(path, { memory }), first);
  await writeVolume(path, { ...place, data: new Float32Array(60).fill(Number.NaN) });
  assert.equal((await surveyVolume(path, { memory })).notFinite, 60);
});

test("a map of fractions is no label map, for the target's initial volume as for clustering", async () => {
  const fractions = new Float32Array(60);
  fractions[27] = 1.5;
  const wrong = { code: "labels-invalid", message: /voxel \(z, y, x\) = \(1, 1, 2\) holds 1.5/ };
  assert.throws(() => labelBytes(fractions, 0, { shape, source: "initial.mrc" }), wrong);
  await assert.rejects(readVoxelPoints(volumeInMemory({ data: fractions, shape })), wrong);
});

test("a score that is no probability is told with its place: NaN lost an object without a word", async () => {
  const points = voxelPointsOf(
    Uint8Array.from({ length: 60 }, (_, i) => (i === 27 ? 1 : 0)),
    shape,
  );
  const cases = [Number.NaN, 1.5, -0.2].flatMap((score) => [0, 1, 2].map((wrong) => ({ score, wrong })));
  for (const { score, wrong } of cases) {
    const scoresOf = (label: number) => {
      const data = new Float32Array(60).fill(0.5);
      if (label === wrong) data[27] = score;
      return volumeInMemory({ data, shape });
    };
    const scores = new Map([0, 1, 2].map((label) => [label, scoresOf(label)]));
    await assert.rejects(
      clusterObjects(points, { method: "components", perClass: true, scores, minSize: 1 } as never),
      {
        code: "score-invalid",
        message: new RegExp(`score of class ${wrong} at voxel \\(z, y, x\\) = \\(1, 1, 2\\) is`),
      },
    );
  }
});

test("a particle's mask whose values do not round to 1 is told before the target is painted: of 0 and 255 a thin shell was", async (context) => {
  const side = { ...place, shape: [4, 4, 4] as const };
  const path = join(await temporaryFolder(context), "mask.h5");
  const write = (data: VoxelArray) => writeVolume(path, { ...side, data });
  await write(Uint8Array.from({ length: 64 }, (_, i) => (i === 21 ? 255 : 0)));
  const looked = { path, what: "the mask of class 1:", use: "particle" } as const;
  assert.deepEqual(texts(await checkMask(looked)), [
    "error: the mask of class 1: mask.h5 holds 0 to 255, and only what rounds to 1 counts as the particle",
  ]);
  await write(Float32Array.from({ length: 64 }, (_, i) => (i === 21 ? 0.4 : 0)));
  assert.match(texts(await checkMask(looked))[0]!, /mask\.h5 has no voxel that rounds to 1/);
  await write(Uint8Array.from({ length: 64 }, (_, i) => (i === 21 ? 1 : 0)));
  assert.deepEqual(await checkMask(looked), []);
});

test("headers that make wrong answers likely are warnings of the preflight", async (context) => {
  const path = await writeMrcFile(context, {
    size: [3, 3, 3],
    intervals: [3, 3, 3],
    cell: [-30, 30, 30],
    angles: [90, 90, 120],
    start: [1, 0, 0],
  });
  const found: Diagnostic[] = [];
  assert.deepEqual((await findHeader(path, found))?.shape, [3, 3, 3]);
  assert.deepEqual(
    found.map(({ severity, code }) => [severity, code]),
    [
      ["warning", "voxel-size-wrong"],
      ["warning", "origin-unknown"],
    ],
  );
  assert.match(found[0]!.message, /a\.mrc: the cell is -30 × 30 × 30/);
});

test("no label is rounded: in targets of training and where label maps are binned", () => {
  assert.throws(() => checkLabels("t0", Float32Array.of(0, 1, 0.5), 3), {
    code: "labels-invalid",
    message: /0\.5/,
  });
  assert.throws(() => checkLabels("t0", Float32Array.of(0, Number.NaN), 3), { code: "labels-invalid" });
  assert.throws(() => checkLabels("t0", Uint8Array.of(0, 3), 3), { code: "label-unknown" });
  assert.doesNotThrow(() => checkLabels("t0", Float32Array.of(0, 2), 3));
  const bin = (value: number) =>
    binVoxels(new Float32Array(8).fill(value), { shape: [2, 2, 2], factor: 2, method: "majority" });
  assert.throws(() => bin(0.25), { code: "labels-invalid", message: /\(0, 0, 0\) holds 0\.25/ });
  assert.deepEqual([...bin(-1)], [-1]);
});
