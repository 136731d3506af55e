/** The GPU that Dawn offers, and whether it is one. */
import { TomoflowError } from "../../core/error.ts";
import type { Precision } from "./dispatch.ts";

export interface FoundAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** As the driver names it. */
  readonly device: string;
  /** Vulkan on the processor: no GPU. */
  readonly isSoftware: boolean;
}

/**
 * Loads Dawn and asks for the fastest adapter, or for the one whose name holds what the environment variable TOMOFLOW_GPU says.
 *
 * @throws TomoflowError `no-gpu` when Dawn finds none, or none of that name
 */
export async function findAdapter(): Promise<FoundAdapter> {
  const { create } = await import("webgpu");
  const wanted = process.env.TOMOFLOW_GPU;
  const gpu = create(wanted ? [`adapter=${wanted}`] : []);
  const adapter = await gpu
    .requestAdapter({ powerPreference: "high-performance" })
    .catch((error: unknown) => {
      if (!wanted) throw error;
      throw new TomoflowError(
        "no-gpu",
        `Dawn finds no GPU whose name holds ${wanted}, as TOMOFLOW_GPU asks`,
        {
          hint: "vulkaninfo --summary lists the names; unset TOMOFLOW_GPU to take the fastest",
          cause: error,
        },
      );
    });
  if (adapter === null)
    throw new TomoflowError("no-gpu", "Dawn finds no GPU", {
      hint: "tomoflow engines says what is missing; docs/engines.md how to install it",
    });
  return { gpu, adapter, device: deviceName(adapter.info), isSoftware: isSoftware(adapter.info) };
}

function deviceName({ vendor, device, description }: GPUAdapterInfo): string {
  const name = device || vendor || "unnamed GPU";
  return description === "" || description === name ? name : `${name}, ${description}`;
}

const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i.test(
    `${info.vendor} ${info.architecture} ${info.device} ${info.description}`,
  );

/**
 * A device with the adapter's own limits on buffers and workgroup memory, not WebGPU's small defaults.
 *
 * @throws TomoflowError `gpu-precision` where 16 bits are asked for and the adapter does not have them
 */
export async function requestDevice(
  { adapter, device }: FoundAdapter,
  precision: Precision,
): Promise<GPUDevice> {
  if (precision === "f16" && !adapter.features.has("shader-f16"))
    throw new TomoflowError("gpu-precision", `${device} has no 16-bit floats (shader-f16)`, {
      hint: "use precision f32",
    });
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  return adapter.requestDevice({
    label: "tomoflow",
    requiredFeatures: precision === "f16" ? ["shader-f16"] : [],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  });
}
