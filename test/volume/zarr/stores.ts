/** The Zarr stores of other programs (see make_zarr.py), in memory or as folders. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ByteFolder } from "../../../src/volume/byte-folder.ts";
import { memorySource } from "../../../src/volume/byte-source.ts";
import type { VoxelArray } from "../../../src/volume/volume.ts";

export interface ExpectedStore {
  readonly shape: readonly [number, number, number];
  readonly type: string;
  /** Of the voxels (z, y, x) as float64. */
  readonly sha256: string;
  readonly voxelSizeAngstrom: readonly number[] | null;
  readonly originAngstrom: readonly number[];
  readonly oddities: readonly string[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/volume/zarr.json", import.meta.url), "utf8"),
) as {
  readonly stores: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By store, or `store#dataset`. */
  readonly expected: Readonly<Record<string, ExpectedStore>>;
};

export const expectedStores = fixture.expected;

export const storeNames = Object.keys(fixture.stores);

/** Its keys and their bytes, to be changed at will. */
export const storeOf = (name: string): Map<string, Uint8Array> =>
  new Map(
    Object.entries(fixture.stores[name]!).map(([key, text]) => [
      key,
      new Uint8Array(Buffer.from(text, "base64")),
    ]),
  );

/** A folder in memory. `opened` notes each key that was found. */
export const memoryFolder = (
  keys: ReadonlyMap<string, Uint8Array>,
  opened: string[] = [],
  name = "memory.zarr",
): ByteFolder => ({
  name,
  open: async (key) => {
    const bytes = keys.get(key);
    if (bytes) opened.push(key);
    return bytes && memorySource(bytes, `${name}/${key}`);
  },
  close: async () => {},
});

export async function writeStore(keys: ReadonlyMap<string, Uint8Array>, folder: string): Promise<void> {
  for (const [key, bytes] of keys) {
    await mkdir(dirname(join(folder, key)), { recursive: true });
    await writeFile(join(folder, key), bytes);
  }
}

export function voxelDigest(voxels: VoxelArray): string {
  const numbers = Float64Array.from(voxels);
  return createHash("sha256").update(new Uint8Array(numbers.buffer)).digest("hex");
}
