import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { networkParameters } from "../../src/network/networks.ts";
import { initialParameters } from "../../src/network/parameters.ts";

const shape = [24, 10, 3, 3, 3] as const;
const definitions = [
  { name: "layer/kernel", shape },
  { name: "layer/bias", shape: [24] },
];

for (const [initialization, limit] of [
  ["glorot", Math.sqrt(6 / ((10 + 24) * 27))],
  ["he", Math.sqrt(6 / (10 * 27))],
] as const)
  test(`${initialization}: uniform in ±${limit.toFixed(4)}, biases 0`, () => {
    const parameters = initialParameters(definitions, new Random(1), initialization);
    const kernel = parameters.get("layer/kernel")!;
    assert.equal(kernel.length, 24 * 10 * 27);
    assert.deepEqual(parameters.get("layer/bias"), new Float32Array(24));
    assert.ok(kernel.every((value) => Math.abs(value) <= limit));
    assert.ok(Math.max(...kernel) > 0.99 * limit && Math.min(...kernel) < -0.99 * limit);
    const mean = kernel.reduce((sum, value) => sum + value, 0) / kernel.length;
    const variance = kernel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kernel.length;
    assert.ok(Math.abs(mean) < 0.03 * limit, `mean ${mean}`);
    assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.04, `variance ${variance}`);
    const quarter = kernel.filter((value) => value < -limit / 2).length / kernel.length;
    assert.ok(
      Math.abs(quarter - 0.25) < 0.02,
      `a quarter of the values lies in the first quarter: ${quarter}`,
    );
  });

test("glorot unless told otherwise; a seed gives the same values, another seed others", () => {
  const kernel = (seed: number, ...rest: "he"[]) =>
    initialParameters(definitions, new Random(seed), ...rest).get("layer/kernel")!;
  assert.deepEqual(kernel(3), kernel(3));
  assert.notDeepEqual(kernel(3), kernel(4));
  const [glorot, he] = [kernel(3), kernel(3, "he")];
  assert.ok(Math.abs(he[5]! / glorot[5]! - Math.sqrt(34 / 10)) < 1e-6);
});

test("the parameters of a network in the order of its weight file", () => {
  const names = networkParameters({ classes: 3, filters: [4, 5, 6] });
  assert.equal(names.length, 30);
  assert.deepEqual(names.slice(0, 4), [
    { name: "conv3d/kernel", shape: [4, 1, 3, 3, 3] },
    { name: "conv3d/bias", shape: [4] },
    { name: "conv3d_1/kernel", shape: [4, 4, 3, 3, 3] },
    { name: "conv3d_1/bias", shape: [4] },
  ]);
  assert.deepEqual(names.slice(-2), [
    { name: "conv3d_14/kernel", shape: [3, 4, 1, 1, 1] },
    { name: "conv3d_14/bias", shape: [3] },
  ]);
});

test("a kernel that starts at zero is not drawn, and moves no other", () => {
  const [a, b] = [
    { name: "a/kernel", shape: [2, 1, 3, 3, 3] },
    { name: "b/kernel", shape: [2, 2, 1, 1, 1] },
  ] as const;
  const still = { name: "still/kernel", shape: [2, 2, 3, 3, 3], startsAtZero: true };
  const found = initialParameters([a, still, b], new Random(3));
  assert.deepEqual(found.get("still/kernel"), new Float32Array(108));
  const others = initialParameters([a, b], new Random(3));
  for (const { name } of [a, b]) assert.deepEqual(found.get(name), others.get(name));
});
