import assert from "node:assert/strict";
import { test } from "node:test";
import { scheduleGraph } from "../../../src/compute/tensorflow/differentiation.ts";
import { addGradients } from "../../../src/network/gradient.ts";
import { GraphBuilder } from "../../../src/network/graph.ts";
import { lossFormula } from "../../../src/network/losses.ts";
import { deepFinderAdam, trainingGraph } from "../../../src/network/training-graph.ts";

const loss = { name: "dice" } as const;

test("of a training step, what leads to the loss is differentiated; Adam and the labels are left, no adjoint", () => {
  const network = { classes: 3, filters: [2, 3, 4] as const };
  const graph = trainingGraph(network, { batch: 1, extent: [4, 4, 8] }, loss, deepFinderAdam);
  const { differentiated, operations } = scheduleGraph(graph);
  assert.deepEqual(new Set(operations.map(({ type }) => type)), new Set(["argMax", "adam"]));
  const forward = new Set(differentiated!.operations.map(({ type }) => type));
  assert.deepEqual(forward, new Set(["conv3d", "maxPool3d", "upsample3d", "concat", "softmax", "loss"]));
  assert.equal(differentiated!.wanted.length, 30);
  const kept = differentiated!.kept.map(
    (value) =>
      graph.operations.find((operation) => "output" in operation && operation.output === value)!.type,
  );
  assert.deepEqual(kept, ["softmax", "loss"]);
});

test("an output may be a derivative, or computed from one", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 2, 1, 2, 3]);
  const labels = builder.input("labels", [1, 1, 2, 3], "uint8");
  const value = builder.loss(builder.softmax(x), labels, lossFormula(loss));
  const derivative = addGradients(builder, value, [x]).get(x)!;
  builder.output("d", derivative);
  builder.output("twice", builder.add(derivative, derivative));
  const graph = builder.build();
  const { differentiated, operations } = scheduleGraph(graph);
  assert.deepEqual(
    operations.map(({ type }) => type),
    ["add"],
  );
  assert.deepEqual(
    differentiated!.wanted.map(({ of }) => of),
    [x],
  );
});

test("a graph without derivatives runs as it is, adjoints that it asks for included", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 2, 2, 2, 2]);
  builder.output("sum", builder.sumPool3d(x));
  const graph = builder.build();
  assert.deepEqual(scheduleGraph(graph), { differentiated: undefined, operations: graph.operations });
});
