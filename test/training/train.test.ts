import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { networkParameters } from "../../src/network/networks.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import type { EpochRecord } from "../../src/training/history.ts";
import type { BatchSampler } from "../../src/training/patch-sampler.ts";
import { meanF1, type TrainingProgress } from "../../src/training/train.ts";
import {
  initialState,
  readCheckpoint,
  type TrainingState,
  writeCheckpoint,
} from "../../src/training/training-state.ts";
import { countingEngine } from "../support/feeds.ts";
import { networkExamples, titleOf } from "../support/network-examples.ts";
import { temporaryFolder } from "../support/temporary.ts";
import {
  runTiny,
  tinyEngine,
  tinyNetwork,
  tinyOptions,
  tinySamplers,
  tinyStart,
} from "../support/tiny-training.ts";

type Snapshot = () => Promise<TrainingState>;

/** The sampler, which tells before it draws or fills. */
const watched = (
  sampler: BatchSampler,
  { drawRecipes, fill }: { drawRecipes?: (random: Random) => void; fill?: () => Promise<void> },
): BatchSampler => ({
  ...sampler,
  drawRecipes: (random) => {
    drawRecipes?.(random);
    return sampler.drawRecipes(random);
  },
  fill: async (recipes, target) => {
    await fill?.();
    await sampler.fill(recipes, target);
  },
});

/** Trains until `stopAt` says so, and hands on the state as a new process would read it from the disk. */
async function interruptedAt(
  context: TestContext,
  stopAt: (state: TrainingProgress) => boolean,
  options: Parameters<typeof runTiny>[1] = {},
): Promise<TrainingState> {
  const path = join(await temporaryFolder(context), "training.checkpoint");
  const stop = new AbortController();
  const hooks = {
    signal: stop.signal,
    onStep: (state: TrainingProgress) => {
      if (stopAt(state)) stop.abort();
    },
    checkpoint: async (snapshot: Snapshot, important: boolean) => {
      if (important) await writeCheckpoint(path, await snapshot());
    },
    ...options.hooks,
  };
  await assert.rejects(runTiny(tinyStart(), { ...options, hooks }), { name: "AbortError" });
  return (await readCheckpoint(path))!;
}

