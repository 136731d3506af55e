/** The `webgpu` engine: graphs as compute shaders, run on any GPU through Dawn. */
import { TomoflowError } from "../../core/error.ts";
import type { Graph } from "../../network/graph.ts";
import type { Engine } from "../engine.ts";
import { findAdapter, requestDevice } from "./adapter.ts";
import { deviceMemoryBytes } from "./device-memory.ts";
import { gpuRegisters, type ShaderLimits, softwareRegisters, type ThreadRegisters } from "./dispatch.ts";
import { lowerGraph } from "./lower.ts";
import { planBuffers } from "./plan.ts";
import { compileProgram, type ProgramContext } from "./program.ts";

export interface WebgpuOptions {
  /** For tests: those fitted to the adapter when not given. */
  readonly registers?: ThreadRegisters;
}

/**
 * Opens the fastest adapter, a software one too if there is no other.
 *
 * @throws TomoflowError `no-gpu`
 */
export async function createWebgpuEngine(options: WebgpuOptions = {}): Promise<Engine> {
  const found = await findAdapter();
  const device = await requestDevice(found);
  const memory = await deviceMemoryBytes(found);
  const limits: ShaderLimits = {
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    registers: options.registers ?? (found.isSoftware ? softwareRegisters : gpuRegisters),
  };
  const largestValue = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  const context: ProgramContext = {
    gpu: found.gpu,
    device,
    limits,
    pipelines: new Map(),
    lost: lossOf(device),
  };
  return {
    name: "webgpu",
    device: found.isSoftware ? `${found.device} (software on the processor)` : found.device,
    memoryBytes: () => memory,
    planBytes: (graph: Graph) => {
      const plan = planBuffers(graph, lowerGraph(graph, limits));
      return Math.max(...plan.bytes) > largestValue ? Number.POSITIVE_INFINITY : plan.totalBytes;
    },
    compile: (graph) => compileProgram(context, graph),
    dispose: async () => device.destroy(),
  };
}

/** Rejects when the device is lost, by a driver's reset or by `dispose`. */
function lossOf(device: GPUDevice): Promise<never> {
  const lost = device.lost.then(({ reason, message }) => {
    throw new TomoflowError("gpu-lost", `the GPU was lost (${reason}): ${message}`, {
      hint: "run again: finished tasks are kept. If it happens again, use a smaller tile, batch or patch, look for driver errors with dmesg, or use the onnx engine",
    });
  });
  lost.catch(() => undefined); // reported by the calls that wait for the device
  return lost;
}
