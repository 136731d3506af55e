/** The `webgpu` engine: graphs as compute shaders, run on any GPU through Dawn. */
import type { CompileOptions, Engine } from "../engine.ts";
import { keptInputs } from "../feeds.ts";
import { deviceLabel, type FoundAdapter, findAdapter, requestDevice } from "./device/adapter.ts";
import { type Arithmetic, arithmeticOf } from "./device/arithmetic.ts";
import { deviceMemoryBytes } from "./device/device-memory.ts";
import { type DeviceSession, openSession } from "./device/device-session.ts";
import type { Precision } from "./device/precision.ts";
import {
  gpuRegisters,
  type ShaderLimits,
  softwareRegisters,
  type ThreadRegisters,
} from "./lowering/dispatch.ts";
import { planWebgpuBytes } from "./lowering/memory.ts";
import { compileProgram } from "./program/program.ts";
import { readerSets } from "./program/readers.ts";

export interface WebgpuOptions {
  /** For tests: those fitted to the adapter when not given. */
  readonly registers?: ThreadRegisters;
  /** How activations are stored: `f32` when not given. `f16` needs shader-f16. */
  readonly precision?: Precision;
  /** Whether convolutions of 16-bit activations use the GPU's matrix units, where it has any: they do when not given. */
  readonly matrixUnits?: boolean;
  /** Most that the buffers of all programs together may take; what the GPU gives when not given. */
  readonly memoryLimitBytes?: number;
  /** For tests: most floating-point operations of a submission; see submissions.ts. */
  readonly submissionWork?: number;
}

/** What the buffers of a device take now. */
export interface WebgpuEngine extends Engine {
  buffers(): { readonly count: number; readonly bytes: number };
}

/**
 * Opens the fastest adapter, a software one too if there is no other. A device that is lost is opened again by the next
 * `compile`; its programs are lost with it.
 *
 * @throws TomoflowError `no-gpu`, `gpu-precision`
 */
export async function createWebgpuEngine(options: WebgpuOptions = {}): Promise<WebgpuEngine> {
  const { precision = "f32", matrixUnits = true } = options;
  const search = { experimental: precision !== "f32" && matrixUnits };
  const found = await findAdapter(search);
  const arithmetic = arithmeticOf(found, precision);
  const memory = await deviceMemoryBytes(found);
  let session = await open(found, arithmetic, options);
  let isDisposed = false;
  const { limits, device } = session;
  const largestValue = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  const reopened = async (): Promise<DeviceSession> => {
    if (session.loss !== undefined && !isDisposed)
      session = await open(await findAdapter(search), arithmetic, options);
    return session;
  };
  return {
    name: "webgpu",
    device: deviceLabel(found, arithmetic),
    streamsPlanes: false,
    runsInFlight: readerSets,
    memoryBytes: () => memory,
    planBytes: (graph, { kept }: CompileOptions = {}) =>
      planWebgpuBytes(graph, limits, {
        largestValue,
        kept: keptInputs(graph, kept),
        submissionWork: options.submissionWork,
      }),
    compile: async (graph, compileOptions) =>
      compileProgram(await reopened(), graph, { ...compileOptions, submissionWork: options.submissionWork }),
    buffers: () => ({ count: session.buffers.count, bytes: session.buffers.bytes }),
    dispose: async () => {
      isDisposed = true;
      session.device.destroy();
    },
  };
}

async function open(
  found: FoundAdapter,
  arithmetic: Arithmetic,
  options: WebgpuOptions,
): Promise<DeviceSession> {
  const device = await requestDevice(found, arithmetic);
  const limits: ShaderLimits = {
    ...arithmetic,
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    registers: options.registers ?? (found.isSoftware ? softwareRegisters : gpuRegisters),
  };
  return openSession(found, device, { limits, memoryLimitBytes: options.memoryLimitBytes });
}
