/** Chunks of planes on TensorFlow.js, and what the onnx engine would plan for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../../src/compute/engine.ts";
import { createOnnxEngine } from "../../../src/compute/onnx/engine.ts";
import { runOnce } from "../../../src/compute/run-once.ts";
import type { Graph } from "../../../src/network/graph.ts";
import { predictionGraph } from "../../../src/network/prediction-graph.ts";
import { type Ranges3, restrictToBoxes } from "../../../src/network/restrict.ts";
import { streamPlanes } from "../../../src/network/stream-planes.ts";
import { assertClose, randomFeeds } from "../../support/feeds.ts";
import { chunkFeeds, joinChunks } from "../../support/streaming.ts";
import { tensorflowOnCpu } from "../../support/tensorflow-on-cpu.ts";

function graphOf(depth: number): Graph {
  const box: Ranges3 = [
    [0, depth],
    [0, 4],
    [0, 6],
  ];
  return restrictToBoxes(predictionGraph({ classes: 3, filters: [3, 4] }, [depth, 4, 6], 5), { scores: box })
    .graph;
}

test("chunks of planes equal the whole of the onnx engine", async () => {
  const graph = graphOf(9);
  const random = Object.entries(randomFeeds(graph, 3)).map(([name, { shape, data }]) => {
    const scale = name.endsWith("/kernel") ? 0.2 : 1;
    return [name, { shape, data: Float32Array.from(data, (value) => scale * value) }] as const;
  });
  const feeds = Object.fromEntries(random);
  const { scores } = await runOnce(await createOnnxEngine({ threads: 1 }), graph, feeds);
  for (const planes of [2, 5]) {
    const streamed = streamPlanes(graph, planes);
    const results = await runOnce(
      tensorflowOnCpu("volume"),
      streamed.graph,
      chunkFeeds(streamed, graph, feeds),
    );
    assertClose(joinChunks(streamed.outputs.scores!, results), scores!.data, {
      relative: 1e-5,
      what: `chunks of ${planes}`,
    });
  }
});

test("what is planned for chunks grows with the depth by what is fed and returned alone", async () => {
  const tensorflow = tensorflowOnCpu("volume");
  const bytes = (engine: Engine, depth: number) => engine.planBytes(streamPlanes(graphOf(depth), 4).graph);
  const returned = 4 * 4 * 4 * 6; // a plane of the volume, and of its three scores
  assert.ok(bytes(tensorflow, 120) - bytes(tensorflow, 60) <= 60 * returned);
  assert.ok(tensorflow.planBytes(graphOf(120)) > 2 * bytes(tensorflow, 120));
  const onnx = await createOnnxEngine({ threads: 1 });
  const ratio = bytes(onnx, 120) / onnx.planBytes(graphOf(120));
  assert.ok(ratio > 0.5 && ratio < 2, `onnx streams either way: ${ratio}`);
});
