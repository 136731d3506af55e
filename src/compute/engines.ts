/** Which engines this machine has, and which one `auto` takes. Each is loaded when first asked for. */
import { availableParallelism } from "node:os";
import { TomoflowError } from "../core/error.ts";
import { floatingPointOperations } from "../network/cost.ts";
import { GraphBuilder } from "../network/graph.ts";
import type { Engine, EngineOptions, Tensors } from "./engine.ts";

interface EngineEntry {
  readonly name: string;
  readonly summary: string;
  readonly create: (options: EngineOptions) => Promise<Engine>;
}

const entries: readonly EngineEntry[] = [
  {
    name: "onnx",
    summary: "onnxruntime on the processor",
    create: async (options) => (await import("./onnx/engine.ts")).createOnnxEngine(options),
  },
];

export const engineNames: readonly string[] = entries.map(({ name }) => name);

/**
 * The engine of that name, or the fastest of this machine for `auto`.
 *
 * @throws TomoflowError `unknown-engine`; `engine-unavailable` when its library cannot be loaded
 */
export async function openEngine(name: string, options: EngineOptions): Promise<Engine> {
  const entry = name === "auto" ? entries[0] : entries.find((candidate) => candidate.name === name);
  if (entry === undefined)
    throw new TomoflowError("unknown-engine", `there is no engine ${name}`, {
      hint: `use one of auto, ${engineNames.join(", ")}`,
    });
  try {
    return await entry.create(options);
  } catch (error) {
    throw new TomoflowError(
      "engine-unavailable",
      `the engine ${entry.name} cannot be used: ${messageOf(error)}`,
      {
        hint: "tomoflow engines shows what this machine has",
        cause: error,
      },
    );
  }
}

export interface EngineReport {
  readonly name: string;
  readonly summary: string;
  readonly available: boolean;
  /** Of the processor, where the engine is there. */
  readonly device?: string;
  /** Why it is not there. */
  readonly reason?: string;
  /** Whether `auto` takes it. */
  readonly chosen: boolean;
}

/** Every engine that tomoflow knows, tried on this machine. */
export async function listEngines(): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const { name, summary, create } of entries) {
    try {
      const engine = await create({ threads: availableParallelism() });
      const { device } = engine;
      await engine.dispose();
      reports.push({
        name,
        summary,
        available: true,
        device,
        chosen: !reports.some(({ available }) => available),
      });
    } catch (error) {
      reports.push({ name, summary, available: false, reason: messageOf(error), chosen: false });
    }
  }
  return reports;
}

export interface EngineBenchmark {
  readonly name: string;
  /** Of a 3×3×3 convolution, 32 → 32 channels, on 32×64×64 voxels: best of the repeats. */
  readonly gigaflopsPerSecond: number;
}

/** A quick measurement, a second or two. */
export async function benchmarkEngine(name: string): Promise<EngineBenchmark> {
  const engine = await openEngine(name, { threads: availableParallelism() });
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 32, 32, 64, 64]);
  let y = x;
  for (let layer = 0; layer < 3; layer++)
    y = builder.conv3d(y, builder.input(`kernel${layer}`, [32, 32, 3, 3, 3]), { relu: true });
  builder.output("y", builder.sumToChannels(y));
  const graph = builder.build();
  const program = await engine.compile(graph);
  try {
    const feeds: Tensors = Object.fromEntries(
      Object.entries(graph.inputs).map(([input, value]) => {
        const { shape } = graph.values[value]!;
        return [input, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01) }];
      }),
    );
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < 6; repeat++) {
      const start = performance.now();
      await program.run(feeds);
      best = Math.min(best, performance.now() - start);
    }
    return { name: engine.name, gigaflopsPerSecond: floatingPointOperations(graph) / best / 1e6 };
  } finally {
    await program.dispose();
    await engine.dispose();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
