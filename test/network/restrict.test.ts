import assert from "node:assert/strict";
import { test } from "node:test";
import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import { Random } from "../../src/core/random.ts";
import { floatingPointOperations } from "../../src/network/cost.ts";
import { type Architecture, networkParameters } from "../../src/network/networks.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { extentOf, type Ranges3, restrictToBoxes } from "../../src/network/restrict.ts";
import { drawnParameters, networkExamples, titleOf } from "../support/network-examples.ts";

const shape = [9, 22, 17] as const;

for (const network of [
  [4, 6, 5],
  [5, 3],
  [4, 5, 6, 3],
].flatMap((filters) => networkExamples(filters)))
  test(`random boxes of the output equal the whole, bit for bit: ${titleOf(network)}`, () =>
    compareBoxes(network));

async function compareBoxes(network: Architecture): Promise<void> {
  const whole = predictionGraph(network, shape, 25);
  const random = new Random(5);
  const parameters = drawnParameters(network, random);
  const weights = Object.fromEntries(
    networkParameters(network).map(({ name, shape }) => [name, { shape, data: parameters.get(name)! }]),
  );
  const extent = whole.values[whole.inputs.x!]!.shape.slice(2) as [number, number, number];
  const data = Float32Array.from({ length: extent[0] * extent[1] * extent[2] }, () => random.normal());
  const program = await compileOnnx(whole, { threads: 2 });
  const expected = await program.run({ x: { shape: [1, 1, ...extent], data }, ...weights });
  await program.dispose();

  for (let trial = 0; trial < 8; trial++) {
    const box = shape.map((length) => {
      const start = random.integer(0, length - 1);
      return [start, random.integer(start + 1, length)];
    }) as unknown as Ranges3;
    const { graph, inputBoxes } = restrictToBoxes(whole, { labels: box, scores: box });
    assert.ok(floatingPointOperations(graph) < floatingPointOperations(whole));
    const input = cut(data, extent, inputBoxes.x!);
    const restricted = await compileOnnx(graph, { threads: 2 });
    const result = await restricted.run({
      x: { shape: [1, 1, ...extentOf(inputBoxes.x!)], data: input },
      ...weights,
    });
    await restricted.dispose();
    for (let label = 0; label < network.classes; label++) {
      const plane = shape[0] * shape[1] * shape[2];
      const wanted = cut(
        (expected.scores!.data as Float32Array).subarray(label * plane, (label + 1) * plane),
        shape,
        box,
      );
      const size = wanted.length;
      assert.deepEqual(result.scores!.data.slice(label * size, (label + 1) * size), wanted);
    }
    assert.deepEqual(
      Float32Array.from(result.labels!.data),
      cut(Float32Array.from(expected.labels!.data), shape, box),
    );
  }
}

function cut(data: Float32Array, whole: readonly [number, number, number], box: Ranges3): Float32Array {
  const out: number[] = [];
  for (let z = box[0][0]; z < box[0][1]; z++)
    for (let y = box[1][0]; y < box[1][1]; y++)
      for (let x = box[2][0]; x < box[2][1]; x++) out.push(data[(z * whole[1] + y) * whole[2] + x]!);
  return Float32Array.from(out);
}
