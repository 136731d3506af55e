import assert from "node:assert/strict";
import type { Engine, Program, Tensors } from "../../src/compute/engine.ts";
import { Random } from "../../src/core/random.ts";
import { addGradients } from "../../src/network/gradient.ts";
import { type Graph, GraphBuilder, type ValueId } from "../../src/network/graph.ts";
import { type LossChoice, lossFormula } from "../../src/network/losses.ts";

/** Random feeds for every input of a graph: standard normal, or labels below `classes`. */
export function randomFeeds(graph: Graph, seed: number, classes = 3): Tensors {
  const random = new Random(seed);
  return Object.fromEntries(
    Object.entries(graph.inputs).map(([name, value]) => {
      const { shape, type } = graph.values[value]!;
      const size = shape.reduce((a, b) => a * b, 1);
      const data =
        type === "uint8"
          ? Uint8Array.from({ length: size }, () => random.integer(0, classes - 1))
          : Float32Array.from({ length: size }, () => random.normal());
      return [name, { shape, data }];
    }),
  );
}

/** The same where every third label is that of unknown voxels. */
export const withUnknown = (feeds: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => {
      const changed = data instanceof Uint8Array ? data.map((label, i) => (i % 3 === 1 ? 255 : label)) : data;
      return [name, { shape, data: changed }];
    }),
  );

/** The largest difference is at most `relative` of the largest value. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, what }: { relative: number; what: string },
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  }
  assert.ok(largest > 0, `${what}: expected values are all zero`);
  assert.ok(worst <= relative * largest, `${what}: largest difference ${worst} of ${largest}`);
}

export interface LossGraph {
  /** Outputs: `loss`. */
  readonly forward: Graph;
  /** Outputs: `loss`, and `d/<name>` for every float input. */
  readonly backward: Graph;
  /** The float inputs. */
  readonly wanted: readonly string[];
  readonly classes: number;
}

/** A loss on the softmax of what `build` returns, and its gradients. */
export function lossGraph(build: (builder: GraphBuilder) => ValueId, loss: LossChoice): LossGraph {
  const builder = new GraphBuilder();
  const logits = build(builder);
  const [batch, classes, ...extent] = builder.shape(logits);
  const labels = builder.input("labels", [batch!, ...extent], "uint8");
  const value = builder.loss(builder.softmax(logits), labels, lossFormula(loss));
  builder.output("loss", value);
  const forward = builder.build();
  const wanted = Object.keys(forward.inputs).filter((name) => name !== "labels");
  const inputs = wanted.map((name) => forward.inputs[name]!);
  const gradients = addGradients(builder, value, inputs);
  for (const name of wanted) builder.output(`d/${name}`, gradients.get(forward.inputs[name]!)!);
  return { forward, backward: builder.build(), wanted, classes: classes! };
}

/** An engine that counts the programs which are compiled and not yet disposed of. */
export function countingEngine(engine: Engine): Engine & { readonly open: () => number } {
  let count = 0;
  return {
    ...engine,
    open: () => count,
    compile: async (graph, options): Promise<Program> => {
      const program = await engine.compile(graph, options);
      count++;
      return {
        ...program,
        dispose: async () => {
          count--;
          await program.dispose();
        },
      };
    },
  };
}
