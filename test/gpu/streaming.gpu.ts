/** Chunks of planes on the GPU: the same labels and scores as the whole and as the onnx engine's, in memory that does not grow with the depth. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Tensors } from "../../src/compute/engine.ts";
import { createOnnxEngine } from "../../src/compute/onnx/engine.ts";
import { runOnce } from "../../src/compute/run-once.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { Random } from "../../src/core/random.ts";
import type { Graph } from "../../src/network/graph.ts";
import { networkParameters } from "../../src/network/networks.ts";
import { initialParameters } from "../../src/network/parameters.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { type Ranges3, restrictToBoxes } from "../../src/network/restrict.ts";
import { streamPlanes } from "../../src/network/stream-planes.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { assertClose, randomFeeds } from "../support/feeds.ts";
import { chunkFeeds, joinChunks } from "../support/streaming.ts";

const network = { classes: 3, filters: [3, 4] };
/** Less than DeepFinder's 25, for time. */
const margin = 5;

/** Submits so little at a time that chunks are apart, as those of real volumes are. */
const engine = await createWebgpuEngine({ submissionWork: 2e5 });
after(() => engine.dispose());

const graphOf = (shape: Shape3): Graph => {
  const box = shape.map((length) => [0, length]) as unknown as Ranges3;
  return restrictToBoxes(predictionGraph(network, shape, margin), { labels: box, scores: box }).graph;
};

function feedsOf(graph: Graph): Tensors {
  const random = new Random(24);
  const parameters = initialParameters(networkParameters(network), random, "he");
  const weights = networkParameters(network).map(({ name, shape }) => {
    const data = parameters.get(name)!;
    return [name, { shape, data: shape.length > 1 ? data : data.map(() => 0.1 * random.normal()) }] as const;
  });
  return { ...randomFeeds(graph, 4), ...Object.fromEntries(weights) };
}

test("chunks of planes equal the whole, and the onnx engine's", async () => {
  const graph = graphOf([9, 4, 6]);
  const feeds = feedsOf(graph);
  const whole = await runOnce(engine, graph, feeds);
  const onnx = await runOnce(await createOnnxEngine({ threads: 1 }), graph, feeds);
  assert.equal(new Set(whole.labels!.data).size, 3, "a test of one class would test little");
  assertClose(whole.scores!.data, onnx.scores!.data, { relative: 1e-5, what: "the whole" });
  for (const planes of [4, 3]) {
    const streamed = streamPlanes(graph, planes);
    const results = await runOnce(engine, streamed.graph, chunkFeeds(streamed, graph, feeds));
    const scores = joinChunks(streamed.outputs.scores!, results);
    assertClose(scores, whole.scores!.data, { relative: 1e-6, what: `scores in chunks of ${planes}` });
    assert.deepEqual(joinChunks(streamed.outputs.labels!, results), whole.labels!.data);
  }
  assert.deepEqual(engine.buffers(), { count: 0, bytes: 0 });
});

test("buffers do not grow with the depth", async () => {
  const bytesOf = async (depth: number): Promise<number> => {
    const { graph } = streamPlanes(graphOf([depth, 4, 6]), 4);
    const program = await engine.compile(graph);
    const { bytes } = engine.buffers();
    assert.equal(bytes, engine.planBytes(graph));
    await program.dispose();
    return bytes;
  };
  const short = await bytesOf(24);
  assert.equal(await bytesOf(48), short);
  assert.ok(engine.planBytes(graphOf([48, 4, 6])) > 2 * short);
});
