/** Kernels lie in memory as (out, in, kz, ky, kx), in Keras's files as (kz, ky, kx, in, out). */

/** `values` of a kernel (out, in, kz, ky, kx) in the file's order; `shape` is the one in memory. */
export function toKerasOrder(values: Float32Array, shape: readonly number[]): Float32Array {
  const [out, into, cells] = lengths(shape);
  const result = new Float32Array(values.length);
  for (let o = 0, from = 0; o < out; o++)
    for (let i = 0; i < into; i++)
      for (let cell = 0; cell < cells; cell++) result[(cell * into + i) * out + o] = values[from++]!;
  return result;
}

/** The inverse of `toKerasOrder`; `shape` is again the one in memory. */
export function fromKerasOrder(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  const [out, into, cells] = lengths(shape);
  const result = new Float32Array(values.length);
  for (let o = 0, to = 0; o < out; o++)
    for (let i = 0; i < into; i++)
      for (let cell = 0; cell < cells; cell++) result[to++] = values[(cell * into + i) * out + o]!;
  return result;
}

const lengths = ([out, into, kz, ky, kx]: readonly number[]) => [out!, into!, kz! * ky! * kx!] as const;
