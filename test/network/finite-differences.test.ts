/** Every adjoint against central differences (of fourth order) of the loss, in the single precision of the engine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensors } from "../../src/compute/engine.ts";
import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import { Random } from "../../src/core/random.ts";
import type { GraphBuilder, ValueId } from "../../src/network/graph.ts";
import type { LossChoice } from "../../src/network/losses.ts";
import { addNetwork, networkParameters } from "../../src/network/networks.ts";
import { initialParameters } from "../../src/network/parameters.ts";
import { lossGraph, randomFeeds, withUnknown } from "../support/feeds.ts";
import { lossExamples, nameOf } from "../support/loss-examples.ts";

/** Length of the step in each input: long enough for single precision, short enough for the curvature. */
const step = 0.004;

const crossEntropy: LossChoice = { name: "cross-entropy" };

type Build = (builder: GraphBuilder) => ValueId;

interface Comparison {
  readonly loss?: LossChoice;
  readonly seed?: number;
  /** Of the gradient's length. */
  readonly tolerance?: number;
  readonly feeds?: Tensors;
}

async function compareWithDifferences(
  build: Build,
  { loss = crossEntropy, seed = 1, tolerance = 0.01, feeds: given = {} }: Comparison = {},
): Promise<void> {
  const { forward, backward, wanted, classes } = lossGraph(build, loss);
  const drawn = { ...randomFeeds(backward, seed, classes), ...given };
  const feeds = loss.unknownWeight === undefined ? drawn : withUnknown(drawn);
  const program = await compileOnnx(backward, { threads: 1 });
  const gradients = await program.run(feeds);
  await program.dispose();
  const lossProgram = await compileOnnx(forward, { threads: 1 });
  const lossAt = async (name: string, direction: Float32Array, length: number): Promise<number> => {
    const { shape, data } = feeds[name]!;
    const moved = Float32Array.from(data, (value, i) => value + length * direction[i]!);
    return (await lossProgram.run({ ...feeds, [name]: { shape, data: moved } })).loss!.data[0]!;
  };
  const random = new Random(seed + 1);
  for (const name of wanted) {
    const gradient = gradients[`d/${name}`]!.data as Float32Array;
    const length = Math.hypot(...gradient);
    assert.ok(length > 1e-3, `the gradient of ${name} is ${length}: nothing to test`);
    const directions = [
      gradient,
      ...[1, 2].map(() => Float32Array.from(gradient, () => random.normal())),
      Float32Array.from(gradient, (_, i) => (i === gradient.length >> 1 ? 1 : 0)),
    ].map((direction) => direction.map((value) => value / Math.hypot(...direction)));
    for (const [index, direction] of directions.entries()) {
      const across = async (length: number) =>
        (await lossAt(name, direction, length)) - (await lossAt(name, direction, -length));
      const difference = (8 * (await across(step)) - (await across(2 * step))) / (12 * step);
      const derivative = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      assert.ok(
        Math.abs(difference - derivative) <= tolerance * length,
        `${name}, direction ${index}: difference ${difference}, derivative ${derivative}, gradient ${length}`,
      );
    }
  }
  await lossProgram.dispose();
}

const volume = (builder: GraphBuilder, channels: number, name = "x") =>
  builder.input(name, [1, channels, 2, 4, 6]);

for (const [size, relu] of [
  [1, false],
  [2, true],
  [3, true],
] as const)
  test(`conv3d ${size}³${relu ? " with ReLU" : ""}: data, kernel and bias`, () =>
    compareWithDifferences((builder) => {
      const x = builder.input("x", [2, 3, 3, 5, 7]);
      const kernel = builder.input("kernel", [4, 3, size, size, size]);
      return builder.conv3d(x, kernel, { bias: builder.input("bias", [4]), relu });
    }));

test("conv3d with zeros on one side only, and with none", () =>
  compareWithDifferences((builder) => {
    const kernel = builder.input("kernel", [3, 2, 3, 3, 3]);
    return builder.conv3d(builder.input("x", [1, 2, 5, 4, 7]), kernel, {
      padding: [
        [1, 0],
        [0, 2],
        [0, 0],
      ],
    });
  }));

test("maxPool3d", () => compareWithDifferences((builder) => builder.maxPool3d(volume(builder, 3))));

test("upsample3d", () =>
  compareWithDifferences((builder) => builder.upsample3d(builder.input("x", [1, 3, 1, 3, 5]))));

test("concat of unequal numbers of channels", () =>
  compareWithDifferences((builder) =>
    builder.concat([volume(builder, 1), volume(builder, 3, "y"), volume(builder, 2, "z")]),
  ));

test("add, one value in both places too", () =>
  compareWithDifferences((builder) => {
    const x = volume(builder, 3);
    return builder.add(builder.add(x, volume(builder, 3, "y")), x);
  }));

test("softmax under a softmax", () =>
  compareWithDifferences((builder) => builder.softmax(builder.input("x", [1, 3, 1, 2, 3]))));

for (const loss of lossExamples)
  test(`the loss ${nameOf(loss)}`, () =>
    compareWithDifferences((builder) => builder.input("x", [2, 4, 1, 3, 5]), { loss }));

test("the whole network: every kernel and bias", () => {
  const network = { classes: 3, filters: [4, 5, 3] as const };
  const parameters = initialParameters(networkParameters(network), new Random(7), "he");
  const random = new Random(8);
  for (const [name, value] of parameters)
    if (name.endsWith("bias")) value.set(value.map(() => 0.3 * random.normal()));
  const feeds = Object.fromEntries(
    networkParameters(network).map(({ name, shape }) => [name, { shape, data: parameters.get(name)! }]),
  );
  const build: Build = (builder) => addNetwork(builder, network, { batch: 1, extent: [8, 12, 16] }).logits;
  // the step crosses bends of the rectifiers and the maxima, which a difference does not see as the derivative does
  return compareWithDifferences(build, { loss: { name: "dice-cross-entropy" }, feeds, tolerance: 0.05 });
});
