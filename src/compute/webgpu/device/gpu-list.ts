/** The GPUs of this machine as the runner gives them to tasks, with the names that Vulkan has for them. */
import type { GpuSurvey } from "../../../core/gpu/gpu-survey.ts";
import { gpusHere, type UsableGpu } from "../../../core/gpu/usable-gpus.ts";
import { mayHaveGpu } from "../check/probe.ts";
import { surveyOf, unknownAddress } from "./gpu-choice.ts";
import { lookThroughVulkan, type VulkanSight } from "./vulkan-devices.ts";

export interface ListedGpu {
  /** As CUDA_VISIBLE_DEVICES takes it; undefined of one that Vulkan sees and tasks are not given, as that in a processor beside others. */
  readonly name?: string;
  /** On the PCI bus, `0000:41:00.0`. */
  readonly address?: string;
  readonly model?: string;
}

export interface GpuList {
  readonly gpus: readonly ListedGpu[];
  /** Where the machine has several. */
  readonly sharing?: GpuSurvey;
}

export async function listGpus(): Promise<GpuList> {
  const { usable: gpus, all } = gpusHere();
  if (gpus.length === 0 && !mayHaveGpu()) return { gpus };
  const { address = unknownAddress } = gpus.find((gpu) => gpu.address !== undefined) ?? {};
  return gpuListOf(gpus, await lookThroughVulkan(address), all);
}

/** @param all of the machine, `gpus` among them */
export function gpuListOf(gpus: readonly UsableGpu[], sight: VulkanSight, all = gpus): GpuList {
  const seen = (sight.devices ?? []).filter(({ type }) => type !== "CPU");
  const listed = gpus.map(({ name, address, model }): ListedGpu => {
    const device = seen.find((one) => address !== undefined && one.address === address);
    const known = device?.name ?? model;
    return { name, ...(address && { address }), ...(known && { model: known }) };
  });
  const others = seen
    .filter(({ address }) => address !== undefined && gpus.every((gpu) => gpu.address !== address))
    .map(({ name, address }): ListedGpu => ({ model: name, ...(address && { address }) }));
  return {
    gpus: [...listed, ...others],
    ...(gpus.length > 0 && all.length > 1 && { sharing: surveyOf(gpus, sight, all) }),
  };
}
