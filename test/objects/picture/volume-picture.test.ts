/** The pixels of a picture: which voxel lies where, and the colours over them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { drawVolume, type PictureOptions } from "../../../src/objects/picture/volume-picture.ts";
import { volumeInMemory } from "../../../src/volume/in-memory.ts";
import type { Shape3, Triple } from "../../../src/volume/volume.ts";

/** Red, green and blue at (x, y), from the bytes of the file: one IDAT, no filters. */
function decode(png: Buffer) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  assert.deepEqual([...png.subarray(24, 26)], [8, 2]);
  const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
  return {
    width,
    height,
    at: (x: number, y: number) => [
      ...rows.subarray(y * (3 * width + 1) + 1 + 3 * x, y * (3 * width + 1) + 4 + 3 * x),
    ],
  };
}

const shape: Shape3 = [8, 12, 20];
const index = ([z, y, x]: Triple) => (z * shape[1] + y) * shape[2] + x;

function volumeWith(bright: readonly Triple[], voxelSizeAngstrom: Triple | null = null) {
  const data = new Float32Array(8 * 12 * 20);
  for (const place of bright) data[index(place)] = 1;
  return volumeInMemory({ data, shape, voxelSizeAngstrom });
}

const options: PictureOptions = { colors: ["#ff0000", "#00ff00"], side: 20 };
const white = [255, 255, 255];

test("each slice shows the voxels of its plane, y and z upwards", async () => {
  const bright: Triple[] = [
    [4, 1, 3],
    [6, 6, 5],
    [2, 9, 10],
  ];
  const { png, scaleBar } = await drawVolume(volumeWith(bright), options);
  const { width, height, at } = decode(png);
  assert.deepEqual([width, height, scaleBar], [20 + 4 + 8, 12 + 4 + 8, undefined]);
  const slices: Record<string, number[][]> = { z: [], x: [], y: [] };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (at(x, y)[0] === 255 && (x < 20 || y < 12) && !(x >= 20 && x < 24) && !(y >= 12 && y < 16))
        (y < 12 ? (x < 20 ? slices.z! : slices.x!) : slices.y!).push([x, y]);
  assert.deepEqual(slices.z, [[3, 11 - 1]], "z = 4: (y 1, x 3)");
  assert.deepEqual(slices.x, [[24 + 2, 11 - 9]], "x = 10: (z 2, y 9)");
  assert.deepEqual(slices.y, [[5, 16 + 7 - 6]], "y = 6: (z 6, x 5)");
});

test("labels are mixed in with the colours of their classes, objects are circles", async () => {
  const labels = new Uint8Array(8 * 12 * 20);
  labels[index([4, 3, 2])] = 2;
  const map = volumeInMemory({ data: labels, shape });
  const objects = [{ label: 1, z: 4, y: 6, x: 12 }];
  const { png } = await drawVolume(volumeWith([[4, 0, 0]]), {
    ...options,
    labels: map,
    objects,
    radii: { 1: 3 },
  });
  const { at } = decode(png);
  assert.deepEqual(at(2, 11 - 3), [0, Math.round(255 * 0.45), 0]);
  assert.deepEqual(at(0, 11), white, "nothing is laid over the background");
  assert.deepEqual(at(15, 11 - 6), [255, 0, 0], "3 voxels to the right");
  assert.deepEqual(at(12, 11 - 6), [0, 0, 0], "the middle is free");
});

test("an object that does not reach a plane is not drawn in it", async () => {
  const objects = [{ label: 1, z: 7, y: 6, x: 12 }];
  const { at } = decode((await drawVolume(volumeWith([]), { ...options, objects, radii: { 1: 3 } })).png);
  for (let y = 0; y < 12; y++) for (let x = 0; x < 20; x++) assert.deepEqual(at(x, y), [0, 0, 0]);
});

test("voxels that are no cubes keep their form, and the scale bar has its length", async () => {
  const picture = await drawVolume(volumeWith([], [20, 10, 10]), { ...options, side: 400 });
  // 4 pixels a voxel at most: 8 planes of twice the height
  const { width, height, at } = decode(picture.png);
  assert.deepEqual([width, height], [80 + 4 + 64, 48 + 4 + 64]);
  assert.equal(picture.scaleBar, 5);
  const row = Array.from({ length: 80 }, (_, x) => at(x, 44));
  assert.equal(row.filter(([red]) => red === 255).length, 20, "5 nm of 1 nm a voxel of 4 pixels");
});

test("a label map of another size, and planes outside, are refused", async () => {
  const map = volumeInMemory({ data: new Uint8Array(8), shape: [2, 2, 2] });
  await assert.rejects(drawVolume(volumeWith([]), { ...options, labels: map }), { code: "labels-shape" });
  await assert.rejects(drawVolume(volumeWith([]), { ...options, at: [8, 0, 0] }), {
    code: "picture-outside",
  });
});
