/** A graph compiled for the GPU: pipelines, buffers and bindings made once, one command buffer a run. */

import { TomoflowError } from "../../core/error.ts";
import type { Graph } from "../../network/graph.ts";
import type { Program, Tensor, Tensors } from "../engine.ts";
import { checkFeeds } from "../feeds.ts";
import { type Dispatch, type ShaderLimits, shaderOf } from "./dispatch.ts";
import { lowerGraph } from "./lower.ts";
import { type BufferPlan, planBuffers } from "./plan.ts";

export interface ProgramContext {
  /** Held because Dawn ends, and its threads crash, once this object is collected. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  readonly limits: ShaderLimits;
  /** Pipelines by their shader, shared by all programs of the device. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** Rejects when the device is lost. */
  readonly lost: Promise<never>;
}

/** Numbers of the WebGPU standard: Dawn's objects for Node do not make its global constants. */
const usage = { mapRead: 0x1, copySource: 0x4, copyDestination: 0x8, storage: 0x80 } as const;
const mapModeRead = 0x1;

interface Command {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly groups: Dispatch["groups"];
}

interface Compiled {
  readonly graph: Graph;
  readonly plan: BufferPlan;
  readonly buffers: readonly GPUBuffer[];
  /** By name of output: where the processor reads it. */
  readonly readers: ReadonlyMap<string, GPUBuffer>;
  readonly commands: readonly Command[];
}

/**
 * Makes a program of `graph`.
 *
 * @throws TomoflowError `gpu-out-of-memory`, `gpu-buffer-limit`, `gpu-lost`
 */
export async function compileProgram(context: ProgramContext, graph: Graph): Promise<Program> {
  const lowered = lowerGraph(graph, context.limits);
  const plan = planBuffers(graph, lowered);
  checkBindingSize(context.device, plan);
  const pipelines = await racing(
    context,
    Promise.all(lowered.dispatches.map((dispatch) => pipelineOf(context, dispatch))),
  );
  const made: GPUBuffer[] = [];
  try {
    const compiled = await checked(context, () =>
      allocate(context.device, { graph, plan, lowered, pipelines, made }),
    );
    return programOf(context, compiled, () => {
      for (const buffer of made) buffer.destroy();
    });
  } catch (error) {
    for (const buffer of made) buffer.destroy();
    throw error;
  }
}

/** Calls take turns: a program has one set of buffers. */
function programOf(context: ProgramContext, compiled: Compiled, free: () => void): Program {
  let previous: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = previous.then(work);
    previous = result.catch(() => undefined);
    return result;
  };
  return {
    run: (feeds) => inTurn(() => run(context, compiled, feeds)),
    dispose: () => inTurn(async () => free()),
  };
}

function allocate(
  device: GPUDevice,
  parts: {
    graph: Graph;
    plan: BufferPlan;
    lowered: ReturnType<typeof lowerGraph>;
    pipelines: readonly GPUComputePipeline[];
    /** Filled with every buffer made. */
    made: GPUBuffer[];
  },
): Compiled {
  const { graph, plan, lowered, pipelines, made } = parts;
  const make = (size: number, flags: number) => {
    const buffer = device.createBuffer({ size, usage: flags });
    made.push(buffer);
    return buffer;
  };
  const buffers = plan.bytes.map((size) =>
    make(size, usage.storage | usage.copySource | usage.copyDestination),
  );
  const readers = new Map(
    Object.entries(graph.outputs).map(([name, value]) => [
      name,
      make(lowered.bytes[value]!, usage.mapRead | usage.copyDestination),
    ]),
  );
  const commands = lowered.dispatches.map((dispatch, index): Command => {
    const pipeline = pipelines[index]!;
    const entries = [...dispatch.reads, ...dispatch.writes].map(({ buffer }, binding) => ({
      binding,
      resource: { buffer: buffers[plan.placeOf.get(buffer)!]!, size: lowered.bytes[buffer]! },
    }));
    const bindings = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { pipeline, bindings, groups: dispatch.groups };
  });
  return { graph, plan, buffers, readers, commands };
}

