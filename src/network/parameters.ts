/** Names and shapes of a network's parameters, and their first values. */
import type { Random } from "../core/random.ts";

/** A trainable tensor; kernels are (out, in, kz, ky, kx), biases (out). */
export interface ParameterDefinition {
  /** `<layer>/kernel` or `<layer>/bias`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Not drawn, but zero at first. */
  readonly startsAtZero?: boolean;
}

/** Values of all parameters by name, in the order of the definitions. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

/**
 * How kernels start: `glorot`, uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010), Keras's and so DeepFinder's;
 * `he`, uniform in ±√(6 / fan in) (He et al. 2015), which keeps the variance through rectifiers.
 */
export type Initialization = "glorot" | "he";

/** First values; biases are zero, and kernels that say so. */
export function initialParameters(
  definitions: readonly ParameterDefinition[],
  random: Random,
  initialization: Initialization = "glorot",
): ParameterValues {
  return new Map(
    definitions.map(({ name, shape, startsAtZero = false }) => [
      name,
      startsAtZero ? new Float32Array(elementCount(shape)) : initialValue(shape, random, initialization),
    ]),
  );
}

function initialValue(
  shape: readonly number[],
  random: Random,
  initialization: Initialization,
): Float32Array {
  const value = new Float32Array(elementCount(shape));
  if (shape.length === 1) return value;
  const [out, into, ...size] = shape;
  const fan = initialization === "he" ? into! : out! + into!;
  const limit = Math.sqrt(6 / (fan * elementCount(size)));
  for (let i = 0; i < value.length; i++) value[i] = (2 * random.uniform() - 1) * limit;
  return value;
}
