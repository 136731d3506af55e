import assert from "node:assert/strict";
import { test } from "node:test";
import { lowerGraph } from "../../src/compute/onnx/lower.ts";
import { type Axes3, type Graph, GraphBuilder } from "../../src/network/graph.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { restrictToBoxes } from "../../src/network/restrict.ts";

const network = { classes: 3, filters: [16, 16, 16] } as const;

/** Nodes of segmenting a volume of so many planes, with a margin of `margin` voxels. */
const nodes = (planes: number, margin: number): number => {
  const shape: Axes3 = [planes, 8, 8];
  const graph = predictionGraph(network, shape, margin);
  const whole = {
    labels: [
      [0, planes],
      [0, 8],
      [0, 8],
    ],
  } as const;
  return lowerGraph(restrictToBoxes(graph, whole).graph, 16).nodeCount;
};

test("planes of the margin are computed once: a wider margin costs nothing along z", () => {
  const [narrow, wide] = [nodes(16, 40), nodes(16, 80)];
  assert.equal(wide, narrow);
  // twice the volume does cost
  assert.ok(nodes(32, 40) > 1.4 * narrow);
});

test("equal planes of a 2×2×2 convolution after upsampling are convolved once", () => {
  const convolutions = (build: (builder: GraphBuilder) => void): number => {
    const builder = new GraphBuilder();
    build(builder);
    const graph: Graph = builder.build();
    return lowerGraph(graph, 16).countOf("Conv");
  };
  const kernel = (builder: GraphBuilder) => builder.input("kernel", [16, 16, 2, 2, 2]);
  const plain = convolutions((builder) => {
    builder.output("y", builder.conv3d(builder.input("x", [1, 16, 8, 4, 4]), kernel(builder)));
  });
  const upsampled = convolutions((builder) => {
    builder.output(
      "y",
      builder.conv3d(builder.upsample3d(builder.input("x", [1, 16, 4, 2, 2])), kernel(builder)),
    );
  });
  assert.equal(plain, 15, "two a plane, one for the last");
  assert.equal(
    upsampled,
    11,
    "one for planes of one source, two for those between sources, one for the last",
  );
});
