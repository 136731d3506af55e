/** How one of several GPUs is chosen before Dawn is loaded: by its PCI address, or by a part of its name. */
import { TomoflowError } from "../../../core/error.ts";
import type { GpuSurvey } from "../../../core/gpu/gpu-survey.ts";
import { type PciAddress, parsePciAddress } from "../../../core/gpu/pci-address.ts";
import { gpusHere, gpusOfMachine, type UsableGpu } from "../../../core/gpu/usable-gpus.ts";
import { layerEnvironment, lookThroughVulkan, type VulkanSight } from "./vulkan-devices.ts";

export interface GpuChoice {
  readonly address?: PciAddress;
  /** Dawn's option `adapter`: a part of the name. */
  readonly adapter?: string;
  /** Variables to be set before Dawn asks Vulkan for its devices; undefined: to be unset. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What the adapter must then be called. */
  readonly expectedName?: string;
}

/**
 * What makes Dawn take the GPU that TOMOFLOW_GPU says, by a PCI address or a part of a name; else the first that
 * CUDA_VISIBLE_DEVICES names, if it leaves out others and Dawn can be told.
 *
 * @throws TomoflowError `no-gpu` where there is none at the address; `gpus-not-told-apart`
 */
export async function chooseGpu(wanted = process.env.TOMOFLOW_GPU): Promise<GpuChoice> {
  if (!wanted) return choiceOfCuda();
  const address = parsePciAddress(wanted);
  if (address === undefined) return { adapter: wanted };
  const gpus = gpusOfMachine();
  return choiceOf(address, gpus, gpus.length > 1 ? await lookThroughVulkan(address) : undefined);
}

async function choiceOfCuda(): Promise<GpuChoice> {
  const { usable, all } = gpusHere();
  const address = usable[0]?.address;
  if (address === undefined || usable.length >= all.length) return {};
  const sight = await lookThroughVulkan(address);
  return canChoose(address, all, sight) ? choiceOf(address, all, sight) : {};
}

/** @param sight what Vulkan sees, where there are several */
export function choiceOf(
  address: PciAddress,
  gpus: readonly UsableGpu[],
  sight: VulkanSight | undefined,
): GpuChoice {
  const gpu = gpus.find((one) => one.address === address);
  if (gpu === undefined)
    throw new TomoflowError("no-gpu", `there is no GPU at ${address}, as TOMOFLOW_GPU asks`, {
      hint: `there is ${gpus.map((one) => one.address ?? one.name).join(", ") || "none"}: tomoflow engines lists them`,
    });
  if (sight === undefined) return { address };
  const { devices } = sight;
  const device = devices?.find((one) => one.address === address);
  if (device !== undefined && sight.obeys)
    return { address, environment: layerEnvironment(address), expectedName: device.name };
  if (isAlone(gpu, gpus) && (device !== undefined || !devices?.some((one) => one.address !== undefined)))
    return { address, adapter: gpu.model!, expectedName: gpu.model! };
  const { reason, hint } = whyNot(gpus, sight);
  const code = devices === undefined || device !== undefined ? "gpus-not-told-apart" : "no-gpu";
  throw new TomoflowError(code, `the GPU at ${address} cannot be chosen: ${reason}`, { hint });
}

/** Whether no other GPU has its name, nor one that holds it. */
const isAlone = ({ model }: UsableGpu, gpus: readonly UsableGpu[]): boolean =>
  model !== undefined &&
  gpus.every((gpu) => gpu.model !== undefined) &&
  gpus.filter((gpu) => gpu.model!.includes(model)).length === 1;

/** A place where no GPU is: Vulkan is asked what it sees where no address is known. */
export const unknownAddress: PciAddress = "ffff:ff:1f.7";

/** Whether each of several GPUs can be chosen. */
export async function surveyGpus(gpus: readonly UsableGpu[]): Promise<GpuSurvey> {
  const { address = unknownAddress } = gpus.find((gpu) => gpu.address !== undefined) ?? {};
  return surveyOf(gpus, await lookThroughVulkan(address), gpusOfMachine());
}

/** @param all of the machine, `gpus` among them */
export function surveyOf(gpus: readonly UsableGpu[], sight: VulkanSight, all = gpus): GpuSurvey {
  if (!sight.hasAdapter) return { use: "none", reason: "Vulkan finds no GPU" };
  const each = gpus.every(({ address }) => address !== undefined && canChoose(address, all, sight));
  return each ? { use: "each" } : { use: "together", ...whyNot(gpus, sight) };
}

function canChoose(address: PciAddress, gpus: readonly UsableGpu[], sight: VulkanSight): boolean {
  try {
    choiceOf(address, gpus, sight);
    return true;
  } catch {
    return false;
  }
}

function whyNot(
  gpus: readonly UsableGpu[],
  { devices, obeys }: VulkanSight,
): { readonly reason: string; readonly hint: string } {
  if (gpus.some(({ address }) => address === undefined))
    return { reason: "the PCI address of one of them is not known", hint: addressHint };
  if (devices === undefined)
    return {
      reason: "GPUs of the same name are told apart by Mesa's device selection layer, which is not installed",
      hint: "apt install mesa-vulkan-drivers, or dnf install mesa-vulkan-drivers; others are in docs/engines.md",
    };
  if (!obeys && gpus.some(({ address }) => devices.some((device) => device.address === address)))
    return {
      reason: "Mesa's device selection layer, which tells GPUs of the same name apart, is too old here",
      hint: "install a newer Mesa: that of 22.3 (Debian 12) takes another GPU than it is told, that of 26.2 the right one",
    };
  const seen = devices.map(({ name, address }) => `${name} at ${address ?? "an unknown address"}`);
  return { reason: `Vulkan sees ${seen.join(", ") || "none"}`, hint: "look for the driver of the others" };
}

const addressHint =
  "let the container see /proc/driver/nvidia and /sys, and name GPUs by number or UUID in CUDA_VISIBLE_DEVICES; with numbers, set CUDA_DEVICE_ORDER=PCI_BUS_ID";
