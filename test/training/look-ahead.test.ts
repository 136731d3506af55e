/** Drawing apart from reading: recipes can be drawn ahead, and filled later, elsewhere, in shared memory, to the same bits. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Engine } from "../../src/compute/engine.ts";
import { Random } from "../../src/core/random.ts";
import { BatchThreads } from "../../src/training/batch-threads.ts";
import { batchesAhead } from "../../src/training/batches-ahead.ts";
import { type BatchSampler, createSampler, sampleBatch } from "../../src/training/patch-sampler.ts";
import type { TrainingTomogram } from "../../src/training/training-set.ts";
import { readCheckpoint, type TrainingState, writeCheckpoint } from "../../src/training/training-state.ts";
import { shared } from "../support/shared-tomogram.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { runTiny, tinyEngine, tinySampling, tinyStart, tinyTomogram } from "../support/tiny-training.ts";

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
  for await (const { release } of batchesAhead(counting, new Random(7), { count: 20, ahead: 3 })) release();
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

test("recipes are plain data", () => {
  const recipes = sampler.drawRecipes(new Random(7));
  const places = recipes.flatMap(({ pasted }) => pasted ?? []);
  assert.equal(places.length, 2 * options.batch);
  assert.deepEqual(structuredClone(recipes), recipes);
});

for (const count of [1, 2, 4])
  test(`${count} threads fill the same batches`, async (context) => {
    const expected = await oneByOne(6);
    const threads = new BatchThreads([{ tomograms: tomograms.map(shared), options }], count);
    context.after(() => threads.close());
    const found = [];
    for await (const drawn of batchesAhead(threads.samplers[0]!, new Random(7), { count: 6, ahead: 5 })) {
      const { batch, randomAfter } = drawn;
      found.push({ x: new Float32Array(batch.x), labels: new Uint8Array(batch.labels), randomAfter });
      drawn.release();
    }
    assert.deepEqual(found, expected);
    assert.ok(found.some(({ labels }) => labels.some((label) => label > 0)));
  });

test("threads know which voxels of a tomogram that is annotated in part are unknown", async (context) => {
  const partial = tomograms.map((tomogram) => ({ ...tomogram, knownWithin: { 1: 4, 2: 4 } }));
  const plain = createSampler(partial, options);
  const threads = new BatchThreads([{ tomograms: partial.map(shared), options }], 1);
  context.after(() => threads.close());
  const recipes = plain.drawRecipes(new Random(7));
  const [expected, found, whole] = [plain.allocate(), threads.samplers[0]!.allocate(), sampler.allocate()];
  await plain.fill(recipes, expected);
  await threads.samplers[0]!.fill(recipes, found);
  await sampler.fill(recipes, whole);
  assert.deepEqual(new Uint8Array(found.labels), expected.labels);
  assert.notDeepEqual(expected.labels, whole.labels);
});

test("what a thread finds wrong is told as it is, and the threads go on", async (context) => {
  const labels = { ...tomograms[0]!.labels, data: new Uint8Array(20 * 24 * 28).fill(9) };
  const wrong = [{ ...tomograms[0]!, labels } as TrainingTomogram].map(shared);
  const sets = [wrong, tomograms.map(shared)].map((each) => ({ tomograms: each, options }));
  const threads = new BatchThreads(sets, 1);
  context.after(() => threads.close());
  const [bad, good] = threads.samplers;
  const recipes = bad!.drawRecipes(new Random(7));
  await assert.rejects(bad!.fill(recipes, bad!.allocate()), {
    name: "TomoflowError",
    code: "label-unknown",
    message: "t1: the target holds the label 9, the class table ends at 2",
    hint: /add the class/,
  });
  await good!.fill(recipes, good!.allocate());
});

for (const [count, runsInFlight] of [
  [1, 2],
  [2, 3],
  [4, 5],
] as const)
  test(`a training with ${count} threads and ${runsInFlight} steps in flight is the same to the bit, stopped and resumed too`, async (context) => {
    const { state: expected, steps } = await runTiny(tinyStart(), { ahead: 0 });
    const sets = [1, 2].map((seed) => ({ tomograms: [shared(tinyTomogram(seed))], options: tinySampling }));
    const threads = new BatchThreads(sets, count);
    context.after(() => threads.close());
    const [training, validation] = threads.samplers;
    const engine = { ...(await tinyEngine()), runsInFlight };
    const given = { engine, samplers: { training: training!, validation: validation! }, ahead: count + 1 };
    const whole = await runTiny(tinyStart(), given);
    assert.deepStrictEqual(whole.state, expected);
    assert.deepEqual(whole.steps, steps);

    const stop = new AbortController();
    let kept: TrainingState | undefined;
    const hooks = {
      signal: stop.signal,
      onStep: ({ epoch, step }: { epoch: number; step: number }) => {
        if (epoch === 1 && step === 1) stop.abort();
      },
      checkpoint: async (snapshot: () => Promise<TrainingState>, important: boolean) => {
        if (important) kept = await snapshot();
      },
    };
    await assert.rejects(runTiny(tinyStart(), { ...given, hooks }), { name: "AbortError" });
    // the steps that were in flight are done
    assert.equal(kept!.epoch, 1);
    assert.ok(kept!.step >= 1 && kept!.step < 1 + runsInFlight, `${kept!.step}`);
    assert.deepStrictEqual((await runTiny(kept!, { ahead: 0 })).state, expected);
  });

test("a loss that is not a number ends the training when what is in flight has ended", async () => {
  const real = await tinyEngine();
  let [begun, ended] = [0, 0];
  const engine: Engine = {
    ...real,
    runsInFlight: 3,
    compile: async (...given) => {
      const program = await real.compile(...given);
      return {
        ...program,
        load: program.load.bind(program),
        read: program.read.bind(program),
        dispose: program.dispose.bind(program),
        async run(feeds) {
          begun++;
          const results = await program.run(feeds);
          ended++;
          return { ...results, loss: { shape: [1], data: Float32Array.of(Number.NaN) } };
        },
      };
    },
  };
  await assert.rejects(runTiny(tinyStart(), { engine, ahead: 3 }), { code: "training-diverged" });
  assert.equal(begun, ended);
  assert.ok(begun >= 3);
});
