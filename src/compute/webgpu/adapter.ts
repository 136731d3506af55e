/** The GPU that Dawn offers, and whether it is one. */
import { TomoflowError } from "../../core/error.ts";
import { matrixFeatures } from "./matrix-units.ts";
import type { Arithmetic } from "./precision.ts";

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
 * Dawn offers matrix units only among its experimental features.
 *
 * @throws TomoflowError `no-gpu` when Dawn finds none, or none of that name
 */
export async function findAdapter({ experimental = false } = {}): Promise<FoundAdapter> {
  const { create } = await import("webgpu");
  const wanted = process.env.TOMOFLOW_GPU;
  const gpu = create([
    ...(wanted ? [`adapter=${wanted}`] : []),
    ...(experimental ? ["enable-dawn-features=allow_unsafe_apis"] : []),
  ]);
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
export function deviceLabel(
  { device, isSoftware }: FoundAdapter,
  { precision, matrixUnits }: Arithmetic,
): string {
  const parts = [isSoftware ? `${device} (software on the processor)` : device];
  if (precision === "f16") parts.push("16-bit activations");
  if (matrixUnits !== undefined)
    parts.push(`matrix units ${matrixUnits.rows}×${matrixUnits.columns}×${matrixUnits.depth}`);
  return parts.join(", ");
}

/** A device with the adapter's own limits on buffers and workgroup memory, not WebGPU's small defaults. */
export async function requestDevice(
  { adapter }: FoundAdapter,
  { precision, matrixUnits }: Arithmetic,
): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  return adapter.requestDevice({
    label: "tomoflow",
    requiredFeatures: [
      ...(precision === "f16" ? ["shader-f16"] : []),
      ...(matrixUnits === undefined ? [] : matrixFeatures),
    ] as GPUFeatureName[],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  });
}
