/**
 * Fourier transforms of real volumes, any lengths: forward not normalised, inverse divided by the number of voxels, as in
 * numpy's `rfftn` and `irfftn`. Half of the spectrum is kept, in single precision; lines are transformed in double.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Shape3 } from "../../volume/volume.ts";
import {
  createLineBuffers,
  createLinePlan,
  inverseTransformLines,
  type LineBuffers,
  type LinePlan,
  transformLines,
} from "./line-transform.ts";

/** The half spectrum of a real volume: frequencies (kz, ky, kx), kx = 0…floor(nx/2). */
export interface Spectrum {
  /** (z, y, x) of the volume, not of the spectrum. */
  readonly shape: Shape3;
  /** floor(nx/2) + 1. */
  readonly width: number;
  /** (kz, ky, kx) */
  readonly real: Float32Array;
  /** (kz, ky, kx) */
  readonly imaginary: Float32Array;
}

/** Lines transformed together: enough to fill a cache line of doubles, few enough to stay in the cache. */
const batch = 16;

/** @param volume (z, y, x) of `shape` */
export async function transformVolume(
  volume: Float32Array,
  shape: Shape3,
  signal?: AbortSignal,
): Promise<Spectrum> {
  const [depth, height, columns] = shape;
  const width = Math.floor(columns / 2) + 1;
  const count = depth * height * width;
  const spectrum: Spectrum = {
    shape,
    width,
    real: new Float32Array(count),
    imaginary: new Float32Array(count),
  };
  transformRows(volume, spectrum);
  await pause(signal);
  transformColumns(spectrum, "y", transformLines);
  await pause(signal);
  transformColumns(spectrum, "z", transformLines);
  await pause(signal);
  return spectrum;
}

/** Writes the volume into `volume` (z, y, x); the spectrum is used up. */
export async function inverseTransformVolume(
  spectrum: Spectrum,
  volume: Float32Array,
  signal?: AbortSignal,
): Promise<void> {
  transformColumns(spectrum, "z", inverseTransformLines);
  await pause(signal);
  transformColumns(spectrum, "y", inverseTransformLines);
  await pause(signal);
  inverseTransformRows(spectrum, volume);
  await pause(signal);
}

async function pause(signal?: AbortSignal): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

/** The next length from `length` on whose prime factors are 2, 3 and 5 alone. */
export function fastLength(length: number): number {
  let candidate = length;
  while (!isFast(candidate)) candidate++;
  return candidate;
}

const isFast = (length: number): boolean =>
  [2, 3, 5].reduce((rest, prime) => withoutFactor(rest, prime), length) === 1;

function withoutFactor(value: number, prime: number): number {
  let rest = value;
  while (rest % prime === 0) rest /= prime;
  return rest;
}

/** Two real rows make one complex line: Z = A + iB, so A[k] = (Z[k] + Z*[n−k])/2 and B[k] = (Z[k] − Z*[n−k])/2i. */
function transformRows(volume: Float32Array, { shape, width, real, imaginary }: Spectrum): void {
  const [depth, height, columns] = shape;
  const rows = depth * height;
  const plan = createLinePlan(columns);
  const buffers = createLineBuffers(columns * batch);
  for (let first = 0; first < rows; first += 2 * batch) {
    const pairs = Math.min(batch, Math.ceil((rows - first) / 2));
    gatherRows(volume, { first, rows, columns, pairs }, buffers);
    transformLines(plan, buffers, pairs);
    const { real: zr, imaginary: zi } = buffers;
    for (let pair = 0; pair < pairs; pair++)
      for (let k = 0; k < width; k++) {
        const at = k * pairs + pair;
        const mirrored = (k === 0 ? 0 : columns - k) * pairs + pair;
        const a = (first + 2 * pair) * width + k;
        real[a] = 0.5 * (zr[at] + zr[mirrored]);
        imaginary[a] = 0.5 * (zi[at] - zi[mirrored]);
        if (first + 2 * pair + 1 === rows) continue;
        real[a + width] = 0.5 * (zi[at] + zi[mirrored]);
        imaginary[a + width] = 0.5 * (zr[mirrored] - zr[at]);
      }
  }
}

