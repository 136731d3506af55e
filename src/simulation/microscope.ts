/**
 * What the microscope and the tilt series do to a density, as factors on its spectrum.
 *
 * Contrast transfer: CTF(k) = −(√(1−A²)·sin χ + A·cos χ), χ(k) = π·λ·Δ·k² − ½π·Cs·λ³·k⁴ (underfocus Δ > 0), so that protein
 * is dark (Wade 1992, Ultramicroscopy 46:145; Kirkland, "Advanced Computing in Electron Microscopy"). One defocus for the
 * whole volume. Missing wedge: the tilt axis is y and the beam z, so a frequency was seen when |kz| ≤ |kx|·tan(tilt).
 */
import type { Shape3 } from "../volume/volume.ts";

export interface Microscope {
  /** Underfocus, µm; 0 for no contrast transfer at all (contrast is still reversed: protein dark). */
  readonly defocusMicrometre: number;
  readonly voltageKilovolt: number;
  readonly sphericalAberrationMillimetre: number;
  /** Fraction of amplitude contrast, 0…1. */
  readonly amplitudeContrast: number;
}

/** The relativistic wavelength of electrons, Å: 0.0197 at 300 kV. */
export function electronWavelength(voltageKilovolt: number): number {
  const volt = voltageKilovolt * 1000;
  return 12.2642596 / Math.sqrt(volt * (1 + 0.978475598e-6 * volt));
}

/** The contrast transfer at a squared frequency in Å⁻². */
export function contrastTransfer(microscope: Microscope): (frequencySquared: number) => number {
  const { defocusMicrometre, voltageKilovolt, sphericalAberrationMillimetre, amplitudeContrast } = microscope;
  if (defocusMicrometre === 0) return () => -1;
  const wavelength = electronWavelength(voltageKilovolt);
  const linear = Math.PI * wavelength * defocusMicrometre * 1e4;
  const quadratic = 0.5 * Math.PI * sphericalAberrationMillimetre * 1e7 * wavelength ** 3;
  const phaseContrast = Math.sqrt(1 - amplitudeContrast ** 2);
  return (squared) => {
    const phase = linear * squared - quadratic * squared * squared;
    return -(phaseContrast * Math.sin(phase) + amplitudeContrast * Math.cos(phase));
  };
}

/** Frequencies along an axis in cycles a voxel, in the order of a discrete transform: 0, 1/n, … , −1/n. */
export const frequencies = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => (2 * index <= length ? index : index - length) / length);

/** Whether each (kz, kx) was seen: (nz, floor(nx/2)+1), 1 or 0. The axis kx = kz = 0 is seen in every image. */
export function wedgeMask(shape: Shape3, tiltDegrees: number): Uint8Array {
  const kz = frequencies(shape[0]);
  const kx = frequencies(shape[2]);
  const width = Math.floor(shape[2] / 2) + 1;
  const mask = new Uint8Array(shape[0] * width);
  // The margin keeps a frequency on the very edge (kz = kx at 45°) in spite of rounding.
  const slope = Math.tan((tiltDegrees * Math.PI) / 180) * (1 + 1e-9);
  for (let z = 0; z < shape[0]; z++)
    for (let x = 0; x < width; x++) {
      const seen = tiltDegrees >= 90 || kz[z] === 0 || Math.abs(kz[z]) <= Math.abs(kx[x]) * slope;
      mask[z * width + x] = seen ? 1 : 0;
    }
  return mask;
}
