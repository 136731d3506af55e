/** Tomograms of which only some objects are listed: what is known of a patch, and that the rest is left out of scores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { Confusion } from "../../src/training/confusion.ts";
import { createSampler, labelFrequencies, sampleBatch } from "../../src/training/patch-sampler.ts";
import { countUnknown, markUnknown } from "../../src/training/unknown-voxels.ts";
import {
  runTiny,
  tinyObjects,
  tinySamplers,
  tinySampling,
  tinyStart,
  tinyTomogram,
} from "../support/tiny-training.ts";

test("background is known up to the distance of its class from every listed object, labels always", () => {
  const side = 12;
  const labels = new Uint8Array(side ** 3);
  labels[5] = 2;
  labels[side ** 3 - 1] = 1;
  const objects = [
    { label: 1, x: 14.5, y: 26, z: 31.2 },
    { label: 2, x: 4, y: 20, z: 30 },
    { label: 3, x: 14, y: 26, z: 31 },
  ];
  const within = { 1: 3.5, 2: 8 };
  const start = [25, 20, 10] as const;
  const expected = Array.from({ length: side ** 3 }, (_, i) => {
    if (labels[i] !== 0) return labels[i];
    const [z, y, x] = [25 + Math.floor(i / side ** 2), 20 + (Math.floor(i / side) % side), 10 + (i % side)];
    const isNear = objects.some(({ label, ...at }) => {
      const distance = label === 1 ? within[1] : label === 2 ? within[2] : -1;
      return Math.hypot(at.z - z, at.y - y, at.x - x) <= distance;
    });
    return isNear ? 0 : 255;
  });
  markUnknown(labels, { start, side, objects, within });
  assert.deepEqual([...labels], expected);
  const known = expected.filter((label) => label === 0).length;
  assert.ok(known > 150 && known < 500, String(known));
  assert.equal(countUnknown(labels), expected.filter((label) => label === 255).length);
});

test("unknown voxels are in no score", () => {
  const confusion = new Confusion(3);
  confusion.add(Uint8Array.of(0, 1, 255, 255, 2, 0), Uint8Array.of(0, 1, 1, 0, 1, 2));
  assert.deepEqual([...confusion.counts], [1, 0, 1, 0, 1, 0, 0, 1, 0]);
  assert.equal(confusion.accuracy, 2 / 4);
});

const sampling = { ...tinySampling, background: 0.3 };

/** Two of the four objects are listed; the others are background, as a label map made of the list has it. */
function partial(seed: number) {
  const tomogram = tinyTomogram(seed);
  const objects = tinyObjects.slice(0, 2);
  const voxels = (tomogram.labels as { data: Uint8Array }).data;
  const [, height, width] = tomogram.shape;
  const data = voxels.map((label, i) => {
    const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return objects.some((at) => Math.hypot(at.z - z, at.y - y, at.x - x) <= 3) ? label : 0;
  });
  return {
    ...tomogram,
    objects,
    labels: { ...tomogram.labels, data } as typeof tomogram.labels,
    knownWithin: { 1: 5, 2: 5 },
  };
}

test("patches of such a tomogram have unknown voxels, where its objects that are not listed lie too", async () => {
  const sampler = createSampler([partial(1)], { ...sampling, background: 1, batch: 20 });
  const { labels } = await sampleBatch(sampler, new Random(3));
  const shares = [0, 1, 2, 255].map((known) => labels.filter((label) => label === known).length);
  assert.equal(
    shares.reduce((sum, count) => sum + count, 0),
    labels.length,
  );
  assert.ok(
    shares.every((count) => count > 20),
    `${shares}`,
  );
  const frequencies = await labelFrequencies(sampler, 3, new Random(1));
  assert.ok(Math.abs(frequencies.reduce((sum, share) => sum + share, 0) - 1) < 1e-12, `${frequencies}`);
});

test("unknown voxels of weight 1 train as background does; of weight 0 the network learns otherwise, and resumes to the bit", async () => {
  const complete = { ...partial(1), knownWithin: undefined };
  const samplers = (tomogram: typeof complete | ReturnType<typeof partial>) => ({
    training: createSampler([tomogram], sampling),
    validation: tinySamplers.validation,
  });
  const loss = { name: "dice-cross-entropy" };
  const background = await runTiny(tinyStart(), { samplers: samplers(complete), loss });
  const run = (unknownWeight: number, state = tinyStart(), hooks = {}) =>
    runTiny(state, { samplers: samplers(partial(1)), loss: { ...loss, unknownWeight }, hooks });
  const whole = await run(1);
  for (const [epoch, { loss: found, validationLoss }] of whole.records.entries()) {
    assert.ok(Math.abs(found - background.records[epoch]!.loss) < 1e-4, `${found}`);
    assert.ok(Math.abs(validationLoss - background.records[epoch]!.validationLoss) < 1e-4);
  }
  const without = await run(0);
  assert.ok(Math.abs(without.records.at(-1)!.loss - background.records.at(-1)!.loss) > 1e-3);
  // of the voxels that are known
  assert.ok(without.records.every(({ accuracy }) => accuracy > 0.05 && accuracy <= 1));
  let kept: Parameters<typeof run>[1];
  const stop = new AbortController();
  const hooks = {
    signal: stop.signal,
    onStep: ({ epoch, step }: { epoch: number; step: number }) => {
      if (epoch === 1 && step === 2) stop.abort();
    },
    checkpoint: async (snapshot: () => Promise<NonNullable<typeof kept>>, important: boolean) => {
      if (important) kept = await snapshot();
    },
  };
  await assert.rejects(run(0, tinyStart(), hooks), { name: "AbortError" });
  assert.ok((kept!.unknownVoxels ?? 0) > 0);
  assert.deepStrictEqual((await run(0, kept)).state, without.state);
});
