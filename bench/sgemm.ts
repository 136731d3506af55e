import { createRequire } from "node:module";
import { ModelBuilder } from "../src/compute/onnx/model.ts";

/** GFLOP/s of onnxruntime's matrix product, 1536³: the best of seven. */
export async function sgemm(threads: number): Promise<number> {
  const runtime: typeof import("onnxruntime-node") = createRequire(import.meta.url)("onnxruntime-node");
  const side = 1536;
  const model = new ModelBuilder();
  const product = model.node("MatMul", [
    model.input("a", "float32", [side, side]),
    model.input("b", "float32", [side, side]),
  ]);
  model.output("c", product, "float32", [side, side]);
  const session = await runtime.InferenceSession.create(await model.encode(), { intraOpNumThreads: threads });
  const tensor = () => new runtime.Tensor("float32", new Float32Array(side * side).fill(0.5), [side, side]);
  const feeds = { a: tensor(), b: tensor() };
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 7; repeat++) {
    const start = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - start);
  }
  await session.release();
  return (2 * side ** 3) / best / 1e6;
}
