/** How the GPU stores activations and multiplies them: what the user asks for, and what the adapter can do. */
import { TomoflowError } from "../../../core/error.ts";
import type { Precision } from "../lowering/dispatch.ts";
import type { FoundAdapter } from "./adapter.ts";
import { type MatrixUnits, matrixUnitsOf } from "./matrix-units.ts";

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
export function arithmeticOf(found: FoundAdapter, precision: Precision): Arithmetic {
  if (precision === "f32") return { precision };
  if (!hasHalves(found))
    throw new TomoflowError("gpu-precision", `${found.device} has no 16-bit floats (shader-f16)`, {
      hint: "set TOMOFLOW_GPU_PRECISION to f32 or auto",
    });
  return { precision, matrixUnits: matrixUnitsOf(found) };
}

const hasHalves = ({ adapter }: FoundAdapter): boolean => adapter.features.has("shader-f16");

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

/** What an adapter that was found with Dawn's experimental features can do. */
export function offeredArithmetic(found: FoundAdapter): readonly ArithmeticName[] {
  if (!hasHalves(found)) return ["f32"];
  return matrixUnitsOf(found) === undefined ? ["f32", "f16"] : ["f32", "f16", "f16 on matrix units"];
}
