/** Which engines this machine has, and which one `auto` takes. Each is loaded when first asked for. */
import { availableParallelism } from "node:os";
import { TomoflowError } from "../core/error.ts";
import type { GpuSurvey } from "../core/gpu/gpu-survey.ts";
import type { UsableGpu } from "../core/gpu/usable-gpus.ts";
import { floatingPointOperations } from "../network/cost.ts";
import { GraphBuilder } from "../network/graph.ts";
import type { Engine, EngineOptions, Tensors } from "./engine.ts";
import type { PrecisionChoice } from "./webgpu/check/precision-choice.ts";
import type { GpuList } from "./webgpu/device/gpu-list.ts";
import { type ArithmeticName, type PrecisionSetting, precisionSetting } from "./webgpu/device/precision.ts";

interface EngineEntry {
  readonly name: string;
  readonly summary: string;
  readonly create: (options: EngineOptions) => Promise<Engine>;
  /** What `auto` and the list go by; quick. */
  readonly look: () => Promise<EngineSighting>;
}

type EngineSighting =
  | {
      readonly isThere: true;
      readonly device: string;
      readonly arithmetic?: ArithmeticName;
      readonly precision?: PrecisionChoice;
    }
  | { readonly isThere: false; readonly reason: string; readonly isRefused?: boolean };

/** Those that `auto` takes come first, in the order in which it tries them. */
const entries: readonly EngineEntry[] = [
  {
    name: "webgpu",
    summary: "any GPU, through Dawn",
    create: async ({ log }) => openWebgpu(precisionSetting(), log),
    look: () => lookForGpu(),
  },
  {
    name: "onnx",
    summary: "onnxruntime on the processor",
    create: async (options) => (await import("./onnx/engine.ts")).createOnnxEngine(options),
    look: () => openToLook("onnx"),
  },
  {
    name: "tensorflow",
    summary: "TensorFlow, on an NVIDIA GPU through CUDA or on the processor",
    create: async (options) => (await import("./tensorflow/engine.ts")).createTensorFlowEngine(options),
    look: lookForTensorFlow,
  },
];

/** What `auto` takes: no measurement has shown `tensorflow` to be faster than these. */
const automatic: readonly string[] = ["webgpu", "onnx"];

async function lookForGpu(log?: EngineOptions["log"]): Promise<EngineSighting> {
  const { mayHaveGpu, probeGpu } = await import("./webgpu/check/probe.ts");
  if (!mayHaveGpu() && !asksForDriver())
    return {
      isThere: false,
      reason: "no GPU: there is no device file of one (/dev/dri/renderD*, /dev/nvidia*)",
    };
  return probeGpu(precisionSetting(), log);
}

/** In the precision that is asked for, or that the GPU is fastest in; a software adapter's is 32 bits. */
async function openWebgpu(setting: PrecisionSetting, log: EngineOptions["log"]): Promise<Engine> {
  const [{ createWebgpuEngine }, { arithmeticOptions }] = await Promise.all([
    import("./webgpu/engine.ts"),
    import("./webgpu/device/precision.ts"),
  ]);
  if (setting !== "auto") return createWebgpuEngine({ precision: setting });
  const sighting = await lookForGpu(log);
  const arithmetic = (sighting.isThere && sighting.arithmetic) || "f32";
  return createWebgpuEngine(arithmeticOptions[arithmetic]);
}

/** Whether the user points the Vulkan loader to a driver, as to SwiftShader, which has no device file. */
const asksForDriver = (): boolean =>
  process.env.VK_DRIVER_FILES !== undefined || process.env.VK_ICD_FILENAMES !== undefined;

async function lookForTensorFlow(): Promise<EngineSighting> {
  const { whyNotInstalled } = await import("./tensorflow/installation.ts");
  const missing = whyNotInstalled();
  if (missing !== undefined) return { isThere: false, reason: `${missing} (see docs/engines.md)` };
  return openToLook("tensorflow");
}

