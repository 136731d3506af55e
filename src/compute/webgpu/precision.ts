/** How the GPU stores activations: what the user asks for, and what the adapter can do. */
import { TomoflowError } from "../../core/error.ts";
import type { FoundAdapter } from "./adapter.ts";
import type { Precision } from "./dispatch.ts";

/** `auto`: 16 bits where the adapter has them. */
export type PrecisionSetting = Precision | "auto";

const settings: readonly PrecisionSetting[] = ["f32", "f16", "auto"];

/**
 * What the environment variable TOMOFLOW_GPU_PRECISION says; f32 where it is not set.
 *
 * @throws TomoflowError `gpu-precision` where it says anything else than f32, f16 or auto
 */
export function precisionSetting(asked = process.env.TOMOFLOW_GPU_PRECISION): PrecisionSetting {
  if (!asked) return "f32";
  const setting = settings.find((name) => name === asked);
  if (setting !== undefined) return setting;
  throw new TomoflowError("gpu-precision", `the environment variable TOMOFLOW_GPU_PRECISION is ${asked}`, {
    hint: `set it to one of ${settings.join(", ")}, or unset it for f32`,
  });
}

/** @throws TomoflowError `gpu-precision` where 16 bits are asked for and the adapter does not have them */
export function resolvePrecision({ adapter, device }: FoundAdapter, setting: PrecisionSetting): Precision {
  const hasHalves = adapter.features.has("shader-f16");
  if (setting === "f16" && !hasHalves)
    throw new TomoflowError("gpu-precision", `${device} has no 16-bit floats (shader-f16)`, {
      hint: "use precision f32, or auto (TOMOFLOW_GPU_PRECISION)",
    });
  return setting !== "f32" && hasHalves ? "f16" : "f32";
}
