/** The training loop with a GPU that the loop runs ahead of, its batches filled by threads in shared memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { BatchThreads } from "../../src/training/batch-threads.ts";
import { createSampler } from "../../src/training/patch-sampler.ts";
import { shared } from "../support/shared-tomogram.ts";
import { runTiny, tinySampling, tinyStart, tinyTomogram } from "../support/tiny-training.ts";

test("threads and steps in flight leave a training on the GPU as it is, to the bit", async (context) => {
  const engine = await createWebgpuEngine();
  context.after(() => engine.dispose());
  assert.ok(engine.runsInFlight! > 1);
  const options = { epochs: 2, averageDecay: 0.9 };
  const tomograms = [1, 2].map((seed) => shared(tinyTomogram(seed)));
  const plain = tomograms.map((tomogram) => createSampler([tomogram], tinySampling));
  const one = { ...engine, runsInFlight: 1 };
  const expected = await runTiny(tinyStart(), {
    ...options,
    engine: one,
    samplers: { training: plain[0]!, validation: plain[1]! },
    ahead: 0,
  });
  const threads = new BatchThreads(
    tomograms.map((tomogram) => ({ tomograms: [tomogram], options: tinySampling })),
    2,
  );
  context.after(() => threads.close());
  const [training, validation] = threads.samplers;
  const samplers = { training: training!, validation: validation! };
  const found = await runTiny(tinyStart(), { ...options, engine, samplers, ahead: 3 });
  assert.deepStrictEqual(found.state, expected.state);
  assert.deepEqual(found.steps, expected.steps);
});
