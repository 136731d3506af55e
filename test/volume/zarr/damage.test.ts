/** Stores that are wrong in one place: a coded error, and never other numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TomoflowError } from "../../../src/core/error.ts";
import { openVolume } from "../../../src/volume/formats.ts";
import { expectedStores, memoryFolder, storeNames, storeOf, voxelDigest } from "./stores.ts";

async function read(keys: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const reader = await openVolume(memoryFolder(keys));
  const voxels = await reader.readBox([0, 0, 0], reader.info.shape);
  await reader.close();
  return voxelDigest(voxels);
}

const changed = (name: string, key: string, change: (json: Record<string, unknown>) => void) => {
  const keys = storeOf(name);
  const json = JSON.parse(Buffer.from(keys.get(key)!).toString());
  change(json);
  return keys.set(key, Buffer.from(JSON.stringify(json)));
};

const refusals: readonly [
  what: string,
  keys: () => Map<string, Uint8Array>,
  code: string,
  message: RegExp,
][] = [
  [
    "a codec that is not known",
    () =>
      changed("v3-zstd", "zarr.json", (json) => {
        json.codecs = [{ name: "bytes" }, { name: "pcodec" }];
      }),
    "zarr-codec",
    /packed by pcodec/,
  ],
  [
    "a filter of numcodecs",
    () =>
      changed("v2-zstd", ".zarray", (json) => {
        json.filters = [{ id: "delta" }];
      }),
    "zarr-codec",
    /packed by delta/,
  ],
  [
    "complex numbers",
    () =>
      changed("v2-zstd", ".zarray", (json) => {
        json.dtype = "<c8";
      }),
    "zarr-metadata",
    /<c8/,
  ],
  [
    "a fill value that its type cannot hold",
    () =>
      changed("v2-i1", ".zarray", (json) => {
        json.fill_value = 300;
      }),
    "zarr-metadata",
    /300, which int8 cannot hold/,
  ],
  [
    "two channels",
    () =>
      changed("ome-05-tczyx", "s0/zarr.json", (json) => {
        json.shape = [1, 2, 10, 20, 28];
      }),
    "zarr-not-volume",
    /2 channels/,
  ],
  [
    "a shape that is none",
    () =>
      changed("v3-zstd", "zarr.json", (json) => {
        json.shape = [5, -1, 14];
      }),
    "zarr-metadata",
    /shape/,
  ],
  [
    "a level that is not there",
    () =>
      changed("ome-04", ".zattrs", (json) => {
        (json.multiscales as [{ datasets: [{ path: string }] }])[0].datasets[0].path = "9";
      }),
    "zarr-missing",
    /no array `9`/,
  ],
  ["no JSON", () => storeOf("v3-zstd").set("zarr.json", Buffer.from("{")), "zarr-metadata", /is no JSON/],
  [
    "chunks of gigabytes",
    () =>
      changed("v2-zstd", ".zarray", (json) => {
        json.chunks = [4096, 4096, 4096];
      }),
    "zarr-chunk-too-large",
    /4096×4096×4096/,
  ],
  ["a chunk that is cut off", () => cut("v2-blosc-lz4-1", "0.0.0"), "zarr-damaged", /0\.0\.0 is damaged/],
  ["a shard that is cut off", () => cut("v3-shards", "c/0/0/0"), "zarr-damaged", /checksum|index/],
  [
    "a group without an image",
    () => new Map([[".zgroup", Buffer.from('{"zarr_format": 2}')]]),
    "zarr-not-volume",
    /describes no image/,
  ],
];

function cut(name: string, key: string): Map<string, Uint8Array> {
  const keys = storeOf(name);
  const bytes = keys.get(key)!;
  return keys.set(key, bytes.subarray(0, bytes.length - 7));
}

for (const [what, keys, code, message] of refusals)
  test(`refused: ${what}`, async () => {
    await assert.rejects(read(keys()), { code, message });
  });

/** A generator of whole numbers below a limit (mulberry32). */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** With a checksum a change is noticed wherever it is; the gaps of a deflated chunk aside, that of a chunk alone. */
const isChecked = (name: string) => /crc/.test(name);

test("stores with bytes changed or cut off are read or refused by a coded error", async () => {
  const next = numbersFrom(11);
  const count = Number(process.env.TOMOFLOW_MUTATIONS ?? 600);
  const codes = new Map<string, number>();
  for (let round = 0; round < count; round++) {
    const name = storeNames[next(storeNames.length)]!;
    const keys = storeOf(name);
    const key = [...keys.keys()][next(keys.size)]!;
    const bytes = keys.get(key)!.slice();
    for (let change = next(3); change >= 0; change--) bytes[next(bytes.length)] = next(256);
    keys.set(key, next(5) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes);
    try {
      const digest = await read(keys);
      if (isChecked(name) && !/json/.test(key))
        assert.equal(digest, expectedStores[name]!.sha256, `${name} ${key}`);
      codes.set("read", (codes.get("read") ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof TomoflowError))
        throw new Error(`${name} ${key}, round ${round}`, { cause: error });
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
    }
  }
  assert.ok((codes.get("zarr-damaged") ?? 0) > count / 20, JSON.stringify([...codes]));
  assert.ok((codes.get("zarr-metadata") ?? 0) > count / 50, JSON.stringify([...codes]));
});
