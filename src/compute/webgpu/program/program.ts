/** A graph compiled for the GPU: pipelines, buffers and bindings made once. */
import { TomoflowError } from "../../../core/error.ts";
import type { Graph } from "../../../network/graph.ts";
import type { CompileOptions, Program, Tensors } from "../../engine.ts";
import { checkKept, checkLoaded, keptInputs } from "../../feeds.ts";
import { readUsage, smallerHint, workUsage } from "../device/device-buffers.ts";
import { checked, type DeviceSession, racing } from "../device/device-session.ts";
import { type Dispatch, shaderOf } from "../lowering/dispatch.ts";
import { type LoweredGraph, lowerGraph } from "../lowering/lower.ts";
import { planBuffers } from "../lowering/plan.ts";
import { bind, type Compiled, tensorOf, upload } from "./compiled.ts";
import { Readers, readBack } from "./readers.ts";
import { beginRun } from "./run.ts";

/**
 * Makes a program of `graph`.
 *
 * @throws TomoflowError `gpu-out-of-memory`, `gpu-buffer-limit`, `gpu-lost`
 */
export async function compileProgram(
  session: DeviceSession,
  graph: Graph,
  options: CompileOptions & { readonly submissionWork?: number } = {},
): Promise<Program> {
  const kept = keptInputs(graph, options.kept);
  const lowered = lowerGraph(graph, session.limits);
  const plan = planBuffers(graph, lowered, { kept, submissionWork: options.submissionWork });
  checkBindingSize(session.device, lowered);
  const pipelines = await racing(
    session,
    Promise.all(lowered.dispatches.map((dispatch) => pipelineOf(session, dispatch))),
  );
  const readers = new Readers(session.buffers);
  const state = { keptBuffers: new Map(), loaded: new Set<string>(), bindings: undefined };
  const compiled: Compiled = { graph, kept, lowered, plan, pipelines, readers, ...state };
  await session.inTurn(() => makeBuffers(session, compiled));
  return programOf(session, compiled);
}

async function makeBuffers(session: DeviceSession, compiled: Compiled): Promise<void> {
  const { plan, keptBuffers, readers } = compiled;
  session.arena.enter();
  try {
    await checked(session, () => {
      for (const [value, size] of plan.keptBytes)
        keptBuffers.set(value, session.buffers.make(size, workUsage));
      readers.prepare(plan.readerBytes);
      bind(session, compiled);
    });
  } catch (error) {
    await free(session, compiled);
    throw error;
  }
}

async function free({ buffers, arena }: DeviceSession, { readers, keptBuffers }: Compiled): Promise<void> {
  await readers.dispose();
  for (const buffer of keptBuffers.values()) buffers.free(buffer);
  arena.leave();
}

/** What is asked for is begun in the order of the calls; a run's results are read while the next run works. */
function programOf(session: DeviceSession, compiled: Compiled): Program {
  const { inTurn } = session;
  return {
    run: async (feeds, signal) =>
      (await inTurn(() => beginRun(session, compiled, { feeds, signal }))).finished,
    load: (values) => inTurn(() => load(session, compiled, values)),
    read: (names) => inTurn(() => readKept(session, compiled, names)),
    dispose: () => inTurn(() => free(session, compiled)),
  };
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
