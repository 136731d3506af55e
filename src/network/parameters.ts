/** Names and shapes of a network's parameters, and their first values. */
import type { Random } from "../core/random.ts";

/** A trainable tensor; kernels are (out, in, kz, ky, kx), biases (out). */
export interface ParameterDefinition {
  /** `<layer>/kernel` or `<layer>/bias`. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** Values of all parameters by name, in the order of the definitions. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

/** Glorot uniform kernels (Glorot and Bengio 2010) and zero biases: Keras's defaults. */
export function initialParameters(
  definitions: readonly ParameterDefinition[],
  random: Random,
): ParameterValues {
  return new Map(definitions.map(({ name, shape }) => [name, initialValue(shape, random)]));
}

function initialValue(shape: readonly number[], random: Random): Float32Array {
  const value = new Float32Array(elementCount(shape));
  if (shape.length === 1) return value;
  const [out, into, ...size] = shape;
  const limit = Math.sqrt(6 / ((out! + into!) * elementCount(size)));
  for (let i = 0; i < value.length; i++) value[i] = (2 * random.uniform() - 1) * limit;
  return value;
}
