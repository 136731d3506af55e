/**
 * HDF5's shuffle filter: the first byte of each voxel, then the second of each, … The kernels count voxels, sixteen a step. Voxels of
 * 2 bytes are taken apart by picking every other byte of two vectors, those of 4 by doing so twice.
 */
import { at, type Code, firstVector, get, i32, type Kernel, set, v128 } from "./assembler.ts";

/** Bytes of each worth that a call takes at most. */
export const planeBytes = 32768;

/** What comes out lies behind what comes in. */
export const shuffledAt = 4 * planeBytes;

const numbers = Array.from({ length: 16 }, (_, i) => i);
const even = (a: Code, b: Code) =>
  v128.pick(
    numbers.map((i) => 2 * i),
    a,
    b,
  );
const odd = (a: Code, b: Code) =>
  v128.pick(
    numbers.map((i) => 2 * i + 1),
    a,
    b,
  );

/** Bytes, or pairs of bytes, of two vectors in turn: those of the lower halves, or of the upper ones. */
const inTurn =
  (together: 1 | 2, half: "lower" | "upper") =>
  (a: Code, b: Code): Code =>
    v128.pick(
      numbers.map((i) => {
        const group = Math.floor(i / together);
        const first = half === "lower" ? 0 : 8;
        return (group % 2) * 16 + first + Math.floor(group / 2) * together + (i % together);
      }),
      a,
      b,
    );

const times = (bytes: 2 | 4): Code => i32.shiftLeft(get(at), i32.const(bytes === 2 ? 1 : 2));
const [v0, v1, v2, v3, w0, w1, w2, w3] = numbers.map((which) => firstVector + which);

const loadVoxels = (bytes: 2 | 4): Code =>
  numbers.slice(0, bytes).flatMap((which) => set(firstVector + which, v128.load(16 * which, times(bytes))));

const loadPlanes = (bytes: 2 | 4): Code =>
  numbers
    .slice(0, bytes)
    .flatMap((which) => set(firstVector + which, v128.load(planeBytes * which, get(at))));

const storePlanes = (...planes: readonly Code[]): Code =>
  planes.flatMap((plane, which) => v128.store(shuffledAt + planeBytes * which, get(at), plane));

const storeVoxels = (bytes: 2 | 4, ...vectors: readonly Code[]): Code =>
  vectors.flatMap((vector, which) => v128.store(shuffledAt + 16 * which, times(bytes), vector));

const kernel = (...body: readonly Code[]): Kernel => ({ vectors: 8, step: 16, body: body.flat() });

const byteLower = inTurn(1, "lower");
const byteUpper = inTurn(1, "upper");
const pairLower = inTurn(2, "lower");
const pairUpper = inTurn(2, "upper");

export const shuffleKernels = {
  shuffle2: kernel(loadVoxels(2), storePlanes(even(get(v0), get(v1)), odd(get(v0), get(v1)))),
  shuffle4: kernel(
    loadVoxels(4),
    set(w0, even(get(v0), get(v1))),
    set(w1, even(get(v2), get(v3))),
    set(w2, odd(get(v0), get(v1))),
    set(w3, odd(get(v2), get(v3))),
    storePlanes(even(get(w0), get(w1)), even(get(w2), get(w3)), odd(get(w0), get(w1)), odd(get(w2), get(w3))),
  ),
  unshuffle2: kernel(loadPlanes(2), storeVoxels(2, byteLower(get(v0), get(v1)), byteUpper(get(v0), get(v1)))),
  unshuffle4: kernel(
    loadPlanes(4),
    set(w0, byteLower(get(v0), get(v1))),
    set(w1, byteUpper(get(v0), get(v1))),
    set(w2, byteLower(get(v2), get(v3))),
    set(w3, byteUpper(get(v2), get(v3))),
    storeVoxels(
      4,
      pairLower(get(w0), get(w2)),
      pairUpper(get(w0), get(w2)),
      pairLower(get(w1), get(w3)),
      pairUpper(get(w1), get(w3)),
    ),
  ),
} satisfies Readonly<Record<string, Kernel>>;
