/**
 * Convolutions on matrix units. On an adapter that offers them (llvmpipe of Mesa 26) through the engine; on any other, that none
 * is claimed. Everywhere with the units written out in ordinary code, in the sizes of GPUs.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { disagreement } from "../../src/compute/webgpu/check/self-check.ts";
import { findAdapter, requestDevice } from "../../src/compute/webgpu/device/adapter.ts";
import type { Arithmetic } from "../../src/compute/webgpu/device/arithmetic.ts";
import { type MatrixUnits, matrixUnitsOf } from "../../src/compute/webgpu/device/matrix-units.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import {
  type Dispatch,
  gpuRegisters,
  shaderOf,
  softwareRegisters,
} from "../../src/compute/webgpu/lowering/dispatch.ts";
import { lowerGraph } from "../../src/compute/webgpu/lowering/lower.ts";
import { type Graph, GraphBuilder, type ValueId } from "../../src/network/graph.ts";
import type { LossChoice } from "../../src/network/losses.ts";
import { emulatedShader } from "../support/emulated-matrix-units.ts";
import { assertClose, lossGraph, randomFeeds } from "../support/feeds.ts";
import { type ConvolutionShape, convolve, differentiate } from "../support/matrix-kernels.ts";
import { oracleGradients, runOracle } from "../support/oracle.ts";

/** Input and kernel, odd in every way: channels, taps and voxels that fill no block. */
const shapes: readonly ConvolutionShape[] = [
  [
    [2, 9, 5, 7, 11],
    [13, 9, 3, 3, 3],
  ],
  [
    [1, 35, 3, 6, 18],
    [33, 35, 2, 2, 2],
  ],
  [
    [1, 16, 4, 6, 10],
    [12, 16, 1, 1, 1],
  ],
  [
    [1, 8, 2, 3, 5],
    [100, 8, 3, 3, 3],
  ],
];

/** What is stored in 16 bits is neither fed nor returned: the convolution reads a sum. */
function addConvolutionOfSum(builder: GraphBuilder, [x, kernel]: ConvolutionShape): ValueId {
  const sum = builder.add(builder.input("a", x), builder.input("b", x));
  const bias = builder.input("bias", [kernel[0]]);
  return builder.conv3d(sum, builder.input("kernel", kernel), { bias, relu: true });
}

function convolutionOfSum(shape: ConvolutionShape): Graph {
  const builder = new GraphBuilder();
  builder.output("y", addConvolutionOfSum(builder, shape));
  return builder.build();
}

const tversky: LossChoice = { name: "dice" };

const found = await findAdapter({ experimental: true });
const units = matrixUnitsOf(found);

if (units !== undefined) {
  test("the check before auto takes a GPU passes on matrix units", async (t) => {
    const engine = await createWebgpuEngine({ precision: "f16" });
    t.after(() => engine.dispose());
    assert.equal(await disagreement(engine, "f16"), undefined);
  });
  test("values of 1e-12, which 16 bits do not hold, keep their digits by the scale", async (t) => {
    const device = await openDevice(t, { precision: "f16", matrixUnits: units });
    for (const size of [1e-12, 1e12]) {
      const how = { matrixUnits: units, isHalf: false, size, shader: shaderOf };
      const [result, expected] = await convolve(device, shapes[0]!, how);
      assertClose(result, expected, { relative: 2e-3, what: `values of ${size}` });
    }
  });
  for (const registers of [softwareRegisters, gpuRegisters])
    test(`on ${found.device}: products within 2e-3 of the oracle, columns of ${registers.voxels}`, async (t) => {
      const engine = await createWebgpuEngine({ precision: "f16", registers });
      t.after(() => engine.dispose());
      assert.match(engine.device, /, 16-bit activations, matrix units \d+×\d+×\d+$/);
      for (const shape of shapes) {
        const graph = convolutionOfSum(shape);
        const feeds = randomFeeds(graph, 41);
        const program = await engine.compile(graph);
        const { y } = await program.run(feeds);
        assert.deepEqual((await program.run(feeds)).y!.data, y!.data, "the same bits again");
        await program.dispose();
        assertClose(y!.data, runOracle(graph, feeds).y!, { relative: 2e-3, what: shape.join(" * ") });
      }
    });
  test("gradients of input, kernel and bias within 1e-2 of the oracle, and the same bits again", async (t) => {
    const engine = await createWebgpuEngine({ precision: "f16" });
    t.after(() => engine.dispose());
    for (const shape of shapes.slice(0, 2)) {
      const { forward, backward, wanted, classes } = lossGraph((b) => addConvolutionOfSum(b, shape), tversky);
      const random = randomFeeds(backward, 5, classes);
      const kernel = { ...random.kernel!, data: Float32Array.from(random.kernel!.data, (v) => 0.1 * v) };
      const feeds = { ...random, kernel };
      const program = await engine.compile(backward);
      const [result, again] = [await program.run(feeds), await program.run(feeds)];
      await program.dispose();
      const expected = oracleGradients(forward, feeds, { loss: "loss", wanted });
      for (const name of wanted) {
        assertClose(result[`d/${name}`]!.data, expected[name]!, { relative: 1e-2, what: name });
        assert.deepEqual(again[`d/${name}`]!.data, result[`d/${name}`]!.data);
      }
    }
  });
} else
  test(`${found.device} OFFERS NO MATRIX UNITS: none are claimed, and 16 bits mean the ordinary kernels`, async () => {
    const precision = found.adapter.features.has("shader-f16") ? "f16" : "f32";
    const engine = await createWebgpuEngine({ precision });
    await engine.dispose();
    assert.doesNotMatch(engine.device, /matrix units/);
  });

