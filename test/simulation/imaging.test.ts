import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { transformVolume } from "../../src/simulation/fourier/volume-transform.ts";
import { imageDensity } from "../../src/simulation/imaging.ts";
import {
  contrastTransfer,
  electronWavelength,
  frequencies,
  type Microscope,
  wedgeMask,
} from "../../src/simulation/microscope.ts";
import { type Shape3, voxelCount } from "../../src/volume/volume.ts";

const microscope: Microscope = {
  defocusMicrometre: 4,
  voltageKilovolt: 300,
  sphericalAberrationMillimetre: 2.7,
  amplitudeContrast: 0.1,
};

const shape: Shape3 = [12, 20, 30];
/** A box of protein off the centre. */
const density = () =>
  new Float32Array(voxelCount(shape)).map((_, at) => {
    const x = at % 30;
    const y = Math.floor(at / 30) % 20;
    const z = Math.floor(at / 600);
    return x >= 4 && x < 9 && y >= 10 && y < 14 && z >= 3 && z < 8 ? 1 : 0;
  });

const image = async (snr: number | null, more: { tiltDegrees?: number; microscope?: Microscope } = {}) => {
  const data = density();
  const random = new Random(5);
  await imageDensity(
    { data, shape },
    { microscope, voxelSizeAngstrom: 10, tiltDegrees: 60, snr, random, ...more },
  );
  return data;
};

const variance = (values: Float32Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

test("wavelengths are those of the tables", () => {
  assert.ok(Math.abs(electronWavelength(100) - 0.0370144) < 1e-6);
  assert.ok(Math.abs(electronWavelength(200) - 0.0250793) < 1e-6);
  assert.ok(Math.abs(electronWavelength(300) - 0.0196875) < 1e-6);
});

test("contrast is reversed, starts at the amplitude contrast and vanishes where it should", () => {
  const transfer = contrastTransfer(microscope);
  assert.equal(transfer(0), -0.1);
  // Without aberration, sqrt(1-A²)·sin χ + A·cos χ = sin(χ + asin A), so the first zero is at χ = π − asin A.
  const flat = contrastTransfer({ ...microscope, sphericalAberrationMillimetre: 0 });
  const zero = (Math.PI - Math.asin(0.1)) / (Math.PI * electronWavelength(300) * 4e4);
  assert.ok(Math.abs(flat(zero)) < 1e-12);
  assert.ok(flat(zero / 2) < -0.99 && flat(zero * 1.2) > 0);
  // At 1/20 Å⁻¹ the aberration of 2.7 mm counts: χ = π·λ·Δ·k² − ½π·Cs·λ³·k⁴.
  const wavelength = electronWavelength(300);
  const phase = (Math.PI * wavelength * 4e4) / 400 - (0.5 * Math.PI * 2.7e7 * wavelength ** 3) / 160000;
  assert.ok(Math.abs(transfer(1 / 400) + Math.sin(phase + Math.asin(0.1))) < 1e-12);
  assert.equal(contrastTransfer({ ...microscope, defocusMicrometre: 0 })(0.01), -1);
});

test("frequencies come in the order of a discrete transform", () => {
  assert.deepEqual([...frequencies(4)], [0, 0.25, 0.5, -0.25]);
  assert.deepEqual([...frequencies(5)], [0, 0.2, 0.4, -0.4, -0.2]);
});

test("the wedge is cut about the tilt axis y, in the plane of x and z", () => {
  // Lengths 8 and 16: kz = z/8, kx = x/16, seen at ±45° when |kz| ≤ |kx|.
  const mask = wedgeMask([8, 5, 16], 45);
  const row = (z: number) => [...mask.subarray(z * 9, z * 9 + 9)].join("");
  assert.deepEqual([0, 1, 2, 4, 7].map(row), [
    "111111111",
    "001111111",
    "000011111",
    "000000001",
    "001111111",
  ]);
  assert.ok(wedgeMask([8, 5, 16], 90).every((seen) => seen === 1));
});

test("signal and noise both lack the wedge", async () => {
  const { real, imaginary, width } = await transformVolume(await image(0.2), shape);
  const kz = frequencies(12);
  const kx = frequencies(30);
  let missing = 0;
  let seen = 0;
  for (let z = 0, at = 0; z < 12; z++)
    for (let y = 0; y < 20; y++)
      for (let x = 0; x < width; x++, at++) {
        const power = real[at] ** 2 + imaginary[at] ** 2;
        if (Math.abs(kz[z]) > Math.abs(kx[x]) * Math.sqrt(3) * 1.0001) missing += power;
        else seen += power;
      }
  assert.ok(seen > 0 && missing < 1e-10 * seen, `${missing} of ${seen}`);
});

for (const snr of [0.05, 1, 3])
  test(`the signal-to-noise ratio is ${snr}`, async () => {
    const clean = await image(null);
    const noisy = await image(snr);
    const noise = noisy.map((value, at) => value - clean[at]);
    assert.ok(Math.abs(variance(clean) / variance(noise) / snr - 1) < 1e-4);
  });

test("without defocus, wedge and noise the density comes back with its contrast reversed", async () => {
  const seen = await image(null, { tiltDegrees: 90, microscope: { ...microscope, defocusMicrometre: 0 } });
  const original = density();
  const mean = original.reduce((sum, value) => sum + value, 0) / original.length;
  for (const [at, value] of seen.entries()) assert.ok(Math.abs(value - (mean - original[at])) < 1e-5);
});
