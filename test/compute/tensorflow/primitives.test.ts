import { testPrimitives } from "../../support/primitive-suite.ts";
import { tensorflowOnCpu } from "../../support/tensorflow-on-cpu.ts";

/** Both formulations of the convolution. */
testPrimitives(
  (["volume", "planes"] as const).map((formulation) => {
    const engine = tensorflowOnCpu(formulation);
    return { name: engine.device, compile: (graph) => engine.compile(graph) };
  }),
);
