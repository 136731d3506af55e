import assert from "node:assert/strict";
import { test } from "node:test";
import { addGradients } from "../../src/network/gradient.ts";
import { GraphBuilder, samePadding } from "../../src/network/graph.ts";
import { lossFormula } from "../../src/network/losses.ts";
import { paddedExtent, predictionGraph } from "../../src/network/prediction-graph.ts";

const refused = { code: "graph-shape" };

test("shapes are inferred and checked", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [2, 3, 4, 6, 5]);
  const kernel = builder.input("k", [7, 3, 3, 2, 1]);
  assert.deepEqual(builder.shape(builder.conv3d(x, kernel)), [2, 7, 4, 6, 5]);
  const none = samePadding([1, 1, 1]);
  assert.deepEqual(builder.shape(builder.conv3d(x, kernel, { padding: none })), [2, 7, 2, 5, 5]);
  assert.deepEqual(builder.shape(builder.upsample3d(x)), [2, 3, 8, 12, 10]);
  assert.deepEqual(builder.shape(builder.argMax(x)), [2, 4, 6, 5]);
  assert.throws(() => builder.conv3d(x, builder.input("wrong", [2, 4, 1, 1, 1])), refused);
  assert.throws(() => builder.maxPool3d(x), { ...refused, message: "pooling needs even lengths, not 4×6×5" });
  const other = builder.input("y", [2, 3, 4, 6, 4]);
  assert.throws(() => builder.concat([x, other]), refused);
  assert.throws(() => builder.add(x, other), refused);
  assert.throws(() => builder.input("x", [1]), { code: "graph-input-twice" });
});

test("an even kernel pads at the end, as Keras does", () => {
  assert.deepEqual(samePadding([1, 2, 3]), [
    [0, 0],
    [0, 1],
    [1, 1],
  ]);
});

test("operations that no output needs are left out", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 2, 2, 2, 2]);
  builder.softmax(x);
  builder.output("y", builder.argMax(x));
  assert.deepEqual(
    builder.build().operations.map(({ type }) => type),
    ["argMax"],
  );
});

test("what has no derivative is refused by name", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 2, 3, 2, 2]);
  const labels = builder.input("labels", [1, 2, 2, 2], "uint8");
  const part = builder.crop3d(x, [1, 0, 0], [2, 2, 2]);
  const loss = builder.loss(builder.softmax(part), labels, lossFormula({ name: "cross-entropy" }));
  assert.throws(() => addGradients(builder, loss, [x]), {
    code: "not-differentiable",
    message: "crop3d has no adjoint",
  });
  const apart = builder.input("apart", [1]);
  assert.throws(() => addGradients(builder, loss, [apart]), { code: "not-differentiable" });
});

test("segmentation puts the margin around the volume, up to a multiple of 4, and gives the volume's own extent", () => {
  assert.deepEqual(paddedExtent([20, 23, 26], 25, 4), [72, 76, 76]);
  assert.deepEqual(paddedExtent([20, 23, 26], 25, 8), [72, 80, 80]);
  const graph = predictionGraph({ classes: 3, filters: [4, 4, 4] }, [20, 23, 26]);
  const shapeOf = (value: number) => graph.values[value]!.shape;
  assert.deepEqual(shapeOf(graph.inputs.x!), [1, 1, 20, 23, 26]);
  const [first] = graph.operations;
  assert.ok(first?.type === "conv3d");
  assert.deepEqual(shapeOf(first.output), [1, 4, 72, 76, 76]);
  assert.deepEqual(shapeOf(graph.outputs.labels!), [1, 20, 23, 26]);
  assert.deepEqual(shapeOf(graph.outputs.scores!), [1, 3, 20, 23, 26]);
});
