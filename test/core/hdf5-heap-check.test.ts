/** Damaged heaps of texts: h5dump 1.10 and the library of h5wasm loop on both for ever. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { holdsEndlessHeap } from "../../src/core/hdf5-heap-check.ts";
import { readVolumeInfo } from "../../src/volume/formats.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { fixture } from "../volume/fixtures.ts";

const first = 16;

/** The index, and the length, of the first text of a heap. */
const damages: readonly [what: string, index: number, length: bigint][] = [
  ["free space of no length", 0, 0n],
  ["a length that leads back to its own place", 1, 0xffff_fff0n],
  ["a length that leads to before it", 1, 0xffff_ffe8n],
  ["a length beyond the heap", 1, 1n << 20n],
];

for (const [what, index, length] of damages)
  test(`a heap with ${what} is refused`, async (context) => {
    const bytes = await readFile(fixture("hdf5/ilastik.h5"));
    assert.equal(holdsEndlessHeap(bytes), false);
    const heap = bytes.indexOf("GCOL");
    bytes.writeUInt16LE(index, heap + first);
    bytes.writeBigUInt64LE(length, heap + first + 8);
    assert.equal(holdsEndlessHeap(bytes.subarray(heap)), true);
    const path = join(await temporaryFolder(context), "damaged.h5");
    await writeFile(path, bytes);
    await assert.rejects(readVolumeInfo(path), {
      code: "hdf5-damaged",
      message: `${path} cannot be used as HDF5: a heap of texts leads in circles`,
    });
  });

test("what only begins like a heap, or was read in part, is none that is damaged", () => {
  const heap = Buffer.alloc(4096);
  heap.write("GCOL\u0001", "latin1");
  heap.writeUInt32LE(8192, 8);
  heap.writeUInt16LE(1, first);
  heap.writeUInt32LE(4000, first + 8);
  assert.equal(holdsEndlessHeap(heap.subarray(0, 24)), false);
  assert.equal(holdsEndlessHeap(heap), true, "free space of no length behind it");
  heap.writeUInt32LE(6000, first + 8);
  assert.equal(holdsEndlessHeap(heap), false);
});
