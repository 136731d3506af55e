/** What holds of every network of the registry, so that a new one is tested by being listed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../src/network/graph.ts";
import { residualUnet3d } from "../../src/network/networks/residual-unet3d.ts";
import {
  addNetwork,
  networkLayers,
  networkOf,
  networkParameters,
  networks,
  sideMultipleOf,
} from "../../src/network/networks.ts";
import { networkExamples, titleOf } from "../support/network-examples.ts";

for (const architecture of [...networkExamples([3, 5, 4], 6), ...networkExamples([4, 2], 2)])
  test(`${titleOf(architecture)}: logits of the volume's extent, the same weights for every extent, the last of them the classes'`, () => {
    const multiple = sideMultipleOf(architecture);
    const extent = [multiple, 3 * multiple, 2 * multiple] as const;
    const builder = new GraphBuilder();
    const { logits, parameters } = addNetwork(builder, architecture, { batch: 2, extent });
    builder.output("logits", logits);
    assert.deepEqual(builder.shape(logits), [2, architecture.classes, ...extent]);
    const layers = networkLayers(architecture);
    const { inputs, operations } = builder.build();
    assert.deepEqual(Object.keys(inputs), [
      "x",
      ...layers.flatMap(({ name }) => [`${name}/kernel`, `${name}/bias`]),
    ]);
    assert.equal(operations.filter(({ type }) => type === "conv3d").length, layers.length);
    const definitions = networkParameters(architecture);
    assert.deepEqual(
      [...parameters].map(([name, value]) => [name, builder.shape(value)]),
      definitions.map(({ name, shape }) => [name, shape]),
    );
    assert.deepEqual(definitions.at(-1)!.shape, [architecture.classes]);
    const last = operations.at(-1)!;
    assert.ok(last.type === "conv3d" && last.output === logits && !last.relu);
    if (multiple > 1)
      assert.throws(
        () => addNetwork(new GraphBuilder(), architecture, { batch: 1, extent: [multiple / 2, 8, 8] }),
        { code: "graph-shape" },
      );
  });

test("names are told apart, and one that is not there is told", () => {
  assert.equal(new Set(networks.map(({ name }) => name)).size, networks.length);
  assert.equal(networkOf({}), networks[0]);
  assert.equal(networkOf({ name: "residual-unet3d" }), residualUnet3d);
  assert.throws(() => networkOf({ name: "vnet" }), {
    code: "network-unknown",
    message: /no network named vnet/,
    hint: /it has unet3d, residual-unet3d/,
  });
});

test("DeepFinder's layers: fifteen, of the original's sizes", () => {
  assert.deepEqual(
    networkLayers({ classes: 13, filters: [32, 48, 64] }).map(({ into, out, size }) => [into, out, size]),
    [
      [1, 32, 3],
      [32, 32, 3],
      [32, 48, 3],
      [48, 48, 3],
      [48, 64, 3],
      [64, 64, 3],
      [64, 64, 3],
      [64, 64, 3],
      [64, 64, 2],
      [112, 48, 3],
      [48, 48, 3],
      [48, 48, 2],
      [80, 32, 3],
      [32, 32, 3],
      [32, 13, 1],
    ],
  );
});