test("training learns: the loss falls and the classes are found", async () => {
  const { state, records, steps } = await runTiny(tinyStart(), { epochs: 8, stepsPerEpoch: 12 });
  assert.equal(steps.length, 96);
  assert.deepEqual(steps.slice(10, 13), ["0:11", "0:12", "1:1"]);
  assert.deepEqual(
    records.map(({ epoch }) => epoch),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.deepEqual(state.history, records);
  assert.ok(records.at(-1)!.loss < 0.75 * records[0]!.loss, `${records.map(({ loss }) => loss)}`);
  assert.ok(meanF1(records[state.bestEpoch - 1]!) > 0.4, `${records.map(meanF1)}`);
  assert.equal(records[0]!.learningRate, 0.01);
});

for (const network of networkExamples([4, 4, 4]))
  test(`${titleOf(network)} learns`, async () => {
    const start = initialState(networkParameters(network), { seed: 0, initialization: "he" });
    const { records } = await runTiny(start, { network, epochs: 8, stepsPerEpoch: 12 });
    assert.ok(Math.max(...records.map(meanF1)) > 0.35, `${records.map(meanF1)}`);
  });

for (const [what, options] of [
  ["plain", {}],
  [
    "with moving averages and a schedule",
    {
      averageDecay: 0.9,
      learningRate: { ...tinyOptions.learningRate, schedule: "cosine" as const, final: 0.1, warmupSteps: 3 },
    },
  ],
] as const) {
  test(`${what}: stopped in mid-epoch and resumed equals undisturbed, bit for bit`, async (context) => {
    const { state: undisturbed } = await runTiny(tinyStart(), options);
    for (const [epoch, step] of [
      [1, 2],
      [0, 4],
    ]) {
      const state = await interruptedAt(
        context,
        (after) => after.epoch === epoch && after.step === step,
        options,
      );
      assert.deepEqual([state.epoch, state.step], [epoch, step]);
      const { state: resumed, steps } = await runTiny(state, options);
      assert.equal(steps.length, 12 - (4 * epoch! + step!));
      assert.deepStrictEqual(resumed, undisturbed);
    }
  });
}

test("stopped during validation: the epoch's steps are kept, and the result is the same", async (context) => {
  const { state: undisturbed } = await runTiny(tinyStart());
  const stop = new AbortController();
  let batches = 0;
  const validation = watched(tinySamplers.validation, {
    drawRecipes: () => {
      if (++batches === 3) stop.abort(); // the first of the second epoch
    },
  });
  const samplers = { ...tinySamplers, validation };
  const hooks = { signal: stop.signal };
  const state = await interruptedAt(context, () => false, { samplers, hooks });
  assert.deepEqual([state.epoch, state.step, state.history.length], [1, 4, 1]);
  assert.deepStrictEqual((await runTiny(state)).state, undisturbed);
});

test("more epochs go on from the end: as if there had been so many from the start", async () => {
  const { state: short } = await runTiny(tinyStart(), { epochs: 1 });
  const { state: longer, steps } = await runTiny(short, { epochs: 3 });
  assert.equal(steps.length, 8);
  assert.deepStrictEqual(longer, (await runTiny(tinyStart(), { epochs: 3 })).state);
  assert.deepStrictEqual((await runTiny(longer, { epochs: 3 })).state, longer, "and none are nothing");
});

test("a signal given before the start: nothing is done", async () => {
  const engine = countingEngine(await tinyEngine());
  const hooks = { signal: AbortSignal.abort() };
  await assert.rejects(runTiny(tinyStart(), { engine, hooks }), { name: "AbortError" });
  assert.equal(engine.open(), 0);
});

test("the best epoch is the first with the highest mean F1, and its weights are kept", async () => {
  const averages: TrainingState["averages"][] = [];
  const onEpoch = (_: EpochRecord, { averages: current }: TrainingState) => averages.push(current);
  const { state, records } = await runTiny(tinyStart(), {
    epochs: 6,
    stepsPerEpoch: 6,
    hooks: { onEpoch },
  });
  const scores = records.map(meanF1);
  assert.equal(state.bestEpoch, scores.indexOf(Math.max(...scores)) + 1);
  assert.ok(Math.max(...scores) > 0);
  assert.deepEqual(state.best, averages[state.bestEpoch - 1]);
});

test("patience: ends after so many epochs without a better one", async () => {
  // of weights that stay where they are, all epochs are equal: the first is best
  const still = { learningRate: { ...tinyOptions.learningRate, initial: 1e-30 }, validationSteps: 1 };
  const samplers = { ...tinySamplers, validation: constantSampler() };
  const { state } = await runTiny(tinyStart(), {
    ...still,
    samplers,
    epochs: 9,
    stepsPerEpoch: 1,
    patience: 2,
  });
  assert.deepEqual([state.epoch, state.bestEpoch], [3, 1]);
});

function constantSampler(): BatchSampler {
  const recipes = tinySamplers.validation.drawRecipes(new Random(5));
  return { ...tinySamplers.validation, drawRecipes: () => recipes };
}

test("moving averages: decay · before + (1 − decay) · new, shorter at the start", async () => {
  const seen: TrainingState[] = [];
  const hooks = { checkpoint: async (snapshot: Snapshot) => void seen.push(await snapshot()) };
  const { state } = await runTiny(tinyStart(), { epochs: 1, stepsPerEpoch: 12, averageDecay: 0.4, hooks });
  const name = "conv3d_3/kernel";
  const average = Float32Array.from(tinyStart().averages.get(name)!);
  assert.equal(seen.pop()!.epoch, 1, "the last is of the end of the epoch");
  assert.equal(seen.length, 12);
  for (const [step, { parameters }] of seen.entries()) {
    const decay = Math.min(0.4, (1 + step) / (10 + step));
    const value = parameters.get(name)!;
    for (let i = 0; i < average.length; i++) average[i] = decay * average[i]! + (1 - decay) * value[i]!;
  }
  assert.deepEqual(state.averages.get(name), average);
  assert.notDeepEqual(state.averages.get(name), state.parameters.get(name));
  assert.deepEqual(state.best, state.averages, "the averages are what is validated and kept");
});

test("the engine keeps the average too: it is read at the end of an epoch alone", async () => {
  const engine = await tinyEngine();
  const reads: number[] = [];
  const counting: typeof engine = {
    ...engine,
    compile: async (graph, options) => {
      const program = await engine.compile(graph, options);
      return {
        ...program,
        read: (names) => {
          reads.push(names.filter((name) => name.startsWith("average/")).length);
          return program.read(names);
        },
      };
    },
  };
  await runTiny(tinyStart(), { engine: counting, epochs: 2, stepsPerEpoch: 5, averageDecay: 0.4 });
  const { length } = networkParameters(tinyNetwork);
  assert.deepEqual(reads, [length, length]);
  reads.length = 0;
  await runTiny(tinyStart(), { engine: counting, epochs: 2, stepsPerEpoch: 5 });
  assert.deepEqual(reads, [0, 0]);
});

test("every epoch validates on patches of its own", async () => {
  const places = new Set<string>();
  const validation = watched(tinySamplers.validation, {
    drawRecipes: (random) => void places.add(random.state.join()),
  });
  await runTiny(tinyStart(), { samplers: { ...tinySamplers, validation } });
  assert.equal(places.size, 3 * tinyOptions.validationSteps);
});

test("validation does not disturb training: other validation, same weights", async () => {
  const { state } = await runTiny(tinyStart());
  const { state: other } = await runTiny(tinyStart(), { validationSteps: 1 });
  assert.deepEqual(other.parameters, state.parameters);
  assert.notDeepEqual(other.history, state.history);
});

test("a sampler that fails ends the training with its error; everything is released, nothing is at work", async () => {
  for (const which of ["training", "validation"] as const) {
    const engine = countingEngine(await tinyEngine());
    let count = 0;
    const failing = watched(tinySamplers[which], {
      fill: async () => {
        if (++count === 2) throw new Error("the disk is gone");
      },
    });
    const samplers = { ...tinySamplers, [which]: failing };
    await assert.rejects(runTiny(tinyStart(), { engine, samplers }), { message: "the disk is gone" });
    assert.equal(engine.open(), 0);
  }
});

test("an engine that fails in a step: the batch under way is waited for, everything is released", async () => {
  const engine = countingEngine(await tinyEngine());
  let atWork = 0;
  const training: BatchSampler = {
    ...tinySamplers.training,
    fill: async (...batch) => {
      atWork++;
      await tinySamplers.training.fill(...batch);
      await new Promise((resolve) => setImmediate(resolve));
      atWork--;
    },
  };
  const broken = {
    ...engine,
    compile: async (...given: Parameters<typeof engine.compile>) => {
      const program = await engine.compile(...given);
      return { ...program, run: () => Promise.reject(new Error("out of memory")) };
    },
  };
  const samplers = { ...tinySamplers, training };
  await assert.rejects(runTiny(tinyStart(), { engine: broken, samplers }), { message: "out of memory" });
  assert.deepEqual([engine.open(), atWork], [0, 0]);
});

test("an engine that fails to compile the second graph releases the first", async () => {
  const engine = countingEngine(await tinyEngine());
  const broken = {
    ...engine,
    compile: (...given: Parameters<typeof engine.compile>) =>
      engine.open() === 1 ? Promise.reject(new Error("too large")) : engine.compile(...given),
  };
  await assert.rejects(runTiny(tinyStart(), { engine: broken }), { message: "too large" });
  assert.equal(engine.open(), 0);
});

test("a loss that is no number any more ends the training, with advice, and is in no checkpoint", async () => {
  const start = tinyStart();
  start.parameters.get("conv3d_14/kernel")![0] = Number.NaN;
  const kept: TrainingState[] = [];
  const hooks = { checkpoint: async (snapshot: Snapshot) => void kept.push(await snapshot()) };
  await assert.rejects(runTiny(start, { hooks }), {
    code: "training-diverged",
    message: "the loss is not a number any more after step 1",
    hint: "use a learningRate smaller than 0.01, or warmupSteps",
  });
  assert.deepEqual(kept, []);
});

test("the class prior: a network that knows nothing predicts the frequencies", async () => {
  const classFrequencies = [0.9, 0.07, 0.03];
  const { parameters } = initialState(networkParameters(tinyNetwork), { seed: 1, classFrequencies });
  const graph = predictionGraph(tinyNetwork, [2, 3, 4], 1);
  const program = await (await tinyEngine()).compile(graph);
  const weights = networkParameters(tinyNetwork).map(({ name, shape }) => [
    name,
    { shape, data: parameters.get(name)! },
  ]);
  const shape = graph.values[graph.inputs.x!]!.shape;
  const x = { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  const { scores } = await program.run({ x, ...Object.fromEntries(weights) });
  await program.dispose();
  for (const [label, frequency] of classFrequencies.entries())
    for (const score of scores!.data.slice(label * 24, (label + 1) * 24))
      assert.ok(Math.abs(score - frequency) < 1e-6, `class ${label}: ${score}`);
});
