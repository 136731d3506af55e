import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../../src/compute/engine.ts";
import { createOnnxEngine } from "../../../src/compute/onnx/engine.ts";
import { disagreement } from "../../../src/compute/webgpu/check/self-check.ts";

test("an engine that agrees passes; one weight that is wrong, or no number, is told", async () => {
  const engine = await createOnnxEngine({ threads: 2 });
  assert.equal(await disagreement(engine), undefined);
  for (const [error, said] of [
    [0.01, /^conv3d_3.kernel after a training step differs .* by 0\.0\d+ of/],
    [Number.NaN, /^conv3d_3.kernel .* by NaN of/],
  ] as const) {
    const compile: Engine["compile"] = async (graph) => {
      const program = await engine.compile(graph);
      return {
        ...program,
        run: async (feeds) => {
          const results = await program.run(feeds);
          results["conv3d_3/kernel"]!.data[5]! += error;
          return results;
        },
      };
    };
    assert.match((await disagreement({ compile })) ?? "", said);
  }
});
