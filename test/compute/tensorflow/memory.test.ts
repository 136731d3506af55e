import assert from "node:assert/strict";
import { test } from "node:test";
import { planTensorFlowBytes } from "../../../src/compute/tensorflow/memory.ts";
import { GraphBuilder } from "../../../src/network/graph.ts";
import { deepFinderAdam, trainingGraph } from "../../../src/network/training-graph.ts";

/** A convolution 1 → 2 channels; 240 voxels, so that a channel takes 960 bytes. */
function convolution() {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 4, 6, 10]);
  builder.output("y", builder.conv3d(x, builder.input("kernel", [2, 1, 3, 1, 1])));
  return builder.build();
}

test("a convolution takes its operands, its result and a copy of both; by planes, those of every z twice", () => {
  const operands = 960 + 4 * 6 + 2 * 960;
  assert.equal(planTensorFlowBytes(convolution(), "volume"), operands + 2 * 3 * 960);
  assert.equal(planTensorFlowBytes(convolution(), "planes"), operands + 2 * 3 * 960 + 2 * 3 * 2 * 960);
});

test("a training step takes memory in proportion to its batch, and far more than a prediction", () => {
  const network = { classes: 3, filters: [8, 8, 8] as const };
  const loss = { name: "cross-entropy" } as const;
  const bytes = (batch: number) =>
    planTensorFlowBytes(
      trainingGraph(network, { batch, extent: [16, 16, 24] }, loss, deepFinderAdam),
      "volume",
    );
  const [one, two, three] = [bytes(1), bytes(2), bytes(3)];
  assert.equal(three - two, two - one);
  assert.ok(two - one > 100 * 4 * 16 * 16 * 24, `${two - one}`);
});

test("a value of more than 2³¹ numbers has no plan", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 1024, 1024, 1024]);
  builder.output("y", builder.concat([x, x]));
  assert.equal(planTensorFlowBytes(builder.build(), "volume"), Number.POSITIVE_INFINITY);
});
