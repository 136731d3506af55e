import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import {
  type CoordinateRounding,
  type LabelBox,
  labelType,
  type PaintableObject,
  paintShapes,
  paintSpheres,
} from "../../src/volume/painting.ts";
import { rotationOf } from "../../src/volume/rotation.ts";
import { prepareMask } from "../../src/volume/turned-mask.ts";
import { type Shape3, voxelCount } from "../../src/volume/volume.ts";

interface Fixture {
  readonly shape: Shape3;
  readonly objects: readonly Required<PaintableObject>[];
  /** zlib, base64: the labels by scipy. */
  readonly targets: Readonly<Record<CoordinateRounding, string>>;
  readonly masks: Readonly<Record<string, { readonly side: number; readonly data: readonly number[] }>>;
  readonly rotations: readonly { phi: number; psi: number; the: number; matrix: readonly number[] }[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../fixtures/volume/painting.json", import.meta.url), "utf8"),
);
const masks = new Map(
  Object.entries(fixture.masks).map(([label, { side, data }]) => [
    Number(label),
    prepareMask({ data: Float32Array.from(data), shape: [side, side, side] }),
  ]),
);

const emptyBox = (shape: Shape3, start: LabelBox["start"] = [0, 0, 0]): LabelBox => ({
  data: new Uint8Array(voxelCount(shape)),
  shape,
  start,
});

test("rotations are those of scipy", () => {
  for (const { matrix, ...angles } of fixture.rotations)
    for (const [index, value] of rotationOf(angles).entries())
      assert.ok(Math.abs(value - matrix[index]) < 1e-11, `${JSON.stringify(angles)}, entry ${index}`);
});

for (const rounding of ["nearest", "truncate"] as const)
  test(`shapes with rounding ${rounding} equal scipy's interpolation on every voxel`, () => {
    const box = emptyBox(fixture.shape);
    paintShapes(box, fixture.objects, { masks, rounding });
    const expected = inflateSync(Buffer.from(fixture.targets[rounding], "base64"));
    assert.equal(
      box.data.findIndex((label, index) => label !== expected[index]),
      -1,
    );
    assert.deepEqual(new Set(box.data), new Set([0, 1, 2, 3]));
  });

for (const strategy of ["shapes", "spheres"] as const)
  test(`${strategy} painted slab by slab are those painted at once`, () => {
    const radii = new Map([
      [1, 4.5],
      [2, 3],
      [3, 1],
    ]);
    const paint = (box: LabelBox) =>
      strategy === "shapes"
        ? paintShapes(box, fixture.objects, { masks, rounding: "nearest" })
        : paintSpheres(box, fixture.objects, { radii, rounding: "nearest" });
    const [depth, height, width] = fixture.shape;
    const whole = emptyBox(fixture.shape);
    paint(whole);
    const slabs = [0, 5, 10, 15, 20].map((z) => emptyBox([Math.min(5, depth - z), height, width], [z, 0, 0]));
    slabs.forEach(paint);
    assert.ok(Buffer.concat(slabs.map(({ data }) => data)).equals(whole.data));
    assert.ok(whole.data.some((label) => label > 0));
  });

test("a sphere holds the voxels within its radius, the border included, and nothing else", () => {
  const shape: Shape3 = [11, 13, 17];
  for (const radius of [0, 1, 2.5, 3, Math.sqrt(14)]) {
    const box = emptyBox(shape);
    paintSpheres(box, [{ label: 7, x: 15.4, y: 5.6, z: 2 }], {
      radii: new Map([[7, radius]]),
      rounding: "nearest",
    });
    const squared = radius * radius;
    for (let z = 0, at = 0; z < shape[0]; z++)
      for (let y = 0; y < shape[1]; y++)
        for (let x = 0; x < shape[2]; x++, at++) {
          const inside = (z - 2) ** 2 + (y - 6) ** 2 + (x - 15) ** 2 <= squared;
          assert.equal(box.data[at], inside ? 7 : 0, `radius ${radius}, voxel ${z} ${y} ${x}`);
        }
  }
});

test("coordinates go to the nearest voxel, or towards zero; later objects cover earlier ones", () => {
  const objects = [
    { label: 1, x: 2.7, y: 1.2, z: 0 },
    { label: 2, x: 3, y: 1, z: 0.4 },
  ];
  const radii = new Map([
    [1, 0],
    [2, 0],
  ]);
  const painted = (rounding: CoordinateRounding) => {
    const box = emptyBox([1, 2, 5]);
    paintSpheres(box, objects, { radii, rounding });
    return [...box.data];
  };
  assert.deepEqual(painted("nearest"), [0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
  assert.deepEqual(painted("truncate"), [0, 0, 0, 0, 0, 0, 0, 1, 2, 0]);
});

test("labels that are there already stay where no object comes", () => {
  const box = emptyBox([1, 1, 5]);
  box.data.fill(9);
  paintSpheres(box, [{ label: 1, x: 4, y: 0, z: 0 }], { radii: new Map([[1, 1]]), rounding: "nearest" });
  assert.deepEqual([...box.data], [9, 9, 9, 1, 1]);
});

test("what is missing is named", () => {
  const object = { label: 4, x: 1, y: 2, z: 3 };
  const box = emptyBox([5, 6, 7]);
  const rounding = "nearest";
  assert.throws(() => paintSpheres(box, [object], { radii: new Map(), rounding }), {
    code: "radius-missing",
  });
  assert.throws(() => paintShapes(box, [object], { masks, rounding }), { code: "mask-missing" });
  assert.throws(() => paintShapes(box, [{ ...object, label: 1 }], { masks, rounding }), {
    code: "angles-missing",
    message: /class 1 at x 1, y 2, z 3/,
  });
});

test("a mask that is no cube, or empty, is refused by name", () => {
  const flat = { data: new Uint8Array(24), shape: [2, 3, 4] as const };
  assert.throws(() => prepareMask(flat, "the mask of class 2"), {
    code: "mask-not-cubic",
    message: "the mask of class 2 is 2×3×4 voxels, not a cube",
  });
  assert.throws(() => prepareMask({ data: new Uint8Array(27), shape: [3, 3, 3] }), { code: "mask-empty" });
});

test("label maps have 8 bits with sign as long as they suffice", () => {
  assert.deepEqual([0, 127, 128, 255].map(labelType), ["int8", "int8", "uint8", "uint8"]);
});
