/** The GPU that Dawn offers, and whether it is one. */
import { TomoflowError } from "../../../core/error.ts";
import type { PciAddress } from "../../../core/gpu/pci-address.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { chooseGpu, type GpuChoice } from "./gpu-choice.ts";
import { matrixFeatures } from "./matrix-units.ts";

export interface FoundAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** As the driver names it. */
  readonly device: string;
  /** Vulkan on the processor: no GPU. */
  readonly isSoftware: boolean;
  /** On the PCI bus, where it was chosen by that. */
  readonly address?: PciAddress;
}

/**
 * Loads Dawn and asks for the fastest adapter, or for the one that the environment variable TOMOFLOW_GPU says by its PCI address
 * or a part of its name. Dawn offers matrix units only among its `experimental` features, 16-bit floats of NVIDIA's GPUs only where
 * a toggle says so, and rounds time stamps to 0.1 ms unless `exactClock` is asked for.
 *
 * @throws TomoflowError `no-gpu` when Dawn finds none, or not that one; `gpus-not-told-apart`
 */
export async function findAdapter({ experimental = false, exactClock = false } = {}): Promise<FoundAdapter> {
  const choice = await chooseGpu();
  const { create } = await import("webgpu");
  setEnvironment(choice.environment ?? {});
  const gpu = create([
    ...(choice.adapter ? [`adapter=${choice.adapter}`] : []),
    `enable-dawn-features=${[...(experimental ? ["allow_unsafe_apis"] : []), halvesOnNvidia].join(",")}`,
    ...(exactClock ? ["disable-dawn-features=timestamp_quantization"] : []),
  ]);
  const adapter = await gpu
    .requestAdapter({ powerPreference: "high-performance" })
    .catch((error: unknown) => {
      if (!choice.adapter) throw error;
      throw new TomoflowError(
        "no-gpu",
        `Dawn finds no GPU whose name holds ${choice.adapter}, as TOMOFLOW_GPU asks`,
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
  checkChoice(choice, adapter.info);
  const { address } = choice;
  return {
    gpu,
    adapter,
    device: deviceName(adapter.info),
    isSoftware: isSoftware(adapter.info),
    ...(address && { address }),
  };
}

/**
 * Dawn's toggle. On Vulkan it hides NVIDIA's 16-bit floats, since some of Chrome's own tests failed there. Ours pass on an H100, and
 * none is used before the check of the precision trial has held it against the processor.
 */
const halvesOnNvidia = "vulkan_enable_f16_on_nvidia";

/** Read by Mesa's layer, through getenv, whenever Dawn asks Vulkan for its devices. */
function setEnvironment(environment: NonNullable<GpuChoice["environment"]>): void {
  for (const [name, value] of Object.entries(environment))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}

/** A GPU of another name than the one at the address was not chosen by it. Two of the same name look alike from here. */
function checkChoice({ expectedName, address }: GpuChoice, { device }: GPUAdapterInfo): void {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (expectedName === undefined || device === "" || plain(device) === plain(expectedName)) return;
  throw new TomoflowError(
    "no-gpu",
    `Dawn took ${device} instead of ${expectedName}, which is at ${address}`,
    {
      hint: "unset DRI_PRIME, MESA_VK_DEVICE_SELECT and VK_LOADER_LAYERS_DISABLE, or TOMOFLOW_GPU and CUDA_VISIBLE_DEVICES",
    },
  );
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
