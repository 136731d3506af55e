/** What `tomoflow engines` says of GPUs, below the table of engines. */
import type { GpuList, PrecisionChoice } from "../compute/engines.ts";
import { formatTable } from "./output.ts";

/** The GPUs by name and address, and how tasks share them; empty where there is none. */
export function gpuText({ gpus, sharing }: GpuList): readonly string[] {
  if (gpus.length === 0) return [];
  const rows = gpus.map(({ name, address, model }) => [
    name === undefined ? "not for tasks" : `GPU ${name}`,
    address ?? "address unknown",
    model ?? "",
  ]);
  return ["", formatTable(rows), ...(sharing === undefined ? [] : [sharingText(sharing)])];
}

function sharingText({ use, reason, hint }: NonNullable<GpuList["sharing"]>): string {
  if (use === "each") return "each task of the webgpu engine gets one of its own";
  if (use === "none") return `the webgpu engine cannot use them: ${reason}`;
  return `tasks of the webgpu engine use one at a time: ${reason}\n  hint: ${hint}`;
}

/** Which precision `webgpu` computes in, why, and how fast each way was on the full-width network. */
export function precisionText({ chosen, reason, trials }: PrecisionChoice): readonly string[] {
  const speed = (gigaflops: number | undefined) =>
    gigaflops === undefined ? "not timed" : `${gigaflops.toFixed(0)} GFLOP/s`;
  const rows = trials.map(({ name, fault, forwardGigaflops, trainingGigaflops }) => [
    name === chosen ? `✔ ${name}` : `  ${name}`,
    fault ?? `forward ${speed(forwardGigaflops)}`,
    fault === undefined ? `training ${speed(trainingGigaflops)}` : "",
  ]);
  return ["", `webgpu computes in ${chosen}: ${reason}`, formatTable(rows)];
}