async function pipelineOf(context: ProgramContext, dispatch: Dispatch): Promise<GPUComputePipeline> {
  const code = shaderOf(dispatch);
  let pipeline = context.pipelines.get(code);
  if (pipeline === undefined) {
    const module = context.device.createShaderModule({ label: dispatch.label, code });
    pipeline = context.device.createComputePipelineAsync({
      label: dispatch.label,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    context.pipelines.set(code, pipeline);
  }
  return pipeline;
}

async function run(context: ProgramContext, compiled: Compiled, feeds: Tensors): Promise<Tensors> {
  checkFeeds(compiled.graph, feeds);
  await checked(context, () => {
    upload(context.device, compiled, feeds);
    submit(context.device, compiled);
  });
  const read = Object.keys(compiled.graph.outputs).map((name) => download(compiled, name));
  return Object.fromEntries(await racing(context, Promise.all(read)));
}

function upload(device: GPUDevice, { graph, plan, buffers }: Compiled, feeds: Tensors): void {
  for (const [name, value] of Object.entries(graph.inputs)) {
    const { data } = feeds[name]!;
    const buffer = buffers[plan.placeOf.get(value)!]!;
    const isWhole = data.byteLength % 4 === 0;
    device.queue.writeBuffer(buffer, 0, (isWhole ? data : filledUp(data)) as GPUAllowSharedBufferSource);
  }
}

/** With zeros to a multiple of 4 bytes. */
function filledUp(data: Tensor["data"]): Uint8Array {
  const filled = new Uint8Array(4 * Math.ceil(data.byteLength / 4));
  filled.set(data);
  return filled;
}

function submit(device: GPUDevice, { graph, plan, buffers, readers, commands }: Compiled): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { pipeline, bindings, groups } of commands) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...groups);
  }
  pass.end();
  for (const [name, reader] of readers) {
    const from = buffers[plan.placeOf.get(graph.outputs[name]!)!]!;
    encoder.copyBufferToBuffer(from, 0, reader, 0, reader.size);
  }
  device.queue.submit([encoder.finish()]);
}

async function download({ graph, readers }: Compiled, name: string): Promise<readonly [string, Tensor]> {
  const { shape, type } = graph.values[graph.outputs[name]!]!;
  const reader = readers.get(name)!;
  await reader.mapAsync(mapModeRead);
  const copy = reader.getMappedRange().slice(0);
  reader.unmap();
  const length = shape.reduce((product, side) => product * side, 1);
  return [name, { shape, data: type === "uint8" ? new Uint8Array(copy, 0, length) : new Float32Array(copy) }];
}

const smaller = "use a smaller tile (tileSize), batch or patch, or the onnx engine";

function checkBindingSize({ limits }: GPUDevice, { bytes }: BufferPlan): void {
  const largest = Math.max(...bytes);
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (largest <= limit) return;
  throw new TomoflowError(
    "gpu-buffer-limit",
    `one of the network's values takes ${(largest / 1e9).toFixed(2)} GB, and this GPU binds at most ${(limit / 1e9).toFixed(2)} GB at once`,
    { hint: smaller },
  );
}

/** Does `work`, and throws what the device found wrong with it. */
async function checked<T>(context: ProgramContext, work: () => T): Promise<T> {
  const { device } = context;
  device.pushErrorScope("validation");
  device.pushErrorScope("internal");
  device.pushErrorScope("out-of-memory");
  let result: T;
  let errors: readonly (GPUError | null)[];
  try {
    result = work();
  } finally {
    const scopes = Promise.all([device.popErrorScope(), device.popErrorScope(), device.popErrorScope()]);
    errors = await racing(context, scopes);
  }
  const [memory, internal, validation] = errors;
  if (memory)
    throw new TomoflowError("gpu-out-of-memory", `the GPU has too little free memory: ${memory.message}`, {
      hint: smaller,
    });
  const other = internal ?? validation;
  if (other) throw new TomoflowError("gpu-error", `the GPU refused the work: ${other.message}`);
  return result;
}

const racing = <T>({ lost }: ProgramContext, work: Promise<T>): Promise<T> => Promise.race([work, lost]);
