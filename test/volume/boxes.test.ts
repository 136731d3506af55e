import assert from "node:assert/strict";
import { test } from "node:test";
import { binVolume, cropVolume } from "../../src/volume/bin.ts";
import { copyBox, slabsOf } from "../../src/volume/box.ts";
import { openVolume, readVolume } from "../../src/volume/formats.ts";
import { patchBox, readPatchInto } from "../../src/volume/patches.ts";
import type { Shape3, Volume } from "../../src/volume/volume.ts";
import { fixture } from "./fixtures.ts";

const shape: Shape3 = [3, 4, 5];

/** Each voxel says where it is: 100 z + 10 y + x. */
const data = Int16Array.from(
  { length: 60 },
  (_, i) => 100 * Math.floor(i / 20) + 10 * (Math.floor(i / 5) % 4) + (i % 5),
);
const volume: Volume = { data, shape, voxelSizeAngstrom: [2, 3, 4], originAngstrom: [10, 20, 30] };

test("a box is copied in (z, y, x) order", () => {
  const box = copyBox(data, shape, { start: [1, 2, 3], shape: [2, 1, 2] });
  assert.deepEqual(box, Int16Array.from([123, 124, 223, 224]));
});

test("a box that leaves the volume, or has no size, is refused", () => {
  const wrong: [Shape3, Shape3][] = [
    [
      [0, 0, 0],
      [4, 4, 5],
    ],
    [
      [-1, 0, 0],
      [1, 1, 1],
    ],
    [
      [0, 0, 4],
      [1, 1, 2],
    ],
    [
      [0, 0, 0],
      [1, 0, 1],
    ],
    [
      [0, 0.5, 0],
      [1, 1, 1],
    ],
  ];
  for (const [start, size] of wrong)
    assert.throws(() => copyBox(data, shape, { start, shape: size }), { code: "box-outside-volume" });
});

test("a reader refuses the same boxes", async () => {
  for (const name of ["mrc/axes-yzx.mrc", "hdf5/dataset.h5"]) {
    const reader = await openVolume(fixture(name));
    await assert.rejects(reader.readBox([0, 3, 0], [3, 2, 1]), { code: "box-outside-volume" });
    await reader.close();
  }
});

test("slabs cover every plane once", () => {
  const slabs = [...slabsOf([7, 4, 5], 65)];
  assert.deepEqual(
    slabs.map((slab) => [slab.start[0], slab.shape[0]]),
    [
      [0, 3],
      [3, 3],
      [6, 1],
    ],
  );
  assert.deepEqual([...slabsOf([2, 100, 100], 1)].length, 2);
});

test("cropping moves the origin along", () => {
  const part = cropVolume(volume, { start: [1, 0, 3], shape: [1, 2, 2] });
  assert.deepEqual([...part.data], [103, 104, 113, 114]);
  assert.deepEqual(
    [part.shape, part.originAngstrom],
    [
      [1, 2, 2],
      [12, 20, 42],
    ],
  );
});

test("binning takes the mean, drops what is left over, and keeps positions in Å", () => {
  const binned = binVolume(volume, 2);
  assert.deepEqual(binned.shape, [1, 2, 2]);
  assert.deepEqual([...binned.data], [55.5, 57.5, 75.5, 77.5]);
  assert.deepEqual(
    [binned.voxelSizeAngstrom, binned.originAngstrom],
    [
      [4, 6, 8],
      [11, 21.5, 32],
    ],
  );
  assert.ok(binned.data instanceof Float32Array);
});

test("labels are binned by majority, of equally frequent ones the larger", () => {
  const labels: Volume = {
    ...volume,
    shape: [2, 2, 4],
    data: Uint8Array.from([3, 3, 0, 0, 3, 1, 9, 9, 1, 1, 9, 0, 0, 0, 0, 9]),
  };
  const binned = binVolume(labels, 2, "majority");
  assert.deepEqual([binned.shape, binned.data], [[1, 1, 2], Uint8Array.from([3, 9])]);
});

test("a factor that does not fit is refused", () => {
  for (const factor of [0, 1.5, 4, -2])
    assert.throws(() => binVolume(volume, factor), { code: "bin-factor" });
});

test("a patch has voxel floor(size/2) on its centre", async () => {
  const patch = new Float32Array(27);
  assert.deepEqual(await readPatchInto(patch, volume, { centre: [1, 2, 2], size: 3 }), [0, 1, 1]);
  assert.equal(patch[(1 * 3 + 1) * 3 + 1], 122);
});

test("a patch is pushed inside the volume", () => {
  assert.deepEqual(patchBox([10, 20, 30], [0, 19.6, 14], 8), { start: [0, 12, 10], shape: [8, 8, 8] });
  assert.deepEqual(patchBox([8, 20, 30], [100, -3, 29], 8).start, [0, 0, 22]);
  assert.throws(() => patchBox([10, 20, 30], [5, 5, 5], 12), { code: "patch-too-large", hint: /at most 10/ });
});

test("a patch from a file equals that of the volume in memory", async () => {
  for (const name of ["mrc/mode12.mrc", "mrc/mode101.mrc", "mrc/axes-zyx.mrc", "hdf5/dataset.h5"]) {
    const [inMemory, shared] = [new Float32Array(27), new Float32Array(new SharedArrayBuffer(4 * 27))];
    const place = { centre: [2, 0, 3], size: 3 } as const;
    const start = await readPatchInto(inMemory, await readVolume(fixture(name)), place);
    const reader = await openVolume(fixture(name));
    assert.deepEqual(await readPatchInto(shared, reader, place), start);
    assert.ok(inMemory.some((value) => value !== 0));
    assert.deepEqual([...shared], [...inMemory]);
    await reader.close();
  }
});
