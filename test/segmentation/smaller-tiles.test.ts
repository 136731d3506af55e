import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/compute/engine.ts";
import { TomoflowError } from "../../src/core/error.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { countingEngine } from "../support/feeds.ts";
import { segmentNoise } from "../support/tiny-segmentation.ts";
import { tinyEngine } from "../support/tiny-training.ts";

/** So long that the network does not see it whole: tiles need less. */
const shape: Shape3 = [4, 6, 600];

/** The processor's engine, with less memory than it says. */
async function limitedEngine(limitBytes: number) {
  const engine = countingEngine(await tinyEngine());
  let refused = 0;
  const compile: Engine["compile"] = async (graph, options) => {
    if (engine.planBytes(graph) <= limitBytes) return engine.compile(graph, options);
    refused++;
    throw new TomoflowError("gpu-out-of-memory", "the GPU has too little free memory");
  };
  return { ...engine, compile, refused: () => refused };
}

/** What the engine plans for the whole, and for the tiles when they are made so small. */
async function plannedBytes(tile?: Shape3): Promise<number> {
  const engine = countingEngine(await tinyEngine());
  let most = 0;
  const compile: Engine["compile"] = (graph, options) => {
    most = Math.max(most, engine.planBytes(graph));
    return engine.compile(graph, options);
  };
  await segmentNoise(shape, { tile }, { ...engine, compile });
  return most;
}

test("less memory than promised: smaller tiles, the same labels and scores", async () => {
  const whole = await segmentNoise(shape, { scores: true });
  const bytes = await plannedBytes();
  for (const [share, scores] of [
    [0.9, true],
    [0.6, false],
  ] as const) {
    const engine = await limitedEngine(share * bytes);
    const result = await segmentNoise(shape, { scores }, engine);
    assert.deepEqual(result.labels, whole.labels);
    if (scores) assert.deepEqual(result.scores, whole.scores);
    assert.ok(engine.refused() > 0);
    assert.equal(engine.open(), 0, "all programs are released");
  }
});

test("tiles that follow are made smaller at once, whether the size was asked for or planned", async () => {
  const whole = await segmentNoise(shape);
  const tile: Shape3 = [4, 6, 300];
  const engine = await limitedEngine(0.8 * (await plannedBytes(tile)));
  const result = await segmentNoise(shape, { tile }, engine);
  assert.deepEqual(result.labels, whole.labels);
  assert.equal(result.tiles, 2, "the tiles that come out are those asked for");
  assert.ok(engine.refused() <= 4, `refused ${engine.refused()} times`);
});

test("a lost device: its programs are given up, and smaller tiles go on from there", async () => {
  const engine = countingEngine(await tinyEngine());
  let runs = 0;
  const compile: Engine["compile"] = async (graph, options) => {
    const program = await engine.compile(graph, options);
    const isLost = runs === 0;
    return {
      ...program,
      run: async (feeds) => {
        runs++;
        if (isLost) throw new TomoflowError("gpu-lost", "the GPU was lost (unknown)");
        return program.run(feeds);
      },
    };
  };
  const result = await segmentNoise(shape, {}, { ...engine, compile });
  assert.deepEqual(result.labels, (await segmentNoise(shape)).labels);
  assert.ok(runs > 2);
  assert.equal(engine.open(), 0);
});

test("where smaller tiles do not help, the engine's own words come after a few trials; other errors at once", async () => {
  for (const [code, mostTrials] of [
    ["gpu-out-of-memory", 12],
    ["gpu-error", 2],
  ] as const) {
    const engine = countingEngine(await tinyEngine());
    let trials = 0;
    const compile: Engine["compile"] = async () => {
      trials++;
      throw new TomoflowError(code, "not today");
    };
    await assert.rejects(segmentNoise(shape, { tile: [4, 6, 100] }, { ...engine, compile }), {
      code,
      message: "not today",
    });
    assert.ok(trials <= mostTrials && trials > 0, `${trials} trials`);
    assert.equal(engine.open(), 0);
  }
});
