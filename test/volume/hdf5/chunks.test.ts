import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { call, loadHdf5 } from "../../../src/core/hdf5.ts";
import { Random } from "../../../src/core/random.ts";
import { copyBox } from "../../../src/volume/box.ts";
import { memorySource, openFileSource } from "../../../src/volume/byte-source.ts";
import { createVolume, openVolume, writeVolume } from "../../../src/volume/formats.ts";
import { openChunks } from "../../../src/volume/hdf5/chunk-reader.ts";
import { buildChunkTree, readChunkTree } from "../../../src/volume/hdf5/chunk-tree.ts";
import { findVolume, headerAddress } from "../../../src/volume/hdf5/dataset.ts";
import { shuffle, unshuffle } from "../../../src/volume/shuffle.ts";
import type { Shape3, Triple } from "../../../src/volume/volume.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { fixture } from "../fixtures.ts";

/** As make_chunks.py says. */
const valueAt = (index: number): number => (index * 7919) % 251;
const shape: Shape3 = [9, 11, 13];
const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] } as const;

/** Whether the chunks of a data set are read beside the library. */
async function isReadDirectly(path: string, name: string): Promise<boolean> {
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  const source = await openFileSource(path);
  try {
    const found = findVolume({ library, file, path }, name);
    return (await openChunks(source, found, headerAddress(library, file, found.name))) !== null;
  } finally {
    await source.close();
    file.close();
  }
}

const direct = "plain shuffled deflated both bytes floats doubles halves many four two whole".split(" ");
const byLibrary = ["checked", "bigEndian", "oneBlock"];

for (const version of ["earliest", "v108", "latest"])
  test(`chunks of h5py's files (${version}) are read, on several threads where they can be found`, async () => {
    const path = fixture(`hdf5/chunks-${version}.h5`);
    for (const name of [...direct, ...byLibrary]) {
      // The newest format has other indices, which are left to the library.
      assert.equal(await isReadDirectly(path, name), version !== "latest" && direct.includes(name), name);
      const reader = await openVolume(path, { dataset: name });
      const whole = reader.info.shape;
      const all = await reader.readBox([0, 0, 0], whole);
      assert.deepEqual(
        [...all],
        Array.from(all, (_, index) => valueAt(index)),
        name,
      );
      const boxes: [Triple, Shape3][] = [
        [
          [0, 3, 2],
          [whole[0], 7, 9],
        ],
        [
          [whole[0] - 1, 10, 11],
          [1, 1, 1],
        ],
        [
          [0, 0, 5],
          [1, 11, 3],
        ],
      ];
      for (const [start, size] of boxes)
        assert.deepEqual(
          await reader.readBox(start, size),
          copyBox(all, whole, { start, shape: size }),
          name,
        );
      await reader.close();
    }
  });

test("chunks that were never written hold the fill value", async () => {
  for (const version of ["earliest", "v108", "latest"]) {
    const reader = await openVolume(fixture(`hdf5/chunks-${version}.h5`), { dataset: "partly" });
    assert.deepEqual(
      [...(await reader.readBox([3, 4, 5], [1, 1, 3]))],
      [valueAt((3 * 11 + 4) * 13 + 5), 5, 5],
    );
    assert.deepEqual([...(await reader.readBox([8, 10, 12], [1, 1, 1]))], [5]);
    await reader.close();
  }
});

test("the library reads what we write beside it, and finds every chunk, whatever the number of them", async (context) => {
  const folder = await temporaryFolder(context);
  const library = await loadHdf5();
  const random = new Random(8);
  const sizes: Shape3[] = [
    [1, 1, 1],
    [17, 65, 66],
    [35, 600, 700],
    [9, 3000, 3000],
  ];
  for (const [i, size] of sizes.entries()) {
    const path = join(folder, `${i}.h5`);
    const data = Int16Array.from({ length: size[0] * size[1] * size[2] }, () => random.integer(-9, 9));
    await writeVolume(path, { data, shape: size, ...sampling });
    assert.ok(await isReadDirectly(path, "dataset"));
    const file = call(library, path, () => new library.File(path, "r"));
    const dataset = file.get("dataset") as InstanceType<typeof library.Dataset>;
    assert.deepEqual(
      dataset.filters.map(({ id, cd_values }) => [id, ...cd_values]),
      [
        [2, 2],
        [1, 1],
      ],
    );
    const read = dataset.value as Int16Array;
    assert.ok(
      Buffer.from(read.buffer, read.byteOffset, read.byteLength).equals(Buffer.from(data.buffer)),
      `${size}`,
    );
    file.close();
  }
});

