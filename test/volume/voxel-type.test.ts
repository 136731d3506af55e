import assert from "node:assert/strict";
import { test } from "node:test";
import { convertVoxels } from "../../src/volume/convert-voxels.ts";
import type { VoxelType } from "../../src/volume/volume.ts";
import { allocateVoxels, typeOfArray, voxelTypes } from "../../src/volume/voxel-type.ts";

test("an array of the type asked for is handed back, not copied", () => {
  for (const type of voxelTypes) {
    const voxels = allocateVoxels(type, 3);
    assert.equal(convertVoxels(voxels, type), voxels, type);
    assert.equal(typeOfArray(voxels), type === "float16" ? "float32" : type);
  }
});

test("integers keep their values in wider types and in narrower ones that hold them", () => {
  const voxels = Int16Array.from([-128, 0, 127]);
  for (const type of ["int8", "int32", "float16", "float32", "float64"] as VoxelType[])
    assert.deepEqual([...convertVoxels(voxels, type)], [-128, 0, 127], type);
  assert.deepEqual(convertVoxels(Uint8Array.from([0, 255]), "uint16"), Uint16Array.from([0, 255]));
});

test("floats become integers by rounding, half away from zero", () => {
  const voxels = Float32Array.from([-2.5, -0.4, 0.5, 1.49, 126.6]);
  assert.deepEqual(convertVoxels(voxels, "int8"), Int8Array.from([-3, 0, 1, 1, 127]));
  const nearHalf = Float64Array.from([
    0.49999999999999994,
    -0.49999999999999994,
    -0.5,
    4503599627370497 / 2 ** 22,
  ]);
  assert.deepEqual(convertVoxels(nearHalf, "int32"), Int32Array.from([0, 0, -1, 2 ** 30]));
});

test("what lies behind the first block is converted, and refused, as well", () => {
  const voxels = new Float32Array(16384 + 3).fill(1.5);
  assert.deepEqual(convertVoxels(voxels, "uint8"), new Uint8Array(16384 + 3).fill(2));
  voxels[16384 + 2] = 256;
  assert.throws(() => convertVoxels(voxels, "uint8"), { code: "voxel-out-of-range" });
});

test("a value that the type does not hold is refused, never clipped or wrapped", () => {
  const refused: [ArrayLike<number>, VoxelType][] = [
    [Int16Array.from([128]), "int8"],
    [Int16Array.from([-1]), "uint8"],
    [Uint16Array.from([32768]), "int16"],
    [Float32Array.from([127.5]), "int8"],
    [Float32Array.from([Number.NaN]), "int16"],
    [Float32Array.from([Number.POSITIVE_INFINITY]), "uint16"],
    [Float32Array.from([65505]), "float16"],
    [Float64Array.from([1e39]), "float32"],
  ];
  for (const [voxels, type] of refused)
    assert.throws(
      () => convertVoxels(voxels as Float32Array, type),
      { code: "voxel-out-of-range" },
      `${voxels[0]} as ${type}`,
    );
});

test("infinite values and NaN stay what they are in float types", () => {
  const voxels = convertVoxels(Float64Array.from([Number.NaN, Number.NEGATIVE_INFINITY, 2]), "float32");
  assert.deepEqual([...voxels], [Number.NaN, Number.NEGATIVE_INFINITY, 2]);
});

test("an array larger than memory is refused with its size", () => {
  assert.throws(() => allocateVoxels("float32", 2 ** 40), {
    code: "out-of-memory",
    message: /1099511627776 voxels/,
  });
});
