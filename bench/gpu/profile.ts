/** Where the GPU's time goes: every kernel of a training step and of a forward pass, by the GPU's own clock. */
import { type FoundAdapter, findAdapter } from "../../src/compute/webgpu/device/adapter.ts";
import { type Arithmetic, arithmeticOf } from "../../src/compute/webgpu/device/arithmetic.ts";
import { readUsage, workUsage } from "../../src/compute/webgpu/device/device-buffers.ts";
import { matrixFeatures } from "../../src/compute/webgpu/device/matrix-units.ts";
import type { WebgpuOptions } from "../../src/compute/webgpu/engine.ts";
import {
  type Dispatch,
  gpuRegisters,
  type ShaderLimits,
  shaderOf,
  softwareRegisters,
} from "../../src/compute/webgpu/lowering/dispatch.ts";
import { lowerGraph } from "../../src/compute/webgpu/lowering/lower.ts";
import { planBuffers } from "../../src/compute/webgpu/lowering/plan.ts";
import { floatingPointOperations } from "../../src/network/cost.ts";
import type { Graph } from "../../src/network/graph.ts";

export interface KernelTime {
  /** The kernel's label, with its size in workgroups. */
  readonly kernel: string;
  /** Of one run, all dispatches of that label and size together: least of the repeats. */
  readonly milliseconds: number;
  readonly dispatches: number;
  /** Of convolutions; 0 for the rest. */
  readonly gigaflops: number;
}

const repeats = 3;
const queryResolve = 0x0200;
const copySource = 0x0004;

/**
 * Runs `graph` on inputs of zeros, each kernel in a pass of its own between two time stamps.
 *
 * @throws Error where the adapter has no time stamps
 */
export async function profile(
  graph: Graph,
  { precision = "f32", matrixUnits = true }: WebgpuOptions,
): Promise<readonly KernelTime[]> {
  const found = await findAdapter({ experimental: precision !== "f32" && matrixUnits, exactClock: true });
  const arithmetic = arithmeticOf(found, precision);
  const device = await openWithClock(found, arithmetic);
  try {
    const limits: ShaderLimits = {
      ...arithmetic,
      workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
      registers: found.isSoftware ? softwareRegisters : gpuRegisters,
    };
    const { dispatches, work } = await prepare(device, graph, limits);
    const times = dispatches.map(() => Number.POSITIVE_INFINITY);
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const measured = await work();
      if (repeat > 0) for (const [i, time] of measured.entries()) times[i] = Math.min(times[i]!, time);
    }
    return grouped(graph, dispatches, times);
  } finally {
    device.destroy();
  }
}

async function openWithClock({ adapter }: FoundAdapter, { precision, matrixUnits }: Arithmetic) {
  if (!adapter.features.has("timestamp-query")) throw new Error("this adapter has no time stamps");
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  return adapter.requestDevice({
    requiredFeatures: [
      "timestamp-query",
      ...(precision === "f16" ? ["shader-f16"] : []),
      ...(matrixUnits === undefined ? [] : matrixFeatures),
    ] as GPUFeatureName[],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  });
}

/** Pipelines, buffers and bindings; `work` runs them once and returns the milliseconds of each dispatch. */
async function prepare(device: GPUDevice, graph: Graph, limits: ShaderLimits) {
  const lowered = lowerGraph(graph, limits);
  const plan = planBuffers(graph, lowered);
  const { dispatches } = lowered;
  const places = plan.bytes.map((size) => device.createBuffer({ size, usage: workUsage }));
  const pipelines = await Promise.all(dispatches.map((dispatch) => pipelineOf(device, dispatch)));
  const groups = dispatches.map(({ reads, writes }, index) =>
    device.createBindGroup({
      layout: pipelines[index]!.getBindGroupLayout(0),
      entries: [...reads, ...writes].map(({ buffer }, binding) => ({
        binding,
        resource: { buffer: places[plan.placeOf.get(buffer)!]!, size: lowered.bytes[buffer]! },
      })),
    }),
  );
  const count = 2 * dispatches.length;
  const querySet = device.createQuerySet({ type: "timestamp", count });
  const stamps = device.createBuffer({ size: 8 * count, usage: queryResolve | copySource });
  const reader = device.createBuffer({ size: 8 * count, usage: readUsage });
  const work = async (): Promise<readonly number[]> => {
    const encoder = device.createCommandEncoder();
    for (const [i, { groups: size }] of dispatches.entries()) {
      const timestampWrites = {
        querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      };
      const pass = encoder.beginComputePass({ timestampWrites });
      pass.setPipeline(pipelines[i]!);
      pass.setBindGroup(0, groups[i]!);
      pass.dispatchWorkgroups(...size);
      pass.end();
    }
    encoder.resolveQuerySet(querySet, 0, count, stamps, 0);
    encoder.copyBufferToBuffer(stamps, 0, reader, 0, 8 * count);
    device.queue.submit([encoder.finish()]);
    await reader.mapAsync(1);
    const nanoseconds = new BigInt64Array(reader.getMappedRange().slice(0));
    reader.unmap();
    return dispatches.map((_, i) => Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e6);
  };
  return { dispatches, work };
}

function pipelineOf(device: GPUDevice, dispatch: Dispatch): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label: dispatch.label, code: shaderOf(dispatch) });
  return device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
}

/** By label and size, slowest first. */
function grouped(
  graph: Graph,
  dispatches: readonly Dispatch[],
  times: readonly number[],
): readonly KernelTime[] {
  const work = workOf(graph, dispatches);
  const kernels = new Map<string, { milliseconds: number; dispatches: number; operations: number }>();
  for (const [i, { label, groups }] of dispatches.entries()) {
    const kernel = `${label}, ${groups.join("×")} workgroups`;
    const known = kernels.get(kernel) ?? { milliseconds: 0, dispatches: 0, operations: 0 };
    known.milliseconds += times[i]!;
    known.dispatches++;
    known.operations += work[i]!;
    kernels.set(kernel, known);
  }
  return [...kernels]
    .map(([kernel, { milliseconds, dispatches: count, operations }]) => ({
      kernel,
      milliseconds,
      dispatches: count,
      gigaflops: operations / milliseconds / 1e6,
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Floating-point operations of each dispatch: the convolutions come in the graph's order. */
function workOf(graph: Graph, dispatches: readonly Dispatch[]): readonly number[] {
  const queue = (type: string) =>
    graph.operations
      .filter((operation) => operation.type === type)
      .map((operation) => floatingPointOperations({ ...graph, operations: [operation] }));
  const convolutions = queue("conv3d");
  const gradients = queue("conv3dKernelGradient");
  return dispatches.map(({ label }) => {
    if (label.startsWith("conv3d ")) return convolutions.shift()!;
    if (label.startsWith("conv3dKernelGradient ")) return gradients.shift()!;
    return 0;
  });
}
