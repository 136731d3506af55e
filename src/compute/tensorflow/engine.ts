/**
 * The `tensorflow` engine: graphs as TensorFlow.js operations on the native TensorFlow library, on an NVIDIA GPU through CUDA
 * or on the processor. Derivatives of a loss come from TensorFlow.js's own differentiation.
 */
import { totalmem } from "node:os";
import type { Engine, EngineOptions } from "../engine.ts";
import { nvidiaBytes } from "../webgpu/device/device-memory.ts";
import { chooseFormulation, type Formulation } from "./convolution.ts";
import { planTensorFlowBytes } from "./memory.ts";
import { createProgram } from "./program.ts";
import { loadTensorFlow, type TensorFlow } from "./runtime.ts";

/** Part of a GPU's memory that programs may plan with: the CUDA libraries have the rest. */
const usableShare = 0.85;
/** Of a GPU whose memory is not known. */
const leastBytes = 4e9;

/** @throws TomoflowError `tensorflow-missing`, `tensorflow-unusable` */
export async function createTensorFlowEngine({ threads, memoryBytes }: EngineOptions): Promise<Engine> {
  const { tf, version, usesGpu } = await loadTensorFlow(threads);
  const processor = usesGpu ? "NVIDIA GPU" : `CPU, ${process.env.TF_NUM_INTRAOP_THREADS} threads`;
  const formulation = chooseFormulation(tf);
  const memory = usesGpu ? usableShare * ((await nvidiaBytes()) ?? leastBytes) : (memoryBytes ?? totalmem());
  return engineOn(tf, {
    device: `TensorFlow ${version}, ${processor}, convolutions by ${formulation}`,
    memoryBytes: memory,
    formulation,
  });
}

export interface EngineSettings {
  readonly device: string;
  readonly memoryBytes: number;
  readonly formulation: Formulation;
}

/** On whatever backend `tf` has set: in tests, TensorFlow.js's own for the processor. */
export const engineOn = (tf: TensorFlow, { device, memoryBytes, formulation }: EngineSettings): Engine => ({
  name: "tensorflow",
  device,
  streamsPlanes: false,
  memoryBytes: () => memoryBytes,
  planBytes: (graph) => planTensorFlowBytes(graph, formulation),
  compile: async (graph, options) => createProgram(tf, graph, { ...options, formulation }),
  dispose: async () => {},
});