async function openToLook(name: string): Promise<EngineSighting> {
  const engine = await entryNamed(name)!.create({ threads: availableParallelism() });
  const { device } = engine;
  await engine.dispose();
  return { isThere: true, device };
}

const entryNamed = (name: string): EngineEntry | undefined => entries.find((entry) => entry.name === name);

export const engineNames: readonly string[] = entries.map(({ name }) => name);

/**
 * The engine of that name, or the fastest of this machine for `auto`.
 *
 * @throws TomoflowError `unknown-engine`; `engine-unavailable` when its library cannot be loaded
 */
export async function openEngine(name: string, options: EngineOptions): Promise<Engine> {
  if (name === "auto") return openFastest(options);
  const entry = entryNamed(name);
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
        hint:
          (error instanceof TomoflowError ? error.hint : undefined) ??
          "tomoflow engines shows what this machine has",
        cause: error,
      },
    );
  }
}

/** The GPU if there is one and it opens, else the processor. A GPU that cannot do what was asked of it is told. */
async function openFastest(options: EngineOptions): Promise<Engine> {
  precisionSetting();
  const sighting = await lookForGpu(options.log);
  if (!sighting.isThere && sighting.isRefused)
    throw new TomoflowError("gpu-precision", sighting.reason, {
      hint: "set TOMOFLOW_GPU_PRECISION to f32 or auto, or use the onnx engine",
    });
  if (sighting.isThere) {
    try {
      const { arithmeticOptions } = await import("./webgpu/device/precision.ts");
      const { createWebgpuEngine } = await import("./webgpu/engine.ts");
      return await createWebgpuEngine(arithmeticOptions[sighting.arithmetic ?? "f32"]);
    } catch {
      // a GPU that was seen and does not open, as one in exclusive use
    }
  }
  return openEngine("onnx", options);
}

/** How tasks may share the GPUs of a machine that has several: see `GpuSurvey`. */
export async function surveyGpus(gpus: readonly UsableGpu[]): Promise<GpuSurvey> {
  return (await import("./webgpu/device/gpu-choice.ts")).surveyGpus(gpus);
}

export type { PrecisionChoice } from "./webgpu/check/precision-choice.ts";
export type { GpuList } from "./webgpu/device/gpu-list.ts";

/** The GPUs that tasks may be given, and others that Vulkan sees. */
export async function listGpus(): Promise<GpuList> {
  return (await import("./webgpu/device/gpu-list.ts")).listGpus();
}

/** What keeps an engine from being opened: a package that is not installed, a setting that means nothing. */
export interface EngineObstacle {
  readonly reason: string;
  readonly hint: string;
}

/** What keeps the engine `name` from being opened, as far as it is found without loading anything; undefined if nothing. */
export async function engineObstacle(name: string): Promise<EngineObstacle | undefined> {
  if (name === "webgpu" || name === "auto") return settingFault();
  if (name !== "tensorflow") return undefined;
  const { howToInstall, whyNotInstalled } = await import("./tensorflow/installation.ts");
  const reason = whyNotInstalled();
  return reason === undefined ? undefined : { reason, hint: howToInstall };
}

function settingFault(): EngineObstacle | undefined {
  try {
    precisionSetting();
    return undefined;
  } catch (error) {
    if (error instanceof TomoflowError) return { reason: error.message, hint: error.hint ?? "" };
    throw error;
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
  /** Of a GPU: which precision it computes in, why, and how fast each is. */
  readonly precision?: PrecisionChoice;
}

/** Every engine that tomoflow knows, looked for on this machine. */
export async function listEngines(): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const { name, summary, look } of entries) {
    const sighting = await look().catch(
      (error: unknown) => ({ isThere: false, reason: messageOf(error) }) as const,
    );
    const available = sighting.isThere;
    const found = sighting.isThere
      ? { device: sighting.device, ...(sighting.precision && { precision: sighting.precision }) }
      : { reason: sighting.reason };
    const chosen = available && automatic.includes(name) && !reports.some((report) => report.chosen);
    reports.push({ name, summary, available, ...found, chosen });
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
