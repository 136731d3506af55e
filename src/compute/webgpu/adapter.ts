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

/** What an engine on this adapter calls its device: in logs, locks and the list of engines. */
export const deviceLabel = ({ device, isSoftware }: FoundAdapter, precision: Precision): string =>
  `${device}${isSoftware ? " (software on the processor)" : ""}${precision === "f16" ? ", 16-bit activations" : ""}`;

/** A device with the adapter's own limits on buffers and workgroup memory, not WebGPU's small defaults. */
export async function requestDevice({ adapter }: FoundAdapter, precision: Precision): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  return adapter.requestDevice({
    label: "tomoflow",
    requiredFeatures: precision === "f16" ? ["shader-f16"] : [],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  });
}
