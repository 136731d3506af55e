/** Drawing apart from reading: recipes can be drawn ahead, and filled later, elsewhere, in shared memory, to the same bits. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { startThread } from "../../src/core/sibling-module.ts";
import { batchesAhead } from "../../src/training/batches-ahead.ts";
import { allocateBatch } from "../../src/training/fill-batch.ts";
import { type BatchSampler, createSampler, sampleBatch } from "../../src/training/patch-sampler.ts";
import type { TrainingTomogram } from "../../src/training/training-set.ts";
import { readCheckpoint, type TrainingState, writeCheckpoint } from "../../src/training/training-state.ts";
import type { FillWork } from "../support/fill-in-thread.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { runTiny, tinyStart, tinyTomogram } from "../support/tiny-training.ts";

const options = {
  batch: 3,
  classes: 3,
  patchSize: 8,
  bootstrap: true,
  shift: 3,
  tiltAxisTurn: true,
  inPlaneTurn: true,
  mirror: true,
  intensityJitter: 0.2,
  background: 0.3,
  paste: { perPatch: 2, radii: { 1: 1, 2: 1 } },
  blur: 0.6,
  noise: 0.5,
};

const tomograms = [tinyTomogram(1), tinyTomogram(2)];
const sampler = createSampler(tomograms, options);

/** Copies of batches drawn and filled one by one, each with the state of chance after it. */
async function oneByOne(count: number) {
  const random = new Random(7);
  const batches = [];
  for (let step = 0; step < count; step++)
    batches.push({ ...(await sampleBatch(sampler, random)), randomAfter: random.state });
  return batches;
}

for (const ahead of [0, 1, 2, 5, 40])
  test(`${ahead} batches ahead: the same batches, the same states, none beyond the last`, async () => {
    const expected = await oneByOne(6);
    const random = new Random(7);
    const found = [];
    for await (const { batch, randomAfter } of batchesAhead(sampler, random, { count: 6, ahead }))
      found.push({ x: batch.x.slice(), labels: batch.labels.slice(), randomAfter });
    assert.deepEqual(found, expected);
    assert.deepEqual(random.state, expected.at(-1)!.randomAfter);
  });

test("memory is used again: as many batches as are ahead, and the one in use", async () => {
  let allocated = 0;
  const counting: BatchSampler = {
    ...sampler,
    allocate: () => {
      allocated++;
      return sampler.allocate();
    },
  };
  for await (const _ of batchesAhead(counting, new Random(7), { count: 20, ahead: 3 }));
  assert.equal(allocated, 4);
});

test("whoever leaves early waits for the batch that is being filled, and for no other", async () => {
  let [started, atWork] = [0, 0];
  const slow: BatchSampler = {
    ...sampler,
    fill: async (recipes, target) => {
      started++;
      atWork++;
      await new Promise((resolve) => setImmediate(resolve));
      await sampler.fill(recipes, target);
      atWork--;
    },
  };
  for await (const _ of batchesAhead(slow, new Random(7), { count: 20, ahead: 9 })) break;
  assert.equal(atWork, 0);
  assert.ok(started <= 2, `${started}`);
});

test("a training that looks ahead is the same to the bit, stopped and resumed with another look ahead too", async (context) => {
  const { state: expected } = await runTiny(tinyStart(), { ahead: 0 });
  for (const ahead of [1, 2, 7])
    assert.deepStrictEqual((await runTiny(tinyStart(), { ahead })).state, expected, `${ahead} ahead`);
  const path = join(await temporaryFolder(context), "training.checkpoint");
  const stop = new AbortController();
  const hooks = {
    signal: stop.signal,
    onStep: ({ epoch, step }: { epoch: number; step: number }) => {
      if (epoch === 1 && step === 2) stop.abort();
    },
    checkpoint: async (snapshot: () => Promise<TrainingState>, important: boolean) => {
      if (important) await writeCheckpoint(path, await snapshot());
    },
  };
  await assert.rejects(runTiny(tinyStart(), { ahead: 5, hooks }), { name: "AbortError" });
  const stopped = (await readCheckpoint(path))!;
  assert.deepEqual([stopped.epoch, stopped.step], [1, 2]);
  assert.deepStrictEqual((await runTiny(stopped, { ahead: 3 })).state, expected);
});

/** The tomogram's voxels in memory that threads share. */
function shared(tomogram: TrainingTomogram): TrainingTomogram {
  const share = <T extends TrainingTomogram["density"]>(volume: T): T => {
    if (!("data" in volume)) return volume;
    const { data } = volume;
    const Voxels = data.constructor as Float32ArrayConstructor;
    const copy = new Voxels(new SharedArrayBuffer(data.byteLength));
    copy.set(data);
    return { ...volume, data: copy };
  };
  return { ...tomogram, density: share(tomogram.density), labels: share(tomogram.labels) };
}

test("recipes are plain data: another thread fills them, in shared memory, to the same bits", async () => {
  const recipes = sampler.drawRecipes(new Random(7));
  const places = recipes.flatMap(({ pasted }) => pasted ?? []);
  assert.equal(places.length, 2 * options.batch);
  assert.deepEqual(structuredClone(recipes), recipes);
  const expected = sampler.allocate();
  await sampler.fill(recipes, expected);
  const target = allocateBatch(options, (bytes) => new SharedArrayBuffer(bytes));
  const work: FillWork = { tomograms: tomograms.map(shared), recipes, target, options };
  const thread = startThread(import.meta.url, "../support/fill-in-thread");
  thread.postMessage(work);
  assert.deepEqual(await once(thread, "message"), ["filled"]);
  assert.deepEqual([...target.x], [...expected.x]);
  assert.deepEqual([...target.labels], [...expected.labels]);
  assert.ok(target.labels.some((label) => label > 0));
});
