/**
 * From a density to a tomogram: contrast transfer, white Gaussian noise at a signal-to-noise ratio, and the missing wedge on
 * both, because a reconstruction knows nothing of either outside the tilt range. SNR = variance of the noise-free tomogram
 * over variance of the noise, over the whole volume and with the wedge (Parseval's theorem gives both from the spectra).
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Random } from "../core/random.ts";
import { inverseTransformVolume, type Spectrum, transformVolume } from "./fourier/volume-transform.ts";
import { contrastTransfer, frequencies, type Microscope, wedgeMask } from "./microscope.ts";
import type { DensityVolume } from "./rendering.ts";

export interface ImagingOptions {
  readonly microscope: Microscope;
  readonly voxelSizeAngstrom: number;
  /** Tilts go from −tilt to +tilt, degrees; 90 for no missing wedge. */
  readonly tiltDegrees: number;
  /** Null for no noise. */
  readonly snr: number | null;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/** Turns the density into a tomogram in place: mean 0, standard deviation not yet 1. */
export async function imageDensity({ data, shape }: DensityVolume, options: ImagingOptions): Promise<void> {
  const { signal } = options;
  const wedge = wedgeMask(shape, options.tiltDegrees);
  const transfer = contrastTransfer(options.microscope);
  const spectrum = await transformVolume(data, shape, signal);
  const signalPower = filterSpectrum(spectrum, wedge, voxelTransfer(transfer, options.voxelSizeAngstrom));
  if (options.snr !== null) {
    await fillWithNoise(data, options.random, signal);
    const noise = await transformVolume(data, shape, signal);
    const noisePower = filterSpectrum(noise, wedge, () => 1);
    const scale = signalPower > 0 ? Math.sqrt(signalPower / (options.snr * noisePower)) : 1;
    addScaled(spectrum.real, noise.real, scale);
    addScaled(spectrum.imaginary, noise.imaginary, scale);
  }
  await inverseTransformVolume(spectrum, data, signal);
}

/** The transfer at a squared frequency in (cycles a voxel)². */
const voxelTransfer =
  (transfer: (frequencySquared: number) => number, voxelSizeAngstrom: number) =>
  (squared: number): number =>
    transfer(squared / voxelSizeAngstrom ** 2);

/** Multiplies by the wedge and the transfer, takes the mean away, and returns the power that is left, Σ|F|². */
function filterSpectrum(
  { shape, width, real, imaginary }: Spectrum,
  wedge: Uint8Array,
  transfer: (squared: number) => number,
): number {
  const [depth, height, columns] = shape;
  const [kz, ky, kx] = shape.map(frequencies);
  let power = 0;
  for (let z = 0, at = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      const squared = kz[z] * kz[z] + ky[y] * ky[y];
      for (let x = 0; x < width; x++, at++) {
        const seen = wedge[z * width + x] === 1 && z + y + x > 0;
        const factor = seen ? transfer(squared + kx[x] * kx[x]) : 0;
        real[at] *= factor;
        imaginary[at] *= factor;
        // The half spectrum holds one of each pair ±k.
        const weight = x === 0 || 2 * x === columns ? 1 : 2;
        power += weight * (real[at] * real[at] + imaginary[at] * imaginary[at]);
      }
    }
  return power;
}

async function fillWithNoise(data: Float32Array, random: Random, signal?: AbortSignal): Promise<void> {
  const step = 1 << 20;
  for (let start = 0; start < data.length; start += step) {
    const end = Math.min(data.length, start + step);
    for (let at = start; at < end; at++) data[at] = random.normal();
    await nextTurn();
    signal?.throwIfAborted();
  }
}

function addScaled(target: Float32Array, source: Float32Array, scale: number): void {
  for (let at = 0; at < target.length; at++) target[at] += scale * source[at];
}
