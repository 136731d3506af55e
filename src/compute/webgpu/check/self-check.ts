/**
 * Whether a GPU computes what the processor does, asked before `auto` takes it: a small training step, whose operations are
 * all there are, beside the onnx engine.
 */
import { Random } from "../../../core/random.ts";
import type { Graph } from "../../../network/graph.ts";
import { deepFinderAdam, trainingGraph } from "../../../network/training-graph.ts";
import type { Engine, Tensors } from "../../engine.ts";
import { runOnce } from "../../run-once.ts";
import type { Precision } from "../device/precision.ts";

/** Largest difference, as a part of the largest value, that rounding explains. */
const tolerances: Readonly<Record<Precision, number>> = { f32: 1e-3, f16: 2e-2 };

/** What differs from the onnx engine, in words; undefined where nothing does. */
export async function disagreement(
  engine: Pick<Engine, "compile">,
  precision: Precision = "f32",
): Promise<string | undefined> {
  const graph = trainingGraph(
    { classes: 3, filters: [5, 16, 7] },
    { batch: 2, extent: [4, 8, 12] },
    { name: "dice" },
    deepFinderAdam,
  );
  const feeds = feedsOf(graph);
  const { compileOnnx } = await import("../../onnx/engine.ts");
  const expected = await runOnce({ compile: (same) => compileOnnx(same, { threads: 1 }) }, graph, feeds);
  const actual = await runOnce(engine, graph, feeds);
  for (const name of Object.keys(graph.outputs)) {
    const part = difference(actual[name]!.data, expected[name]!.data);
    if (name !== "predicted" && !(part <= tolerances[precision]))
      return `${name} after a training step differs from the processor's by ${part.toPrecision(2)} of its largest value`;
  }
  return undefined;
}

function feedsOf(graph: Graph): Tensors {
  const random = new Random(7);
  return Object.fromEntries(
    Object.entries(graph.inputs).map(([name, value]) => {
      const { shape, type } = graph.values[value]!;
      const length = shape.reduce((a, b) => a * b, 1);
      if (type === "uint8")
        return [name, { shape, data: Uint8Array.from({ length }, () => random.integer(0, 2)) }];
      return [name, { shape, data: Float32Array.from({ length }, () => valueFor(name, random.normal())) }];
    }),
  );
}

/** Sizes at which a step of Adam shows the gradient: its root is not taken of nearly nothing. */
function valueFor(name: string, normal: number): number {
  if (name === "rate") return 0.01;
  if (name.startsWith("variance/")) return 0.02 + normal ** 2;
  return name.endsWith("/kernel") ? 0.2 * normal : normal;
}

function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [largest, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const distance = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(distance)) return Number.NaN;
    worst = Math.max(worst, distance);
  }
  return worst / Math.max(largest, Number.MIN_VALUE);
}
