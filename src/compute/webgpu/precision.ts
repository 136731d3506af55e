/** How the GPU stores activations and multiplies them: what the user asks for, and what the adapter can do. */
import { TomoflowError } from "../../core/error.ts";
import type { FoundAdapter } from "./adapter.ts";
import type { Precision } from "./dispatch.ts";
import { type MatrixUnits, matrixUnitsOf } from "./matrix-units.ts";

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

/** How a device computes. */
export interface Arithmetic {
  readonly precision: Precision;
  /** Those that convolutions of 16-bit activations use. */
  readonly matrixUnits?: MatrixUnits;
}

/**
 * What the adapter does of what is asked for; its matrix units with 16-bit activations.
 *
 * @throws TomoflowError `gpu-precision` where 16 bits are asked for and the adapter does not have them
 */
export function arithmeticOf(found: FoundAdapter, setting: PrecisionSetting): Arithmetic {
  const { adapter, device } = found;
  const hasHalves = adapter.features.has("shader-f16");
  if (setting === "f16" && !hasHalves)
    throw new TomoflowError("gpu-precision", `${device} has no 16-bit floats (shader-f16)`, {
      hint: "use precision f32, or auto (TOMOFLOW_GPU_PRECISION)",
    });
  if (setting === "f32" || !hasHalves) return { precision: "f32" };
  return { precision: "f16", matrixUnits: matrixUnitsOf(found) };
}
