/** Losses and gradients where single precision has rounded the probabilities to 0 and 1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import type { LossChoice } from "../../src/network/losses.ts";
import { lossGraph } from "../support/feeds.ts";

/** Two voxels of class 0: the first predicted as class 1 by logits 40 apart, the second rightly. */
async function lossAndGradient(loss: LossChoice): Promise<{ loss: number; gradient: number[] }> {
  const { backward } = lossGraph((builder) => builder.input("x", [1, 2, 1, 1, 2]), loss);
  const program = await compileOnnx(backward, { threads: 1 });
  const x = { shape: [1, 2, 1, 1, 2], data: Float32Array.of(0, 40, 40, 0) };
  const result = await program.run({ x, labels: { shape: [1, 1, 1, 2], data: new Uint8Array(2) } });
  await program.dispose();
  return { loss: result.loss!.data[0]!, gradient: [...result["d/x"]!.data] };
}

test("the cross-entropy of a voxel that is utterly wrong keeps its full gradient", async () => {
  const { loss, gradient } = await lossAndGradient({ name: "cross-entropy" });
  assert.ok(Math.abs(loss - 20) < 1e-4, `${loss} is not half of 40`);
  // half of p − g of each voxel
  const expected = [-0.5, 0, 0.5, 0];
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(gradient[i]! - value) < 1e-6, `${gradient}`);
});

for (const gamma of [0.5, 1, 2])
  test(`a focal loss with gamma ${gamma} stays finite`, async () => {
    const { loss, gradient } = await lossAndGradient({ name: "focal", parameters: { gamma } });
    assert.ok(Math.abs(loss - 20) < 1e-4);
    assert.ok(gradient.every((value) => Number.isFinite(value)) && gradient[0]! < -0.4, `${gradient}`);
  });
