/** What every engine must compute: each primitive, its gradient, and a whole training step, against the oracle. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Program, Tensors } from "../../src/compute/engine.ts";
import { Random } from "../../src/core/random.ts";
import { addGradients } from "../../src/network/gradient.ts";
import { type Graph, GraphBuilder, type ValueId } from "../../src/network/graph.ts";
import { type LossChoice, lossFormula } from "../../src/network/losses.ts";
import { type Architecture, networkParameters } from "../../src/network/networks.ts";
import { trainingGraph } from "../../src/network/training-graph.ts";
import { assertClose, lossGraph, randomFeeds, withUnknown } from "./feeds.ts";
import { lossExamples, nameOf } from "./loss-examples.ts";
import { drawnParameters, networkExamples, titleOf } from "./network-examples.ts";
import { oracleGradients, runOracle } from "./oracle.ts";

const tversky: LossChoice = { name: "dice" };

/** An engine, or one of its ways of running graphs. */
export interface Compiler {
  readonly name: string;
  compile(graph: Graph): Promise<Program>;
}

/** Declares the tests; each runs on all of `compilers`. */
export function testPrimitives(compilers: readonly Compiler[]): void {
  async function compareForward(build: (builder: GraphBuilder) => ValueId, seed: number): Promise<void> {
    const builder = new GraphBuilder();
    builder.output("y", build(builder));
    const graph = builder.build();
    const feeds = randomFeeds(graph, seed);
    const expected = runOracle(graph, feeds);
    for (const { name: engine, compile } of compilers) {
      const program = await compile(graph);
      const { y } = await program.run(feeds);
      await program.dispose();
      assert.deepEqual(y!.shape, graph.values[graph.outputs.y!]!.shape);
      assertClose(y!.data, expected.y!, { relative: 1e-5, what: engine });
    }
  }

  /** Gradients of a loss on top of what `build` returns, for every float input. */
  async function compareGradients(
    build: (builder: GraphBuilder) => ValueId,
    seed: number,
    loss: LossChoice = tversky,
  ): Promise<void> {
    const { forward, backward: graph, wanted, classes } = lossGraph(build, loss);
    const drawn = randomFeeds(graph, seed, classes);
    const feeds = loss.unknownWeight === undefined ? drawn : withUnknown(drawn);
    const expected = oracleGradients(forward, feeds, { loss: "loss", wanted });
    const expectedLoss = runOracle(forward, feeds).loss!;
    for (const { name: engine, compile } of compilers) {
      const program = await compile(graph);
      const result = await program.run(feeds);
      await program.dispose();
      assertClose(result.loss!.data, expectedLoss, { relative: 1e-5, what: `loss, ${engine}` });
      for (const name of wanted)
        assertClose(result[`d/${name}`]!.data, expected[name]!, {
          relative: 1e-4,
          what: `d/${name}, ${engine}`,
        });
    }
  }

  for (const [into, out, size, batch] of [
    [1, 5, 3, 1],
    [1, 16, 3, 2],
    [3, 7, 3, 3],
    [16, 32, 3, 2],
    [20, 18, 3, 2],
    [16, 16, 2, 1],
    [33, 5, 1, 2],
  ] as const) {
    const convolution = (builder: GraphBuilder, classes: number = out) => {
      const x = builder.input("x", [batch, into, 4, 6, 5]);
      const kernel = builder.input("kernel", [classes, into, size, size, size]);
      return builder.conv3d(x, kernel, { bias: builder.input("bias", [classes]), relu: classes === out });
    };
    test(`conv3d ${into}→${out}, ${size}³, batch ${batch} equals tfjs`, () => compareForward(convolution, 1));
    test(`conv3d ${into}→${out}, ${size}³, batch ${batch}: gradients equal tfjs's`, () =>
      compareGradients((b) => convolution(b), 2));
  }

  test("conv3d with one-sided and no padding equals tfjs", () =>
    compareForward((builder) => {
      const x = builder.input("x", [2, 17, 5, 6, 7]);
      const kernel = builder.input("kernel", [4, 17, 3, 3, 3]);
      return builder.conv3d(x, kernel, {
        padding: [
          [1, 0],
          [0, 1],
          [0, 0],
        ],
      });
    }, 3));

  test("conv3d with one-sided and no padding: gradients equal tfjs's", () =>
    compareGradients((builder) => {
      const x = builder.input("x", [2, 17, 5, 6, 7]);
      const kernel = builder.input("kernel", [4, 17, 3, 3, 3]);
      return builder.conv3d(x, kernel, {
        padding: [
          [1, 0],
          [0, 1],
          [0, 0],
        ],
      });
    }, 3));

  for (const [into, out, size] of [
    [1, 16, 3],
    [3, 5, 3],
    [16, 16, 3],
    [20, 6, 2],
  ] as const)
    test(`conv3d ${into}→${out}, ${size}³, with zeros wider than the kernel equals tfjs`, () =>
      compareForward((builder) => {
        const x = builder.input("x", [1, into, 2, 3, 4]);
        const kernel = builder.input("kernel", [out, into, size, size, size]);
        const bias = builder.input("bias", [out]);
        return builder.conv3d(x, kernel, {
          bias,
          relu: true,
          padding: [
            [5, 4],
            [3, 6],
            [1, 7],
          ],
        });
      }, 7));

  for (const channels of [3, 16])
    test(`upsample3d, crop3d, conv3d 2³, ${channels} channels: planes that are the same equal tfjs`, () =>
      compareForward((builder) => {
        const x = builder.input("x", [2, channels, 3, 2, 4]);
        const part = builder.crop3d(builder.upsample3d(x), [1, 1, 2], [4, 3, 5]);
        return builder.conv3d(part, builder.input("kernel", [channels, channels, 2, 2, 2]));
      }, 8));

  test("a batch larger than a block is summed in groups", () =>
    compareGradients((builder) => {
      const x = builder.input("x", [19, 2, 2, 3, 4]);
      const middle = builder.conv3d(x, builder.input("k1", [16, 2, 3, 3, 3]), { relu: true });
      return builder.conv3d(middle, builder.input("k2", [3, 16, 3, 3, 3]));
    }, 4));

  for (const channels of [3, 16, 21]) {
    test(`maxPool3d, upsample3d, crop3d, ${channels} channels equal tfjs`, () =>
      compareForward((builder) => {
        const x = builder.input("x", [2, channels, 4, 6, 8]);
        const up = builder.upsample3d(builder.maxPool3d(x));
        return builder.crop3d(builder.add(up, x), [1, 2, 3], [3, 3, 4]);
      }, 5));
    test(`maxPool3d, upsample3d, concat, ${channels} channels: gradients equal tfjs's`, () =>
      compareGradients((builder) => {
        const x = builder.input("x", [2, channels, 4, 6, 8]);
        const up = builder.upsample3d(builder.maxPool3d(x));
        const joined = builder.concat([up, x]);
        return builder.conv3d(joined, builder.input("kernel", [3, 2 * channels, 3, 3, 3]));
      }, 6));
  }

  for (const channels of [3, 16])
    test(`joinPlanes, zeros, ${channels} channels: ranges of planes, cut in y and x, equal tfjs`, () =>
      compareForward((builder) => {
        const x = builder.input("x", [2, channels, 5, 6, 7]);
        const kernel = builder.input("kernel", [channels, channels, 3, 3, 3]);
        const y = builder.conv3d(x, kernel, { bias: builder.input("bias", [channels]) });
        const zeros = builder.zeros([2, channels, 2, 6, 7]);
        const parts = [
          { x: y, start: [3, 1, 0], count: 2 },
          { x, start: [0, 0, 2], count: 3 },
          { x: zeros, start: [1, 0, 0], count: 1 },
          { x: y, start: [3, 1, 2], count: 1 },
        ] as const;
        const joined = builder.joinPlanes(parts, [5, 5]);
        const whole = builder.joinPlanes(
          [
            { x: y, start: [1, 0, 0], count: 4 },
            { x: y, start: [0, 0, 0], count: 3 },
          ],
          [6, 7],
        );
        const both = builder.concat([joined, builder.crop3d(whole, [0, 1, 1], [7, 5, 5])]);
        return builder.conv3d(both, builder.input("k2", [5, 2 * channels, 2, 2, 2]));
      }, 10));

  test("a convolution of zeros is its bias; planes of one channel from several values equal tfjs", () =>
    compareForward((builder) => {
      const x = builder.input("x", [1, 1, 3, 4, 5]);
      const parts = [
        { x: builder.zeros([1, 1, 2, 4, 5]), start: [0, 0, 0], count: 2 },
        { x, start: [1, 0, 0], count: 2 },
        { x: builder.input("next", [1, 1, 2, 4, 5]), start: [0, 0, 0], count: 1 },
      ] as const;
      const kernel = builder.input("kernel", [16, 1, 3, 3, 3]);
      return builder.conv3d(builder.joinPlanes(parts, [4, 5]), kernel, {
        bias: builder.input("bias", [16]),
        relu: true,
        padding: [
          [4, 0],
          [1, 1],
          [1, 1],
        ],
      });
    }, 11));

  test("softmax and argMax equal tfjs", async () => {
    await compareForward((builder) => builder.softmax(builder.input("x", [2, 5, 2, 3, 4])), 7);
    await compareForward((builder) => builder.argMax(builder.input("x", [2, 5, 2, 3, 4])), 7);
  });

  const logits = (builder: GraphBuilder) => builder.input("x", [2, 4, 2, 3, 5]);

  for (const loss of lossExamples)
    test(`the loss ${nameOf(loss)}: value and gradient equal tfjs's`, () =>
      compareGradients(logits, 8, loss));

  test("ties of a maximum share its gradient equally, and their sum is kept", async () => {
    const builder = new GraphBuilder();
    const x = builder.input("x", [1, 16, 2, 2, 2]);
    const y = builder.maxPool3d(x);
    builder.output("d", builder.maxPool3dGradient(x, y, builder.input("g", [1, 16, 1, 1, 1])));
    const program = await compilers[0]!.compile(builder.build());
    const data = new Float32Array(128);
    data.set([1, 3, 3, 0, 3, 3, -1, 2]);
    const { d } = await program.run({
      x: { shape: [1, 16, 2, 2, 2], data },
      g: { shape: [1, 16, 1, 1, 1], data: new Float32Array(16).fill(8) },
    });
    await program.dispose();
    assert.deepEqual([...d!.data.slice(0, 8)], [0, 2, 2, 0, 2, 2, 0, 0]);
    assert.deepEqual([...d!.data.slice(8, 16)], Array(8).fill(1));
  });

  test("an absent class gives a finite loss and gradient", async () => {
    const builder = new GraphBuilder();
    const labels = builder.input("labels", [2, 2, 3, 5], "uint8");
    const x = logits(builder);
    const value = builder.loss(builder.softmax(x), labels, lossFormula(tversky));
    builder.output("loss", value);
    builder.output("d", addGradients(builder, value, [x]).get(x)!);
    const program = await compilers[0]!.compile(builder.build());
    const data = new Float32Array(2 * 4 * 30);
    for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / 30) % 4 === 0 ? 200 : -200;
    const result = await program.run({
      labels: { shape: [2, 2, 3, 5], data: new Uint8Array(60) },
      x: { shape: [2, 4, 2, 3, 5], data },
    });
    await program.dispose();
    assert.equal(result.loss!.data[0], 3);
    assert.ok([...result.d!.data].every((value) => Number.isFinite(value)));
  });

  for (const [shape, step] of [
    [[7], 0],
    [[3, 5, 2, 2, 2], 4],
    [[3, 5, 2, 2, 2], 100_000],
  ] as const)
    test(`movingAverage of ${shape.join("×")}, step ${step}: long-lived only after the first steps`, async () => {
      const builder = new GraphBuilder();
      const average = builder.input("average", shape);
      const value = builder.input("value", shape);
      const options = { step: builder.input("step", [1]), decay: 0.98 };
      builder.output("y", builder.movingAverage(average, value, options));
      const graph = builder.build();
      const { average: before, value: now } = randomFeeds(graph, 12) as Record<string, Tensors[string]>;
      const feeds = {
        average: before!,
        value: now!,
        step: { shape: [1], data: Float32Array.of(step) },
      };
      const kept = Math.min(0.98, (1 + step) / (10 + step));
      const expected = Float32Array.from(before!.data, (old, i) => kept * old + (1 - kept) * now!.data[i]!);
      for (const { name: engine, compile } of compilers) {
        const program = await compile(graph);
        const { y } = await program.run(feeds);
        await program.dispose();
        assertClose(y!.data, expected, { relative: 1e-6, what: engine });
      }
    });

  for (const network of networkExamples([5, 16, 7]).slice(0, 2))
    test(`a whole training step of ${titleOf(network)} equals tfjs's gradients followed by Adam`, () =>
      compareTrainingStep(network));

  async function compareTrainingStep(network: Architecture): Promise<void> {
    const graph = trainingGraph(network, { batch: 2, extent: [4, 8, 12] }, tversky, {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      averageDecay: 0.9,
    });
    const feeds: Record<string, Tensors[string]> = { ...randomFeeds(graph, 10) };
    const random = new Random(11);
    for (const [name, data] of drawnParameters(network, random)) {
      feeds[name] = { shape: feeds[name]!.shape, data };
      feeds[`mean/${name}`] = { shape: feeds[name]!.shape, data: new Float32Array(data.length) };
      feeds[`variance/${name}`] = {
        shape: feeds[name]!.shape,
        data: new Float32Array(data.length).fill(0.02),
      };
    }
    feeds.rate = { shape: [1], data: Float32Array.of(0.1) };
    feeds.step = { shape: [1], data: Float32Array.of(5) };
    const names = networkParameters(network).map(({ name }) => name);
    const forward: Graph = {
      ...graph,
      outputs: { loss: graph.outputs.loss! },
      operations: graph.operations.filter(
        ({ type }) => !/adient|adam|Average|transposeKernel|sum|slice/.test(type),
      ),
    };
    const needed = new Set<string>([
      "conv3d",
      "maxPool3d",
      "upsample3d",
      "concat",
      "add",
      "softmax",
      "loss",
      "argMax",
    ]);
    const lossIndex = forward.operations.findIndex(({ type }) => type === "loss");
    const pruned = {
      ...forward,
      operations: forward.operations.slice(0, lossIndex + 1).filter(({ type }) => needed.has(type)),
    };
    const expected = oracleGradients(pruned, feeds, { loss: "loss", wanted: names });
    for (const { name: engine, compile } of compilers) {
      const program = await compile(graph);
      const result = await program.run(feeds);
      await program.dispose();
      for (const name of names) {
        const mean = expected[name]!.map((g) => 0.1 * g);
        const variance = expected[name]!.map((g) => 0.999 * 0.02 + 0.001 * g * g);
        const parameter = mean.map(
          (m, i) => feeds[name]!.data[i]! - (0.1 * m) / (Math.sqrt(variance[i]!) + 1e-8),
        );
        assertClose(result[`mean/${name}`]!.data, mean, {
          relative: 1e-4,
          what: `mean of ${name}, ${engine}`,
        });
        assertClose(result[name]!.data, parameter, { relative: 1e-5, what: `${name}, ${engine}` });
        const average = parameter.map((p, i) => 0.4 * feeds[`average/${name}`]!.data[i]! + 0.6 * p);
        assertClose(result[`average/${name}`]!.data, average, {
          relative: 1e-5,
          what: `average of ${name}, ${engine}`,
        });
        assertClose(result[`variance/${name}`]!.data, variance, {
          relative: 1e-5,
          what: `variance of ${name}, ${engine}`,
        });
      }
    }
  }
}
