import assert from "node:assert/strict";
import { test } from "node:test";
import { createOnnxEngine } from "../../src/compute/onnx/engine.ts";
import { GraphBuilder } from "../../src/network/graph.ts";
import { type Architecture, addNetwork, networkParameters } from "../../src/network/networks.ts";
import { receptiveField } from "../../src/network/receptive-field.ts";

test("a voxel is seen from exactly as far as the receptive field says", async () => {
  const network: Architecture = { classes: 2, filters: [1, 1, 1] };
  const extent = [4, 8, 96] as const;
  const builder = new GraphBuilder();
  builder.output("logits", addNetwork(builder, network, { batch: 1, extent }).logits);
  const engine = await createOnnxEngine({ threads: 2 });
  const program = await engine.compile(builder.build());
  // Positive weights and no biases: an output is positive where it sees the one positive input, else zero.
  const weights = networkParameters(network).map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b));
    return [name, { shape, data: shape.length === 1 ? data : data.fill(0.1) }];
  });
  const reach = { before: 0, after: 0 };
  for (const seen of [46, 47, 48, 49]) {
    const data = new Float32Array(extent[0] * extent[1] * extent[2]);
    data[(1 * extent[1] + 3) * extent[2] + seen] = 1;
    const { logits } = await program.run({
      x: { shape: [1, 1, ...extent], data },
      ...Object.fromEntries(weights),
    });
    logits!.data.forEach((value, index) => {
      const x = index % extent[2];
      if (value === 0) return;
      reach.before = Math.max(reach.before, x - seen);
      reach.after = Math.max(reach.after, seen - x);
    });
  }
  await program.dispose();
  await engine.dispose();
  assert.deepEqual(receptiveField(network), reach);
  assert.deepEqual(receptiveField({ classes: 5, filters: [3, 2, 4] }), reach);
});

test("each resolution more sees about twice as far", () => {
  const reach = (filters: readonly number[]) => receptiveField({ classes: 2, filters }).before;
  assert.deepEqual(
    [
      [1, 1],
      [1, 1, 1],
      [1, 1, 1, 1],
    ].map(reach),
    [13, 31, 67],
  );
});
