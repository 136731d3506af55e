/** In which precision a GPU computes, by name: what the user asks for, and what `auto` chooses among. */
import { TomoflowError } from "../../../core/error.ts";

export type Precision = "f32" | "f16";

/** `auto`: the fastest that agrees with the processor, measured (see precision-choice.ts). */
export type PrecisionSetting = Precision | "auto";

const settings: readonly PrecisionSetting[] = ["auto", "f32", "f16"];

/**
 * What the environment variable TOMOFLOW_GPU_PRECISION says; auto where it is not set.
 *
 * @throws TomoflowError `gpu-precision` where it says anything else than auto, f32 or f16
 */
export function precisionSetting(asked = process.env.TOMOFLOW_GPU_PRECISION): PrecisionSetting {
  if (!asked) return "auto";
  const setting = settings.find((name) => name === asked);
  if (setting !== undefined) return setting;
  throw new TomoflowError("gpu-precision", `the environment variable TOMOFLOW_GPU_PRECISION is ${asked}`, {
    hint: `set it to one of ${settings.join(", ")}, or unset it for auto`,
  });
}

/** A way to compute, as `auto` chooses among them. */
export type ArithmeticName = "f32" | "f16" | "f16 on matrix units";

/** How an engine is opened to compute so. */
export const arithmeticOptions: Readonly<
  Record<ArithmeticName, { readonly precision: Precision; readonly matrixUnits: boolean }>
> = {
  f32: { precision: "f32", matrixUnits: false },
  f16: { precision: "f16", matrixUnits: false },
  "f16 on matrix units": { precision: "f16", matrixUnits: true },
};
