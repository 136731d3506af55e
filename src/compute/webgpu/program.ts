/** A graph compiled for the GPU: pipelines, buffers and bindings made once, one command buffer a run. */

import { TomoflowError } from "../../core/error.ts";
import type { Graph, ValueId } from "../../network/graph.ts";
import type { CompileOptions, Program, Tensor, Tensors } from "../engine.ts";
import { checkFeeds, checkKept, checkLoaded, keptInputs } from "../feeds.ts";
import { takingTurns } from "../kept.ts";
import { readUsage, smallerHint, workUsage } from "./device-buffers.ts";
import { checked, type DeviceSession, racing } from "./device-session.ts";
import { type Dispatch, shaderOf } from "./dispatch.ts";
import { type LoweredGraph, lowerGraph } from "./lower.ts";
import { type BufferPlan, planBuffers, readOutputs } from "./plan.ts";
import { type ReaderSet, Readers, readBack } from "./readers.ts";

interface Compiled {
  readonly graph: Graph;
  readonly kept: ReadonlySet<string>;
  readonly lowered: LoweredGraph;
  readonly plan: BufferPlan;
  readonly pipelines: readonly GPUComputePipeline[];
  /** Buffers of the kept inputs, by value. */
  readonly keptBuffers: Map<ValueId, GPUBuffer>;
  readonly readers: Readers;
  /** Names of the kept inputs that were loaded. */
  readonly loaded: Set<string>;
  /** For one generation of the arena. */
  bindings: { readonly generation: number; readonly groups: readonly GPUBindGroup[] } | undefined;
}

/**
 * Makes a program of `graph`.
 *
 * @throws TomoflowError `gpu-out-of-memory`, `gpu-buffer-limit`, `gpu-lost`
 */
export async function compileProgram(
  session: DeviceSession,
  graph: Graph,
  options: CompileOptions = {},
): Promise<Program> {
  const kept = keptInputs(graph, options.kept);
  const lowered = lowerGraph(graph, session.limits);
  const plan = planBuffers(graph, lowered, kept);
  checkBindingSize(session.device, lowered);
  const pipelines = await racing(
    session,
    Promise.all(lowered.dispatches.map((dispatch) => pipelineOf(session, dispatch))),
  );
  const sizes = new Map(readOutputs(graph, kept).map(([name, value]) => [name, lowered.bytes[value]!]));
  const readers = new Readers(session.buffers);
  const state = { keptBuffers: new Map(), loaded: new Set<string>(), bindings: undefined };
  const compiled: Compiled = { graph, kept, lowered, plan, pipelines, readers, ...state };
  session.arena.enter();
  try {
    await checked(session, () => {
      for (const [value, size] of plan.keptBytes)
        compiled.keptBuffers.set(value, session.buffers.make(size, workUsage));
      readers.prepare(sizes);
      bind(session, compiled);
    });
  } catch (error) {
    await free(session, compiled);
    throw error;
  }
  return programOf(session, compiled);
}

async function free({ buffers, arena }: DeviceSession, { readers, keptBuffers }: Compiled): Promise<void> {
  await readers.dispose();
  for (const buffer of keptBuffers.values()) buffers.free(buffer);
  arena.leave();
}

/** What is asked for is begun in the order of the calls; a run's results are read while the next run works. */
function programOf(session: DeviceSession, compiled: Compiled): Program {
  const inTurn = takingTurns();
  return {
    run: async (feeds) => (await inTurn(() => begin(session, compiled, feeds))).finished,
    load: (values) => inTurn(() => load(session, compiled, values)),
    read: (names) => inTurn(() => readKept(session, compiled, names)),
    dispose: () => inTurn(() => free(session, compiled)),
  };
}

async function begin(
  session: DeviceSession,
  compiled: Compiled,
  feeds: Tensors,
): Promise<{ finished: Promise<Tensors> }> {
  checkFeeds(compiled.graph, feeds, compiled);
  const readers = await compiled.readers.take();
  const submitted = checked(session, () => {
    bind(session, compiled);
    for (const [name, value] of Object.entries(compiled.graph.inputs))
      if (!compiled.kept.has(name)) upload(session, bufferOf(session, compiled, value), feeds[name]!);
    submit(session, compiled, readers);
  });
  return { finished: finish(session, compiled, { readers, submitted }) };
}

async function finish(
  session: DeviceSession,
  compiled: Compiled,
  { readers, submitted }: { readers: ReaderSet; submitted: Promise<void> },
): Promise<Tensors> {
  try {
    await submitted;
    const read = [...readers].map(async ([name, reader]) => {
      const bytes = await readBack(reader);
      return [name, tensorOf(compiled.graph, compiled.graph.outputs[name]!, bytes)] as const;
    });
    return Object.fromEntries(await racing(session, Promise.all(read)));
  } finally {
    compiled.readers.give(readers);
  }
}

