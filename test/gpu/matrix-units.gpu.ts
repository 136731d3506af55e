/**
 * Convolutions on matrix units. On an adapter that offers them (llvmpipe of Mesa 26) through the engine; on any other, that none
 * is claimed. Everywhere with the units written out in ordinary code, in the sizes of GPUs.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { findAdapter, requestDevice } from "../../src/compute/webgpu/adapter.ts";
import { bufferUsage } from "../../src/compute/webgpu/device-buffers.ts";
import { type Dispatch, gpuRegisters, softwareRegisters } from "../../src/compute/webgpu/dispatch.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { matrixConvolutionDispatches } from "../../src/compute/webgpu/kernels/matrix-convolution.ts";
import { lowerGraph } from "../../src/compute/webgpu/lower.ts";
import { type MatrixUnits, matrixUnitsOf } from "../../src/compute/webgpu/matrix-units.ts";
import { disagreement } from "../../src/compute/webgpu/self-check.ts";
import { type Graph, GraphBuilder, type Operation } from "../../src/network/graph.ts";
import { emulatedShader } from "../support/emulated-matrix-units.ts";
import { assertClose, randomFeeds } from "../support/feeds.ts";
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

test("matrix units take convolutions of 16-bit activations alone, with channels enough", () => {
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
  assert.deepEqual(labels(16, { precision: "f16", matrixUnits, workgroupBytes: 6144 }), [
    "add",
    "conv3d 16→32",
  ]);
});

const device = await requestDevice(found, { precision: "f32" });
after(() => {
  device.destroy();
  assert.ok(found.gpu); // held until here: Dawn ends once it is collected
});

/** Half of what there is: the tile takes twice as much in 32 bits. */
const workgroupBytes = device.limits.maxComputeWorkgroupStorageSize / 2;

/** Sizes of NVIDIA and AMD, of Intel, and of NVIDIA again: different along every axis. */
const sizes: readonly (readonly [rows: number, columns: number, depth: number, shape: number])[] = [
  [16, 16, 16, 0],
  [8, 16, 16, 1],
  [16, 8, 8, 0],
];

for (const [rows, columns, depth, shape] of sizes)
  test(`units of ${rows}×${columns}×${depth}, written out in ordinary code, equal the oracle`, async () => {
    const matrixUnits: MatrixUnits = { rows, columns, depth, subgroupSize: 2 };
    const [inputShape, kernelShape] = shapes[shape]!;
    const builder = new GraphBuilder();
    const inputs = {
      x: builder.input("x", inputShape),
      kernel: builder.input("kernel", kernelShape),
      bias: builder.input("bias", [kernelShape[0]]),
    };
    const output = builder.conv3d(inputs.x, inputs.kernel, { bias: inputs.bias, relu: true });
    builder.output("y", output);
    const graph = builder.build();
    const [operation] = graph.operations as readonly Extract<Operation, { type: "conv3d" }>[];
    const bytes = graph.values.map((value) => 4 * value.shape.reduce((a, b) => a * b, 1));
    const dispatches = matrixConvolutionDispatches(
      { ...operation!, inputShape, kernelShape, outputShape: builder.shape(output) },
      {
        limits: { workgroupBytes, registers: softwareRegisters, matrixUnits },
        scratch: (size) => bytes.push(2 * size) - 1,
      },
    );
    const feeds = randomFeeds(graph, 43);
    const given = new Map(Object.entries(graph.inputs).map(([name, id]) => [id, feeds[name]!.data] as const));
    const result = await runEmulated(dispatches!, { matrixUnits, bytes, given, read: output });
    assertClose(result, runOracle(graph, feeds).y!, { relative: 1e-5, what: kernelShape.join("×") });
  });

async function runEmulated(
  dispatches: readonly Dispatch[],
  {
    matrixUnits,
    bytes,
    given,
    read,
  }: {
    matrixUnits: MatrixUnits;
    bytes: readonly number[];
    given: ReadonlyMap<number, Float32Array | Uint8Array>;
    read: number;
  },
): Promise<Float32Array> {
  const { storage, copySource, copyDestination, mapRead } = bufferUsage;
  const usage = storage | copySource | copyDestination;
  const buffers = bytes.map((size) => device.createBuffer({ size, usage }));
  for (const [id, data] of given)
    device.queue.writeBuffer(buffers[id]!, 0, data as Float32Array<ArrayBuffer>);
  const encoder = device.createCommandEncoder();
  for (const dispatch of dispatches) {
    const module = device.createShaderModule({ code: emulatedShader(dispatch, matrixUnits) });
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