test("a tree of any number of chunks gives back their places", async () => {
  for (const chunks of [1, 2, 63, 64, 65, 4096, 4097, 5000]) {
    const places = Array.from({ length: chunks }, (_, index) => ({
      position: 10 * index,
      bytes: index % 10,
    }));
    const size: Shape3 = [3, 5, chunks * 4 - 1];
    const { bytes, root } = buildChunkTree(places, { shape: size, chunk: [3, 5, 4], position: 1000 });
    const source = memorySource(Buffer.concat([Buffer.alloc(1000), bytes, Buffer.alloc(50_000)]));
    const layout = { chunk: [3, 5, 4], bytesPerVoxel: 1, treeAddress: root, addressPosition: 0 };
    assert.deepEqual(await readChunkTree(source, layout, size), places, `${chunks}`);
  }
});

test("planes appended in any numbers give the same file", async (context) => {
  const folder = await temporaryFolder(context);
  const data = Float32Array.from({ length: 40 * 70 * 30 }, (_, i) => Math.fround(Math.sin(i)));
  const files: Buffer[] = [];
  for (const steps of [[40], [1, 15, 16, 8], [5, 30, 5], new Array<number>(40).fill(1)]) {
    const path = join(folder, `${steps.length}.h5`);
    const writer = await createVolume(path, { shape: [40, 70, 30], type: "float32", ...sampling });
    let plane = 0;
    for (const step of steps) {
      await writer.append(data.subarray(plane * 2100, (plane + step) * 2100));
      plane += step;
    }
    await writer.close();
    files.push(await readFile(path));
  }
  for (const file of files) assert.ok(file.equals(files[0]));
});

test("a damaged chunk is told with the file, and does not become voxels", async (context) => {
  const path = join(await temporaryFolder(context), "damaged.h5");
  await writeVolume(path, {
    data: Int16Array.from({ length: 9 * 11 * 13 }, (_, i) => valueAt(i)),
    shape,
    ...sampling,
  });
  const bytes = await readFile(path);
  bytes.fill(0xff, bytes.length - 3136 - 200, bytes.length - 3136 - 100);
  await writeFile(path, bytes);
  const reader = await openVolume(path);
  await assert.rejects(reader.readBox([0, 0, 0], shape), {
    code: "hdf5-damaged",
    message: /damaged\.h5 cannot be used/,
  });
  await reader.close();
});

test("a damaged index is left to the library, which says what is wrong", async (context) => {
  const path = join(await temporaryFolder(context), "damaged.h5");
  await copyFile(fixture("hdf5/chunks-earliest.h5"), path);
  const bytes = await readFile(path);
  for (let at = bytes.indexOf("TREE\x01"); at >= 0; at = bytes.indexOf("TREE\x01", at + 1))
    bytes.write("EERT", at);
  await writeFile(path, bytes);
  const reader = await openVolume(path, { dataset: "both" });
  await assert.rejects(reader.readBox([0, 0, 0], shape), { code: "hdf5-damaged" });
  await reader.close();
});

test("an aborted read stops", async () => {
  const reader = await openVolume(fixture("hdf5/chunks-earliest.h5"), { dataset: "both" });
  await assert.rejects(reader.readBox([0, 0, 0], shape, AbortSignal.abort()), { name: "AbortError" });
  await reader.close();
});

test("shuffling brings bytes of equal worth together, on vectors as by plain code", () => {
  assert.deepEqual([...shuffle(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, new Uint8Array(6))], [1, 3, 5, 2, 4, 6]);
  const random = new Random(2);
  for (const bytesPerVoxel of [1, 2, 4, 8])
    for (const voxels of [1, 15, 16, 33, 65_536, 70_001]) {
      const bytes = Uint8Array.from({ length: voxels * bytesPerVoxel }, () => random.integer(0, 255));
      const shuffled = shuffle(bytes, bytesPerVoxel, new Uint8Array(bytes.length));
      const expected = Uint8Array.from(
        bytes,
        (_, i) => bytes[(i % voxels) * bytesPerVoxel + Math.floor(i / voxels)],
      );
      const what = `${voxels} of ${bytesPerVoxel}`;
      assert.ok(Buffer.from(shuffled).equals(expected), what);
      assert.ok(
        Buffer.from(shuffle(bytes, bytesPerVoxel, new Uint8Array(bytes.length), null)).equals(expected),
        what,
      );
      assert.ok(
        Buffer.from(unshuffle(shuffled, bytesPerVoxel, new Uint8Array(bytes.length))).equals(bytes),
        what,
      );
      assert.ok(
        Buffer.from(unshuffle(shuffled, bytesPerVoxel, new Uint8Array(bytes.length), null)).equals(bytes),
        what,
      );
    }
});
