/** The `onnx` engine: graphs written as ONNX, run by onnxruntime on the processor. */
import { cpus, totalmem } from "node:os";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Graph } from "../../network/graph.ts";
import type { CompileOptions, Engine, EngineOptions, Program, Tensors } from "../engine.ts";
import { unshared } from "../feeds.ts";
import { keepInProcess } from "../kept.ts";
import { lowerGraph, outputName } from "./lower.ts";
import { planOnnxBytes } from "./memory.ts";
import { ModelBuilder as Model, type ModelBuilder, nchwcDomain } from "./model.ts";
import { loadRuntime, type Runtime } from "./runtime.ts";

export async function createOnnxEngine({ threads, memoryBytes }: EngineOptions): Promise<Engine> {
  const runtime = await loadRuntime();
  const block = await channelBlock(runtime, threads);
  return {
    name: "onnx",
    device: `CPU, ${threads} thread${threads === 1 ? "" : "s"}, ${cpus()[0]?.model.trim() ?? "unknown model"}`,
    streamsPlanes: true,
    memoryBytes: () => memoryBytes ?? totalmem(),
    planBytes: (graph) => planOnnxBytes(graph, block),
    compile: (graph, options) => compileOnnx(graph, { ...options, block, threads }),
    dispose: async () => {},
  };
}

/** Makes the session for a graph. `block`: channels a block of the layout; found by asking the processor if not given. */
export async function compileOnnx(
  graph: Graph,
  options: EngineOptions & CompileOptions & { block?: number },
): Promise<Program> {
  const runtime = await loadRuntime();
  const { threads } = options;
  const block = options.block ?? (await channelBlock(runtime, threads));
  const session = await createSession(runtime, lowerGraph(graph, block), options);
  return keepInProcess(graph, options, {
    run: (feeds) => run(runtime, session, graph, feeds),
    dispose: () => session.release(),
  });
}

async function run(
  runtime: Runtime,
  session: InferenceSession,
  graph: Graph,
  feeds: Tensors,
): Promise<Tensors> {
  const inputs: Record<string, OrtTensor> = {};
  for (const [name, value] of Object.entries(graph.inputs)) {
    const { shape, type } = graph.values[value]!;
    inputs[name] = new runtime.Tensor(type, unshared(feeds[name]!.data) as Float32Array & Uint8Array, shape);
  }
  const results = await session.run(inputs);
  return Object.fromEntries(
    Object.keys(graph.outputs).map((name) => {
      const { dims: shape, data } = results[outputName(name)]!;
      return [name, { shape, data: data as Float32Array | Uint8Array }];
    }),
  );
}

async function createSession(
  runtime: Runtime,
  model: ModelBuilder,
  { threads, releasesMemory = false }: EngineOptions & CompileOptions,
): Promise<InferenceSession> {
  return runtime.InferenceSession.create(await model.encode(), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "disabled",
    enableMemPattern: false,
    enableCpuMemArena: !releasesMemory,
    logSeverityLevel: 3,
  });
}

/** Channels a block of this processor's blocked layout, found by reordering one channel; 1 where it has none. */
async function channelBlock(runtime: Runtime, threads: number): Promise<number> {
  const model = new Model();
  const x = model.input("x", "float32", [1, 4, 1, 1]);
  const y = model.node("ReorderInput", [x], {}, nchwcDomain);
  model.output("y", y, "float32", [1, -1, 1, 1]);
  try {
    const session = await createSession(runtime, model, { threads });
    const result = await session.run({ x: new runtime.Tensor("float32", new Float32Array(4), [1, 4, 1, 1]) });
    await session.release();
    return Math.max(1, result.y!.dims[1]!);
  } catch {
    return 1;
  }
}
