import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensors } from "../../src/compute/engine.ts";
import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import { runOnce } from "../../src/compute/run-once.ts";
import { Random } from "../../src/core/random.ts";
import { floatingPointOperations } from "../../src/network/cost.ts";
import { type Graph, GraphBuilder } from "../../src/network/graph.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { extentOf, type Ranges3, restrictToBoxes } from "../../src/network/restrict.ts";
import { streamPlanes } from "../../src/network/stream-planes.ts";
import { randomFeeds } from "../support/feeds.ts";
import { networkExamples, titleOf } from "../support/network-examples.ts";
import { runOracle } from "../support/oracle.ts";
import { chunkFeeds, joinChunks } from "../support/streaming.ts";

const run = (graph: Graph, feeds: Tensors): Promise<Tensors> =>
  runOnce({ compile: (same) => compileOnnx(same, { threads: 2 }) }, graph, feeds);

/** Kernels so small that no probability is rounded to 0 or 1, which would hide differences. */
function mildFeeds(graph: Graph, seed: number): Tensors {
  const feeds = Object.entries(randomFeeds(graph, seed)).map(([name, { shape, data }]) => {
    const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
    const scale = name !== "x" && shape.length === 5 ? Math.sqrt(2 / fanIn) : 1;
    return [name, { shape, data: Float32Array.from(data, (value) => scale * value) }] as const;
  });
  return Object.fromEntries(feeds);
}

/** The streamed graph beside the graph itself, both on the onnx engine. */
async function compare(graph: Graph, planes: number, seed: number): Promise<void> {
  const feeds = mildFeeds(graph, seed);
  const expected = await run(graph, feeds);
  const streamed = streamPlanes(graph, planes);
  const results = await run(streamed.graph, chunkFeeds(streamed, graph, feeds));
  for (const [name, { data }] of Object.entries(expected))
    assert.deepEqual(
      joinChunks(streamed.outputs[name]!, results),
      data,
      `${name} in chunks of ${planes} planes, seed ${seed}`,
    );
  const work = floatingPointOperations(streamed.graph);
  assert.ok(work <= floatingPointOperations(graph), "no plane is computed twice");
  assert.equal(work, floatingPointOperations(streamPlanes(graph, 1000).graph), "for any chunks");
}

const shape = [23, 9, 14] as const;

for (const [network, seed] of (
  [
    [[3, 5], 1],
    [[4, 6, 5], 2],
    [[17, 4, 20], 3],
    [[2, 3, 4, 3], 4],
  ] as const
).flatMap(([filters, seed]) => networkExamples(filters).map((network) => [network, seed] as const)))
  test(`chunks of planes equal the whole, bit for bit, of random boxes: ${titleOf(network)}`, async () => {
    const random = new Random(seed);
    const whole = predictionGraph(network, shape);
    for (const planes of [1, 2, 3, 4, 7, 16]) {
      const box = shape.map((length, axis) => {
        const start = random.integer(0, axis === 0 ? 9 : length - 1);
        return [start, random.integer(axis === 0 ? 14 : start + 1, length)];
      }) as unknown as Ranges3;
      const { graph } = restrictToBoxes(whole, { labels: box, scores: box });
      await compare(graph, planes, 10 * seed + planes);
    }
  });

test("the whole volume with its margin, and without one", async () => {
  const network = { classes: 3, filters: [4, 6, 5] };
  for (const margin of [25, 0]) {
    const graph = predictionGraph(network, shape, margin);
    const box: Ranges3 = [
      [0, 23],
      [0, 9],
      [0, 14],
    ];
    for (const planes of [1, 8, 23, 40])
      await compare(restrictToBoxes(graph, { labels: box, scores: box }).graph, planes, planes + margin);
    await compare(restrictToBoxes(graph, { labels: box }).graph, 5, 3);
  }
});

test("every operation that has a meaning on a box, even kernels and zeros wider than a kernel, equals tfjs", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [2, 2, 10, 4, 6]);
  const wide = builder.conv3d(x, builder.input("k1", [2, 2, 3, 3, 3]), {
    bias: builder.input("b1", [2]),
    relu: true,
    padding: [
      [7, 9],
      [1, 1],
      [1, 1],
    ],
  });
  const pooled = builder.maxPool3d(wide);
  const up = builder.upsample3d(builder.add(pooled, pooled));
  const even = builder.conv3d(up, builder.input("k2", [3, 2, 2, 2, 2]));
  const narrow = builder.conv3d(builder.concat([even, wide]), builder.input("k3", [4, 5, 5, 1, 3]), {
    padding: [
      [0, 2],
      [0, 0],
      [1, 1],
    ],
  });
  const part = builder.crop3d(narrow, [3, 1, 2], [17, 2, 3]);
  const scores = builder.softmax(part);
  builder.output("scores", scores);
  builder.output("labels", builder.argMax(scores));
  builder.output("sum", builder.crop3d(builder.add(scores, part), [0, 0, 1], [17, 1, 2]));
  const graph = builder.build();
  const feeds = mildFeeds(graph, 5);
  const expected = runOracle(graph, feeds);
  for (const planes of [1, 2, 5, 6, 17]) {
    const streamed = streamPlanes(graph, planes);
    const results = runOracle(streamed.graph, chunkFeeds(streamed, graph, feeds));
    const tensors = Object.fromEntries(
      Object.entries(results).map(([name, data]) => {
        const { shape } = streamed.graph.values[streamed.graph.outputs[name]!]!;
        return [name, { shape, data }];
      }),
    );
    for (const [name, chunks] of Object.entries(streamed.outputs))
      assert.deepEqual(joinChunks(chunks, tensors), expected[name], `${name}, ${planes} planes`);
  }
});

test("chunks follow each other to the last plane; those of the input cover what is needed of it", () => {
  const graph = predictionGraph({ classes: 3, filters: [4, 4, 4] }, [50, 8, 8]);
  const { inputs, outputs } = streamPlanes(graph, 16);
  const ranges = outputs.labels!.map(({ box }) => box[0]);
  assert.deepEqual(ranges, [
    [0, 16],
    [16, 32],
    [32, 48],
    [48, 50],
  ]);
  let next = 0;
  for (const { box } of inputs.x!) {
    assert.equal(box[0][0], next);
    assert.ok(box[0][1] > next);
    assert.deepEqual(extentOf(box).slice(1), [8, 8]);
    next = box[0][1];
  }
  assert.equal(next, 50);
});

test("the largest value is that of a chunk, however deep the volume", () => {
  const largest = (depth: number): number => {
    const whole = predictionGraph({ classes: 3, filters: [4, 4, 4] }, [depth, 8, 8]);
    const { graph } = restrictToBoxes(whole, {
      labels: [
        [0, depth],
        [0, 8],
        [0, 8],
      ],
    });
    return Math.max(...streamPlanes(graph, 4).graph.values.map(({ shape }) => shape.reduce((a, b) => a * b)));
  };
  const [short, long] = [largest(40), largest(400)];
  assert.equal(long, short);
  assert.ok(short <= 6 * 4 * 60 ** 2, `${short} elements: four planes and two of halo, four channels`);
});

test("what has no meaning in chunks is refused", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 2, 4, 2, 2]);
  builder.output("sum", builder.sumToChannels(x));
  assert.throws(() => streamPlanes(builder.build(), 1), { code: "not-restrictable" });
  builder.output("y", builder.add(x, x));
  builder.output("half", builder.maxPool3d(x));
  assert.throws(() => streamPlanes(builder.build(), 1), { code: "not-restrictable" });
});
