/** The dispatches of single kernels for matrix units, run on a device as they are, or with their shaders changed. */
import { bufferUsage } from "../../src/compute/webgpu/device/device-buffers.ts";
import type { MatrixUnits } from "../../src/compute/webgpu/device/matrix-units.ts";
import { type Dispatch, softwareRegisters } from "../../src/compute/webgpu/lowering/dispatch.ts";
import { matrixConvolutionDispatches } from "../../src/compute/webgpu/lowering/kernels/matrix-convolution.ts";
import { matrixKernelGradientDispatches } from "../../src/compute/webgpu/lowering/kernels/matrix-kernel-gradient.ts";
import { GraphBuilder, type Operation, type Padding3 } from "../../src/network/graph.ts";
import { randomFeeds } from "./feeds.ts";
import { runOracle } from "./oracle.ts";

type Shape5 = readonly [number, number, number, number, number];
export type ConvolutionShape = readonly [x: Shape5, kernel: Shape5];

/** A convolution on matrix units and the oracle's, of an input whose elements are about `size`. */
export async function convolve(
  device: GPUDevice,
  [inputShape, kernelShape]: ConvolutionShape,
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

/** The gradient of a kernel on matrix units, and as its definition says. */
export async function differentiate(
  device: GPUDevice,
  [inputShape, kernelShape]: ConvolutionShape,
  { matrixUnits, shader }: { matrixUnits: MatrixUnits; shader: (dispatch: Dispatch) => string },
): Promise<readonly [result: Float32Array, expected: ArrayLike<number>]> {
  const builder = new GraphBuilder();
  const gradientShape = [inputShape[0], kernelShape[0], ...inputShape.slice(2)];
  const [x, gradient] = [builder.input("x", inputShape), builder.input("gradient", gradientShape)];
  const padding = kernelShape
    .slice(2)
    .map((length) => [(length - 1) >> 1, length >> 1]) as unknown as Padding3;
  const output = builder.conv3dKernelGradient(x, gradient, padding);
  builder.output("y", output);
  const graph = builder.build();
  const bytes = graph.values.map((value) => 4 * value.shape.reduce((a, b) => a * b, 1));
  const workgroupBytes = device.limits.maxComputeWorkgroupStorageSize / 2;
  const dispatches = matrixKernelGradientDispatches(
    { x, gradient, output, padding, inputShape, gradientShape, kernelShape: builder.shape(output) },
    {
      limits: { workgroupBytes, registers: softwareRegisters, matrixUnits },
      scratch: (length) => bytes.push(length) - 1,
    },
  );
  const feeds = randomFeeds(graph, 47);
  const given = new Map(
    Object.entries(feeds).map(([name, { data }]) => [graph.inputs[name]!, data as Float32Array] as const),
  );
  const shaders = dispatches!.map(shader);
  const result = await run(device, dispatches!, { shaders, bytes, given, read: output });
  const [values, gradients] = [feeds.x!.data, feeds.gradient!.data];
  return [result, kernelGradient(values, gradients, { inputShape, kernelShape, padding })];
}

/** Sums over all voxels of input times gradient, one for each weight. */
function kernelGradient(
  x: ArrayLike<number>,
  gradient: ArrayLike<number>,
  {
    inputShape,
    kernelShape,
    padding,
  }: { inputShape: Shape5; kernelShape: Shape5; padding: readonly (readonly [number, number])[] },
): Float64Array {
  const [batch, into, ...extent] = inputShape;
  const [out, , ...size] = kernelShape;
  const voxels = extent[0]! * extent[1]! * extent[2]!;
  const taps = size[0]! * size[1]! * size[2]!;
  const split = (i: number, [, y, z]: readonly number[]) => [
    Math.floor(i / (y! * z!)),
    Math.floor(i / z!) % y!,
    i % z!,
  ];
  const sums = new Float64Array(out * into * taps);
  for (let tap = 0; tap < taps; tap++)
    for (let voxel = 0; voxel < voxels; voxel++) {
      const shift = split(tap, size);
      const at = split(voxel, extent).map((i, axis) => i + shift[axis]! - padding[axis]![0]);
      if (at.some((i, axis) => i < 0 || i >= extent[axis]!)) continue;
      const from = (at[0]! * extent[1]! + at[1]!) * extent[2]! + at[2]!;
      for (let item = 0; item < batch; item++)
        for (let o = 0; o < out; o++)
          for (let c = 0; c < into; c++)
            sums[(o * into + c) * taps + tap]! +=
              x[(item * into + c) * voxels + from]! * gradient[(item * out + o) * voxels + voxel]!;
    }
  return sums;
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
