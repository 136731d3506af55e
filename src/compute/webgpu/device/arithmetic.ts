/**
 * How a GPU stores activations and multiplies them, as far as its adapter can. Apart from the names in precision.ts, which the
 * public types reach: users of the library need no types of WebGPU.
 */
import { TomoflowError } from "../../../core/error.ts";
import type { FoundAdapter } from "./adapter.ts";
import { type MatrixUnits, matrixUnitsOf } from "./matrix-units.ts";
import type { ArithmeticName, Precision } from "./precision.ts";

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

/** What an adapter that was found with Dawn's experimental features can do. */
export function offeredArithmetic(found: FoundAdapter): readonly ArithmeticName[] {
  if (!hasHalves(found)) return ["f32"];
  return matrixUnitsOf(found) === undefined ? ["f32", "f16"] : ["f32", "f16", "f16 on matrix units"];
}
