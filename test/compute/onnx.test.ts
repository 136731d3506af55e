import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import { testPrimitives } from "../support/primitive-suite.ts";

/** This processor's own layout, and the plain one that processors without blocked kernels get. */
testPrimitives(
  [undefined, 1].map((block) => ({
    name: `block ${block}`,
    compile: (graph) => compileOnnx(graph, { threads: 2, block }),
  })),
);
