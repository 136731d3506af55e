import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  createLineBuffers,
  createLinePlan,
  transformLines,
} from "../../../src/simulation/fourier/line-transform.ts";
import {
  fastLength,
  inverseTransformVolume,
  transformVolume,
} from "../../../src/simulation/fourier/volume-transform.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";

interface NumpyCase {
  readonly shape: Shape3;
  readonly volume: readonly number[];
  readonly real: readonly number[];
  readonly imaginary: readonly number[];
}

const cases: readonly NumpyCase[] = JSON.parse(
  readFileSync(new URL("../../fixtures/simulation/fourier.json", import.meta.url), "utf8"),
);

const furthest = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  assert.equal(actual.length, expected.length);
  return Array.from(actual, (value, index) => Math.abs(value - expected[index])).reduce((a, b) =>
    Math.max(a, b),
  );
};

for (const { shape, volume, real, imaginary } of cases)
  test(`the spectrum of ${shape.join("×")} is numpy's, and turns back into the volume`, async () => {
    const values = Float32Array.from(volume);
    const spectrum = await transformVolume(values, shape);
    assert.equal(spectrum.width, Math.floor(shape[2] / 2) + 1);
    assert.ok(furthest(spectrum.real, real) < 5e-4, "real part");
    assert.ok(furthest(spectrum.imaginary, imaginary) < 5e-4, "imaginary part");
    const back = new Float32Array(values.length);
    await inverseTransformVolume(spectrum, back);
    assert.ok(furthest(back, values) < 2e-5);
  });

for (const length of [1, 2, 3, 4, 5, 12, 30, 49, 60, 121, 128, 200])
  test(`three interleaved lines of ${length} agree with the defining sum`, () => {
    const lines = 3;
    const plan = createLinePlan(length);
    const buffers = createLineBuffers(length * lines);
    const real = Float64Array.from(buffers.real, (_, index) => Math.cos(index * index));
    const imaginary = Float64Array.from(buffers.real, (_, index) => Math.sin(3 * index + 1));
    buffers.real.set(real);
    buffers.imaginary.set(imaginary);
    transformLines(plan, buffers, lines);
    for (let line = 0; line < lines; line++)
      for (let k = 0; k < length; k++) {
        let sumReal = 0;
        let sumImaginary = 0;
        for (let j = 0; j < length; j++) {
          const angle = (-2 * Math.PI * ((j * k) % length)) / length;
          const at = j * lines + line;
          sumReal += real[at] * Math.cos(angle) - imaginary[at] * Math.sin(angle);
          sumImaginary += real[at] * Math.sin(angle) + imaginary[at] * Math.cos(angle);
        }
        assert.ok(Math.abs(buffers.real[k * lines + line] - sumReal) < 1e-10 * length);
        assert.ok(Math.abs(buffers.imaginary[k * lines + line] - sumImaginary) < 1e-10 * length);
      }
  });

test("the next fast length has the factors 2, 3 and 5 alone", () => {
  assert.deepEqual([1, 7, 64, 97, 928, 1023].map(fastLength), [1, 8, 64, 100, 960, 1024]);
});

test("an aborted transform stops", async () => {
  await assert.rejects(transformVolume(new Float32Array(24), [2, 3, 4], AbortSignal.abort()), {
    name: "AbortError",
  });
});
