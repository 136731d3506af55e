import assert from "node:assert/strict";
import { test } from "node:test";
import { floatingPointOperations, peakBytes } from "../../src/network/cost.ts";
import { GraphBuilder } from "../../src/network/graph.ts";

/** x (1, 1, 2, 4, 6) → conv 1→3 → conv 3→5 → softmax. 48 voxels. */
function chain() {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 2, 4, 6]);
  const first = builder.conv3d(x, builder.input("k1", [3, 1, 3, 3, 3]), { relu: true });
  const second = builder.conv3d(first, builder.input("k2", [5, 3, 3, 3, 3]), {
    bias: builder.input("b2", [5]),
  });
  builder.output("y", builder.softmax(second));
  return builder.build();
}

const inputBytes = 4 * (48 + 3 * 27 + 5 * 3 * 27 + 5);

test("the peak of a chain: the inputs, and operand and result of its widest step", () => {
  // while the softmax runs: its operand and its result, 5 channels each
  assert.equal(peakBytes(chain()), inputBytes + 4 * 48 * (5 + 5));
});

test("channels stored in groups take the whole group", () => {
  assert.equal(peakBytes(chain(), 4), inputBytes + 4 * 48 * (8 + 8));
  assert.equal(peakBytes(chain(), 16), inputBytes + 4 * 48 * (16 + 16));
});

test("what an operation needs while it runs is added while it runs", () => {
  const bytes = peakBytes(chain(), 1, ({ type }) => (type === "conv3d" ? 10_000 : 0));
  // the second convolution: 3 channels in, 5 out
  assert.equal(bytes, inputBytes + 4 * 48 * (3 + 5) + 10_000);
});

test("a value that is needed later stays: a skip connection", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 4, 2, 4, 6]);
  const skipped = builder.conv3d(x, builder.input("k", [4, 4, 1, 1, 1]));
  const pooled = builder.maxPool3d(skipped);
  const up = builder.upsample3d(pooled);
  builder.output("y", builder.argMax(builder.concat([up, skipped])));
  const inputs = 4 * (4 * 48 + 16);
  // at the concatenation: both parts and the whole; the pooled values are free again
  assert.equal(peakBytes(builder.build()), inputs + 4 * 48 * (4 + 4 + 8));
});

test("outputs stay to the end; labels are bytes", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 3, 2, 4, 6]);
  builder.output("labels", builder.argMax(x));
  builder.output("scores", builder.softmax(x));
  assert.equal(peakBytes(builder.build()), 4 * 3 * 48 + 48 + 4 * 3 * 48);
});

test("operations: two for each product of a convolution", () => {
  assert.equal(floatingPointOperations(chain()), 2 * 48 * 27 * (1 * 3 + 3 * 5));
});