interface RowPairs {
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  readonly pairs: number;
}

function gatherRows(volume: Float32Array, { first, rows, columns, pairs }: RowPairs, buffers: LineBuffers) {
  for (let pair = 0; pair < pairs; pair++) {
    const even = (first + 2 * pair) * columns;
    const hasOdd = first + 2 * pair + 1 < rows;
    for (let x = 0; x < columns; x++) {
      buffers.real[x * pairs + pair] = volume[even + x];
      buffers.imaginary[x * pairs + pair] = hasOdd ? volume[even + columns + x] : 0;
    }
  }
}

function inverseTransformRows({ shape, width, real, imaginary }: Spectrum, volume: Float32Array): void {
  const [depth, height, columns] = shape;
  const rows = depth * height;
  const scale = 1 / (rows * columns);
  const plan = createLinePlan(columns);
  const buffers = createLineBuffers(columns * batch);
  for (let first = 0; first < rows; first += 2 * batch) {
    const pairs = Math.min(batch, Math.ceil((rows - first) / 2));
    const { real: zr, imaginary: zi } = buffers;
    for (let pair = 0; pair < pairs; pair++) {
      const hasOdd = first + 2 * pair + 1 < rows;
      for (let x = 0; x < columns; x++) {
        // Z = A + iB, and beyond the half spectrum A[n−k] = A*[k].
        const mirrored = x >= width;
        const a = (first + 2 * pair) * width + (mirrored ? columns - x : x);
        const sign = mirrored ? -1 : 1;
        const ar = real[a];
        const ai = imaginaryPart(imaginary[a], x, columns) * sign;
        const br = hasOdd ? real[a + width] : 0;
        const bi = hasOdd ? imaginaryPart(imaginary[a + width], x, columns) * sign : 0;
        zr[x * pairs + pair] = ar - bi;
        zi[x * pairs + pair] = ai + br;
      }
    }
    inverseTransformLines(plan, buffers, pairs);
    for (let pair = 0; pair < pairs; pair++) {
      const even = (first + 2 * pair) * columns;
      const hasOdd = first + 2 * pair + 1 < rows;
      for (let x = 0; x < columns; x++) {
        volume[even + x] = buffers.real[x * pairs + pair] * scale;
        if (hasOdd) volume[even + columns + x] = buffers.imaginary[x * pairs + pair] * scale;
      }
    }
  }
}

/** A real line has no imaginary part at frequency 0 and at the Nyquist frequency: as numpy, we ignore it there. */
const imaginaryPart = (value: number, frequency: number, length: number): number =>
  frequency === 0 || 2 * frequency === length ? 0 : value;

/** Transforms along y or z: lines of neighbouring kx side by side. */
function transformColumns(
  { shape, width, real, imaginary }: Spectrum,
  axis: "y" | "z",
  transform: (plan: LinePlan, buffers: LineBuffers, lines: number) => void,
): void {
  const [depth, height] = shape;
  const plane = height * width;
  const [length, step, outer, outerStep] =
    axis === "y" ? [height, width, depth, plane] : [depth, plane, height, width];
  const plan = createLinePlan(length);
  const buffers = createLineBuffers(length * batch);
  for (let index = 0; index < outer; index++)
    for (let x = 0; x < width; x += batch) {
      const lines = Math.min(batch, width - x);
      const start = index * outerStep + x;
      for (let k = 0; k < length; k++)
        for (let line = 0; line < lines; line++) {
          buffers.real[k * lines + line] = real[start + k * step + line];
          buffers.imaginary[k * lines + line] = imaginary[start + k * step + line];
        }
      transform(plan, buffers, lines);
      for (let k = 0; k < length; k++)
        for (let line = 0; line < lines; line++) {
          real[start + k * step + line] = buffers.real[k * lines + line];
          imaginary[start + k * step + line] = buffers.imaginary[k * lines + line];
        }
    }
}