test("matrix units take convolutions of 16-bit activations and of gradients alone, with channels enough", () => {
  const matrixUnits: MatrixUnits = { rows: 16, columns: 16, depth: 16, subgroupSize: 32 };
  const limits = { workgroupBytes: 49152, registers: gpuRegisters };
  const labels = (into: number, more: object) => {
    const graph = convolutionOfSum([
      [1, into, 4, 4, 4],
      [32, into, 3, 3, 3],
    ]);
    return lowerGraph(graph, { ...limits, ...more }).dispatches.map(({ label }) => label);
  };
  const product = ["add", "weights for matrix units", "conv3d 16→32 on matrix units"];
  assert.deepEqual(labels(16, { precision: "f16", matrixUnits }), product);
  assert.deepEqual(labels(16, { precision: "f16" }), ["add", "conv3d 16→32"]);
  assert.deepEqual(labels(16, { precision: "f32", matrixUnits }), ["add", "conv3d 16→32"]);
  assert.deepEqual(labels(4, { precision: "f16", matrixUnits }), ["add", "conv3d 4→32"]);
  const small = { precision: "f16", matrixUnits, workgroupBytes: 6144 };
  assert.deepEqual(labels(16, small), ["add", "conv3d 16→32"]);
  const { backward } = lossGraph((builder) => {
    const first = builder.conv3d(
      builder.input("x", [1, 16, 4, 4, 4]),
      builder.input("k1", [16, 16, 3, 3, 3]),
    );
    return builder.conv3d(first, builder.input("k2", [16, 16, 3, 3, 3]));
  }, tversky);
  const { dispatches } = lowerGraph(backward, { ...limits, precision: "f16", matrixUnits });
  const convolutions = dispatches.map(({ label }) => label).filter((label) => label.startsWith("conv3d"));
  const [forward, backwards] = ["conv3d 16→16", "conv3dKernelGradient 16→16"];
  const onUnits = [forward, forward, forward, backwards].map((label) => `${label} on matrix units`);
  assert.deepEqual(convolutions.toSorted(), [forward, backwards, ...onUnits].toSorted());
});

/** Sizes of NVIDIA and AMD, of Intel, and of NVIDIA again: different along every axis. */
const sizes: readonly (readonly [
  rows: number,
  columns: number,
  depth: number,
  threads: number,
  shape: number,
])[] = [
  [16, 16, 16, 32, 0],
  [8, 16, 16, 8, 1],
  [16, 8, 8, 32, 0],
];

for (const [rows, columns, depth, subgroupSize, shape] of sizes)
  test(`units of ${rows}×${columns}×${depth}, written out in ordinary code, equal the oracle`, async (t) => {
    const device = await openDevice(t, { precision: "f32" });
    const matrixUnits: MatrixUnits = { rows, columns, depth, subgroupSize };
    const shader = (dispatch: Dispatch) => emulatedShader(dispatch, matrixUnits);
    const isHalf = depth === 16; // elsewhere with a scale: in 32 bits both are exact
    const [result, expected] = await convolve(device, shapes[shape]!, { matrixUnits, isHalf, shader });
    assertClose(result, expected, { relative: 1e-5, what: `of ${rows}×${columns}×${depth}` });
    const [sums, wanted] = await differentiate(device, shapes[shape]!, { matrixUnits, shader });
    assertClose(sums, wanted, { relative: 1e-5, what: "gradient of the kernel" });
  });

/** An adapter gives one device. It is held until the test's end: Dawn ends once it is collected. */
async function openDevice(t: TestContext, arithmetic: Arithmetic): Promise<GPUDevice> {
  const adapter = await findAdapter({ experimental: true });
  const device = await requestDevice(adapter, arithmetic);
  t.after(() => {
    device.destroy();
    assert.ok(adapter.gpu);
  });
  return device;
}
