/** Slices of files that other programs wrote: all modes of MRC, both byte orders, all axis orders, HDF5. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Plane, planeAxes } from "../../../src/studio/protocol/coordinates.ts";
import { decodeTile, type Tile, type TileAddress, tileEdge } from "../../../src/studio/protocol/slices.ts";
import type { VolumeAnswer } from "../../../src/studio/protocol/volumes.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { expectedVolumes, split } from "../../volume/fixtures.ts";
import { openStudio, type StudioConnection } from "../support/studio-client.ts";

const planes: readonly Plane[] = ["xy", "xz", "yz"];

/** Every tile of every slice in all three planes. */
function allAddresses({ id, shape }: VolumeAnswer): readonly TileAddress[] {
  return planes.flatMap((plane) => {
    const { across, down, through } = planeAxes[plane];
    const [rows, columns] = [shape[down], shape[across]].map((length) => Math.ceil(length / tileEdge));
    return range(shape[through]).flatMap((slice) =>
      range(rows!).flatMap((row) =>
        range(columns!).map((column) => ({ volume: id, plane, level: 0, slice, row, column })),
      ),
    );
  });
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

function tilesOf(connection: StudioConnection, wanted: readonly TileAddress[]): Promise<readonly Tile[]> {
  const found = new Map<string, Tile>();
  return new Promise((resolve) => {
    const stop = connection.onFrame((frame) => {
      const tile = decodeTile(frame);
      if (tile.address.volume !== wanted[0]!.volume) return;
      found.set(JSON.stringify(tile.address), tile);
      connection.send({ channel: "slices", type: "got", tiles: 1 });
      if (found.size < wanted.length) return;
      stop();
      resolve([...found.values()]);
    });
    connection.send({ channel: "slices", type: "want", tiles: wanted });
  });
}

/** Texels that are further from the file's voxel than half a step of the codes. */
function wrongTexels(tiles: readonly Tile[], values: readonly number[], { code, shape, type }: VolumeAnswer) {
  const tolerance = code.scale === 1 ? 0 : code.scale * 0.51;
  let [wrong, all] = [0, 0];
  for (const { address, rows, columns, codes } of tiles) {
    const { across, down, through } = planeAxes[address.plane];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const at = [0, 0, 0];
        at[across] = address.column * tileEdge + column;
        at[down] = address.row * tileEdge + row;
        at[through] = address.slice;
        const value = values[(at[2]! * shape[1] + at[1]!) * shape[0] + at[0]!]!;
        const shown = code.offset + code.scale * codes[row * columns + column]!;
        all++;
        if (Number.isFinite(value) && Math.abs(shown - value) > tolerance + Math.abs(value) * 1e-9) wrong++;
      }
  }
  assert.equal(all, 3 * values.length, type);
  return wrong;
}

test("every fixture has its voxels in all three planes, from the file and from the cache", async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, ".tomoflow"));
  const named = Object.keys(expectedVolumes).map((key) => split(key).path);
  const client = await openStudio(t, { root, named });
  const connection = await client.connect();
  for (const [key, { shape, values, type }] of Object.entries(expectedVolumes).filter(
    ([k]) => k.startsWith("hdf5/types.h5:b") && k.includes("64"),
  )) {
    const { path, dataset } = split(key);
    const volume = await client.post<VolumeAnswer>("/api/volumes/open", {
      path,
      ...(dataset !== undefined && { dataset }),
    });
    assert.deepEqual(volume.shape, [...shape].reverse(), key);
    const isFiner = ({ type: told, volume: id }: Readonly<Record<string, unknown>>): boolean =>
      told === "finer" && id === volume.id;
    assert.equal(
      wrongTexels(await tilesOf(connection, allAddresses(volume)), values, volume),
      0,
      `${key} ${type} from the file`,
    );
    await connection.message(isFiner);
    await connection.message(isFiner);
    const cached = await tilesOf(connection, allAddresses(volume));
    assert.ok(cached.every(({ rough }) => !rough));
    assert.equal(wrongTexels(cached, values, volume), 0, `${key} ${type} from the cache`);
  }
});
