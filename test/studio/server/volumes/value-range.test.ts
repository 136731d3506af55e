import assert from "node:assert/strict";
import { test } from "node:test";
import { codingOf, encodeVoxels } from "../../../../src/studio/server/slices/coding.ts";
import { sampleVolume } from "../../../../src/studio/server/volumes/sample.ts";
import { extremesOf, rangeWithout } from "../../../../src/studio/server/volumes/value-range.ts";
import type { Shape3, Triple, VolumeReader, VoxelArray } from "../../../../src/volume/volume.ts";

const shape: Shape3 = [20, 61, 83];

/** A volume in memory. */
function readerOf(data: VoxelArray, type: "float32" | "int32" = "float32"): VolumeReader {
  return {
    info: {
      path: "memory",
      format: "memory",
      shape,
      type,
      voxelSizeAngstrom: null,
      originAngstrom: [0, 0, 0],
      labels: [],
      oddities: [],
    },
    async readBox([z, y, x]: Triple, [depth, height, width]: Shape3) {
      const box = new Float64Array(depth * height * width);
      for (let k = 0, to = 0; k < depth; k++)
        for (let j = 0; j < height; j++)
          for (let i = 0; i < width; i++) box[to++] = data[((z + k) * shape[1] + y + j) * shape[2] + x + i]!;
      return box;
    },
    close: async () => undefined,
  };
}

/** 0.001 × a number from -1 to 1, evenly spread. */
const faint = (): Float64Array =>
  Float64Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => ((i * 7919) % 2001) / 1e6 - 0.001);

test("the range without the outermost parts is that of the sorted values", () => {
  const values = faint();
  const range = rangeWithout([values], extremesOf([values]), { dark: 0.1, bright: 0.25 });
  assert.ok(Math.abs(range.low + 0.0008) < 5e-6, `${range.low}`);
  assert.ok(Math.abs(range.high - 0.0005) < 5e-6, `${range.high}`);
  values.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 4e4, -4e4], 100);
  const again = rangeWithout([values], extremesOf([values]), { dark: 0.1, bright: 0.25 });
  assert.ok(Math.abs(again.low + 0.0008) < 5e-6, `${again.low}`);
  assert.ok(Math.abs(again.high - 0.0005) < 5e-6, `${again.high}`);
  assert.deepEqual(rangeWithout([new Uint8Array(9)], { low: 0, high: 0 }, { dark: 0, bright: 0 }), {
    low: 0,
    high: 0,
  });
});

test("one hot pixel takes neither the contrast nor the codes of all the others", async () => {
  const values = faint();
  // in a plane that is looked at
  values[10 * shape[1] * shape[2] + 5] = 4e4;
  const sample = await sampleVolume(readerOf(values));
  assert.equal(sample.maximum, 4e4);
  assert.ok(sample.contrast.low > -0.0011 && sample.contrast.high < 0.0011);
  assert.ok(sample.histogram.counts.filter((count) => count > 0).length > 200);
  const coding = codingOf("float32", sample);
  assert.ok(coding.scale < 1e-7, `${coding.scale}`);
  const codes = encodeVoxels(values, { coding, isLabels: false });
  for (const at of [0, 1, 777]) {
    const shown = coding.offset + coding.scale * codes[at]!;
    assert.ok(Math.abs(shown - values[at]!) <= coding.scale * 0.51);
  }
  assert.equal(codes[10 * shape[1] * shape[2] + 5], 65535);
});

test("scores keep their range, however rare the high ones are", async () => {
  const values = new Float64Array(shape[0] * shape[1] * shape[2]).map((_, i) => (i % 97) * 1e-8);
  values[10 * shape[1] * shape[2] + 5] = 0.9;
  const { range } = await sampleVolume(readerOf(values));
  assert.deepEqual(range, { low: 0, high: 0.9 });
});

test("whole numbers in a float or wide file have codes of their own", async () => {
  for (const type of ["float32", "int32"] as const) {
    const values = Float64Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => (i % 60000) + 1e6);
    const coding = codingOf(type, await sampleVolume(readerOf(values, type)));
    assert.equal(coding.scale, 1);
    const codes = encodeVoxels(values, { coding, isLabels: false });
    assert.ok(values.every((value, i) => coding.offset + codes[i]! === value));
  }
});

test("a volume whose looked-at planes hold one value alone still tells others apart", async () => {
  const coding = codingOf(
    "float32",
    await sampleVolume(readerOf(new Float64Array(shape[0] * shape[1] * shape[2]))),
  );
  const codes = encodeVoxels(Float32Array.of(0, 0.25, 0.5, -0.25), { coding, isLabels: false });
  assert.equal(new Set(codes).size, 4);
});

test("a map with a voxel that is no label is none", () => {
  const way = { coding: { offset: 0, scale: 1 }, isLabels: true };
  assert.deepEqual([...encodeVoxels(Float32Array.of(0, 3, 65535), way)], [0, 3, 65535]);
  for (const wrong of [-1, 0.5, Number.NaN, 65536])
    assert.throws(() => encodeVoxels(Float32Array.of(0, wrong), way), { code: "labels-invalid" });
});