async function load(session: DeviceSession, compiled: Compiled, values: Tensors): Promise<void> {
  checkLoaded(compiled.graph, values, compiled.kept);
  await checked(session, () => {
    for (const [name, value] of Object.entries(values)) {
      upload(session, compiled.keptBuffers.get(compiled.graph.inputs[name]!)!, value);
      compiled.loaded.add(name);
    }
  });
}

async function readKept(
  session: DeviceSession,
  { graph, kept, keptBuffers }: Compiled,
  names: readonly string[],
): Promise<Tensors> {
  const readers: (readonly [name: string, reader: GPUBuffer])[] = [];
  try {
    await checked(session, () => {
      const encoder = session.device.createCommandEncoder();
      for (const name of names) {
        checkKept(name, kept);
        const from = keptBuffers.get(graph.inputs[name]!)!;
        const reader = session.buffers.make(from.size, readUsage);
        readers.push([name, reader]);
        encoder.copyBufferToBuffer(from, 0, reader, 0, from.size);
      }
      session.device.queue.submit([encoder.finish()]);
    });
    const read = readers.map(
      async ([name, reader]) => [name, tensorOf(graph, graph.inputs[name]!, await readBack(reader))] as const,
    );
    return Object.fromEntries(await racing(session, Promise.all(read)));
  } finally {
    for (const [, reader] of readers) session.buffers.free(reader);
  }
}

const bufferOf = ({ arena }: DeviceSession, { plan, keptBuffers }: Compiled, value: number): GPUBuffer =>
  keptBuffers.get(value) ?? arena.places[plan.placeOf.get(value)!]!;

/** Makes the bindings again if another program's needs moved the shared buffers. */
function bind(session: DeviceSession, compiled: Compiled): void {
  const { arena, device } = session;
  arena.reserve(compiled.plan.bytes);
  if (compiled.bindings?.generation === arena.generation) return;
  const groups = compiled.lowered.dispatches.map((dispatch, index) => {
    const entries = [...dispatch.reads, ...dispatch.writes].map(({ buffer }, binding) => ({
      binding,
      resource: { buffer: bufferOf(session, compiled, buffer), size: compiled.lowered.bytes[buffer]! },
    }));
    return device.createBindGroup({ layout: compiled.pipelines[index]!.getBindGroupLayout(0), entries });
  });
  compiled.bindings = { generation: arena.generation, groups };
}

async function pipelineOf(session: DeviceSession, dispatch: Dispatch): Promise<GPUComputePipeline> {
  const code = shaderOf(dispatch);
  let pipeline = session.pipelines.get(code);
  if (pipeline === undefined) {
    const module = session.device.createShaderModule({ label: dispatch.label, code });
    pipeline = session.device.createComputePipelineAsync({
      label: dispatch.label,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    session.pipelines.set(code, pipeline);
  }
  return pipeline;
}

function upload({ device }: DeviceSession, buffer: GPUBuffer, { data }: Tensor): void {
  const isWhole = data.byteLength % 4 === 0;
  device.queue.writeBuffer(buffer, 0, (isWhole ? data : filledUp(data)) as GPUAllowSharedBufferSource);
}

/** With zeros to a multiple of 4 bytes. */
function filledUp(data: Tensor["data"]): Uint8Array {
  const filled = new Uint8Array(4 * Math.ceil(data.byteLength / 4));
  filled.set(data);
  return filled;
}

/** The dispatches, then copies of what is kept to its inputs and of what is read to the readers. */
function submit(session: DeviceSession, compiled: Compiled, readers: ReaderSet): void {
  const { graph, lowered, kept, keptBuffers } = compiled;
  const encoder = session.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const [index, { groups }] of lowered.dispatches.entries()) {
    pass.setPipeline(compiled.pipelines[index]!);
    pass.setBindGroup(0, compiled.bindings!.groups[index]!);
    pass.dispatchWorkgroups(...groups);
  }
  pass.end();
  const copy = (from: ValueId, to: GPUBuffer) =>
    encoder.copyBufferToBuffer(bufferOf(session, compiled, from), 0, to, 0, to.size);
  for (const name of kept) {
    const result = graph.outputs[name];
    if (result !== undefined && result !== graph.inputs[name])
      copy(result, keptBuffers.get(graph.inputs[name]!)!);
  }
  for (const [name, reader] of readers) copy(graph.outputs[name]!, reader);
  session.device.queue.submit([encoder.finish()]);
}

function tensorOf({ values }: Graph, value: ValueId, bytes: ArrayBuffer): Tensor {
  const { shape, type } = values[value]!;
  const length = shape.reduce((product, side) => product * side, 1);
  return { shape, data: type === "uint8" ? new Uint8Array(bytes, 0, length) : new Float32Array(bytes) };
}

function checkBindingSize({ limits }: GPUDevice, { bytes }: LoweredGraph): void {
  const largest = bytes.reduce((a, b) => Math.max(a, b), 0);
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (largest <= limit) return;
  throw new TomoflowError(
    "gpu-buffer-limit",
    `one of the network's values takes ${(largest / 1e9).toFixed(2)} GB, and this GPU binds at most ${(limit / 1e9).toFixed(2)} GB at once`,
    { hint: smallerHint },
  );
}
