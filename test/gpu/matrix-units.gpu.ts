/**
 * Convolutions on matrix units. On an adapter that offers them (llvmpipe of Mesa 26) through the engine; on any other, that none
 * is claimed. Everywhere with the units written out in ordinary code, in the sizes of GPUs.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { findAdapter, requestDevice } from "../../src/compute/webgpu/adapter.ts";
import { bufferUsage } from "../../src/compute/webgpu/device-buffers.ts";
import {
  type Dispatch,
  gpuRegisters,
  shaderOf,
  softwareRegisters,
} from "../../src/compute/webgpu/dispatch.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { matrixConvolutionDispatches } from "../../src/compute/webgpu/kernels/matrix-convolution.ts";
import { lowerGraph } from "../../src/compute/webgpu/lower.ts";
import { type MatrixUnits, matrixUnitsOf } from "../../src/compute/webgpu/matrix-units.ts";
import type { Arithmetic } from "../../src/compute/webgpu/precision.ts";
import { disagreement } from "../../src/compute/webgpu/self-check.ts";
import { type Graph, GraphBuilder, type Operation } from "../../src/network/graph.ts";
import { emulatedShader } from "../support/emulated-matrix-units.ts";
import { assertClose, lossGraph, randomFeeds } from "../support/feeds.ts";
import { runOracle } from "../support/oracle.ts";

type Shape5 = readonly [number, number, number, number, number];

/** Input and kernel, odd in every way: channels, taps and voxels that fill no block. */
const shapes: readonly (readonly [x: Shape5, kernel: Shape5])[] = [
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
function convolutionOfSum([x, kernel]: readonly [Shape5, Shape5]): Graph {
  const builder = new GraphBuilder();
  const sum = builder.add(builder.input("a", x), builder.input("b", x));
  const bias = builder.input("bias", [kernel[0]]);
  builder.output("y", builder.conv3d(sum, builder.input("kernel", kernel), { bias, relu: true }));
  return builder.build();
}

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
} else
  test(`${found.device} OFFERS NO MATRIX UNITS: none are claimed, and 16 bits mean the ordinary kernels`, async () => {
    const engine = await createWebgpuEngine({ precision: "auto" });
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
  const { backward } = lossGraph(
    (builder) => {
      const first = builder.conv3d(
        builder.input("x", [1, 16, 4, 4, 4]),
        builder.input("k1", [16, 16, 3, 3, 3]),
      );
      return builder.conv3d(first, builder.input("k2", [16, 16, 3, 3, 3]));
    },
    { type: "tversky", alpha: 0.5, beta: 0.5 },
  );
  const { dispatches } = lowerGraph(backward, { ...limits, precision: "f16", matrixUnits });
  const convolutions = dispatches.map(({ label }) => label).filter((label) => label.startsWith("conv3d 16"));
  assert.deepEqual(convolutions, ["conv3d 16→16", ...Array(3).fill("conv3d 16→16 on matrix units")]);
});

/** Sizes of NVIDIA and AMD, of Intel, and of NVIDIA again: different along every axis. */
const sizes: readonly (readonly [rows: number, columns: number, depth: number, shape: number])[] = [
  [16, 16, 16, 0],
  [8, 16, 16, 1],
  [16, 8, 8, 0],
];

for (const [rows, columns, depth, shape] of sizes)
  test(`units of ${rows}×${columns}×${depth}, written out in ordinary code, equal the oracle`, async (t) => {
    const device = await openDevice(t, { precision: "f32" });
    const matrixUnits: MatrixUnits = { rows, columns, depth, subgroupSize: 2 };
    const shader = (dispatch: Dispatch) => emulatedShader(dispatch, matrixUnits);
    const isHalf = depth === 16; // elsewhere with a scale: in 32 bits both are exact
    const [result, expected] = await convolve(device, shapes[shape]!, { matrixUnits, isHalf, shader });
    assertClose(result, expected, { relative: 1e-5, what: `of ${rows}×${columns}×${depth}` });
  });

/** A convolution on matrix units and the oracle's, of an input whose elements are about `size`. */
async function convolve(
  device: GPUDevice,
  [inputShape, kernelShape]: (typeof shapes)[number],
  {
    matrixUnits,
    isHalf,
    size = 1,
    shader,
  }: { matrixUnits: MatrixUnits; isHalf: boolean; size?: number; shader: (dispatch: Dispatch) => string },
): Promise<readonly [result: Float32Array, expected: ArrayLike<number>]> {
  const builder = new GraphBuilder();
  const [x, kernel] = [builder.input("x", inputShape), builder.input("kernel", kernelShape)];
  const output = builder.conv3d(x, kernel, { bias: builder.input("bias", [kernelShape[0]]), relu: true });
  builder.output("y", output);
  const graph = builder.build();
  const [operation] = graph.operations as readonly Extract<Operation, { type: "conv3d" }>[];
  const bytes = graph.values.map((value) => 4 * value.shape.reduce((a, b) => a * b, 1));
  // half of the memory there is: written out in 32 bits the tile takes twice as much
  const workgroupBytes = device.limits.maxComputeWorkgroupStorageSize / 2;
  const dispatches = matrixConvolutionDispatches(
    { ...operation!, inputShape, kernelShape, outputShape: builder.shape(output) },
    {
      limits: { workgroupBytes, registers: softwareRegisters, matrixUnits },
      scratch: (length) => bytes.push(2 * length) - 1,
      isHalf,
    },
  );
  const random = randomFeeds(graph, 43);
  const small = (name: string) => ({
    ...random[name]!,
    data: Float32Array.from(random[name]!.data, (value) => size * value),
  });
  const feeds = { ...random, x: small("x"), bias: small("bias") };
  const given = new Map(
    Object.entries(feeds).map(([name, { data }]) => [graph.inputs[name]!, data as Float32Array] as const),
  );
  const shaders = dispatches!.map(shader);
  const result = await run(device, dispatches!, { shaders, bytes, given, read: output });
  return [result, runOracle(graph, feeds).y!];
}

/** What is in buffer `read` after the dispatches; `given`: what is in others before. */
async function run(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  {
    shaders,
    bytes,
    given,
    read,
  }: {
    shaders: readonly string[];
    bytes: readonly number[];
    given: ReadonlyMap<number, Float32Array>;
    read: number;
  },
): Promise<Float32Array> {
  const { storage, copySource, copyDestination, mapRead } = bufferUsage;
  const usage = storage | copySource | copyDestination;
  const buffers = bytes.map((size) => device.createBuffer({ size, usage }));
  for (const [id, data] of given)
    device.queue.writeBuffer(buffers[id]!, 0, data as Float32Array<ArrayBuffer>);
  const encoder = device.createCommandEncoder();
  for (const [index, dispatch] of dispatches.entries()) {
    const module = device.createShaderModule({ code: shaders[index]! });
    const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
    const entries = [...dispatch.reads, ...dispatch.writes].map(({ buffer }, binding) => ({
      binding,
      resource: { buffer: buffers[buffer]! },
    }));
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...dispatch.groups);
    pass.end();
  }
  const reader = device.createBuffer({ size: bytes[read]!, usage: mapRead | copyDestination });
  encoder.copyBufferToBuffer(buffers[read]!, 0, reader, 0, bytes[read]!);
  device.queue.submit([encoder.finish()]);
  await reader.mapAsync(0x1);
  const result = new Float32Array(reader.getMappedRange().slice(0));
  for (const buffer of [...buffers, reader]) buffer.destroy();
  return result;
}

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
