/** More windows and wishes than the server can answer: it answers slower, never wrongly, and drops what nobody waits for. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Plane, planeAxes } from "../../../src/studio/protocol/coordinates.ts";
import { decodeTile, type Tile, type TileAddress, tilesAhead } from "../../../src/studio/protocol/slices.ts";
import type { VolumeAnswer } from "../../../src/studio/protocol/volumes.ts";
import { writeVolume } from "../../../src/volume/formats.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openStudio, type StudioClient, type StudioConnection } from "../support/studio-client.ts";

/** (z, y, x). */
const shape: Shape3 = [90, 140, 200];

const valueAt = (x: number, y: number, z: number): number => ((x * 31 + y * 17 + z * 7) % 2003) - 1000;

async function served(t: TestContext): Promise<{ client: StudioClient; volume: VolumeAnswer }> {
  const root = await temporaryFolder(t);
  await mkdir(join(root, ".tomoflow"));
  const data = new Int16Array(shape[0] * shape[1] * shape[2]);
  for (let z = 0, i = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++) for (let x = 0; x < shape[2]; x++) data[i++] = valueAt(x, y, z);
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] } as const;
  await writeVolume(join(root, "t.mrc"), { data, shape, labels: [], ...sampling });
  const client = await openStudio(t, { root });
  return { client, volume: await client.post<VolumeAnswer>("/api/volumes/open", { path: "t.mrc" }) };
}

const address = ({ id }: VolumeAnswer, plane: Plane, slice: number): TileAddress => ({
  volume: id,
  plane,
  level: 0,
  slice,
  row: 0,
  column: 0,
});

/** Whether every texel has the value of its voxel. */
function isRight({ address: { plane, slice }, rows, columns, codes }: Tile, { code }: VolumeAnswer): boolean {
  const { across, down, through } = planeAxes[plane];
  const at: [number, number, number] = [0, 0, 0];
  at[through] = slice;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      [at[across], at[down]] = [column, row];
      if (code.offset + codes[row * columns + column]! !== valueAt(...at)) return false;
    }
  return true;
}

/** Asks until the wished slice is there; tells all that came on the way. */
function waitFor(connection: StudioConnection, wanted: TileAddress, among: readonly TileAddress[]) {
  const came: Tile[] = [];
  return new Promise<readonly Tile[]>((resolve) => {
    const stop = connection.onFrame((frame) => {
      const tile = decodeTile(frame);
      came.push(tile);
      connection.send({ channel: "slices", type: "got", tiles: 1 });
      if (JSON.stringify(tile.address) !== JSON.stringify(wanted)) return;
      stop();
      resolve(came);
    });
    connection.send({ channel: "slices", type: "want", tiles: [wanted, ...among] });
  });
}

test("six windows that scroll at once, while the cache is made, all get what they stop at, and nothing wrong", async (t) => {
  const { client, volume } = await served(t);
  const scroll = async (window: number): Promise<{ came: number; wrong: number }> => {
    const connection = await client.connect();
    const plane = (["xy", "xz", "yz"] as const)[window % 3]!;
    const depth = volume.shape[planeAxes[plane].through];
    let [came, wrong] = [0, 0];
    for (let move = 0; move < 40; move++) {
      const slice = (window * 13 + move * 3) % depth;
      const ahead = [1, 2, 3, 4, 5, 6].map((step) => address(volume, plane, (slice + step) % depth));
      // most moves are left before they are answered, as in fast scrolling
      if (move % 4 !== 3) {
        connection.send({
          channel: "slices",
          type: "want",
          tiles: [address(volume, plane, slice), ...ahead],
        });
        continue;
      }
      const tiles = await waitFor(connection, address(volume, plane, slice), ahead);
      came += tiles.length;
      wrong += tiles.filter((tile) => !isRight(tile, volume)).length;
    }
    connection.socket.terminate();
    return { came, wrong };
  };
  const results = await Promise.all([0, 1, 2, 3, 4, 5].map(scroll));
  for (const { came, wrong } of results) {
    assert.equal(wrong, 0);
    assert.ok(came >= 10, `${came}`);
  }
});

test("a window that takes nothing is sent no more than a few tiles, and costs the others nothing", async (t) => {
  const { client, volume } = await served(t);
  const [greedy, other] = [await client.connect(), await client.connect()];
  let sent = 0;
  greedy.onFrame(() => {
    sent++;
  });
  const everything = Array.from({ length: shape[0] }, (_, slice) => address(volume, "xy", slice));
  for (let i = 0; i < 20; i++) greedy.send({ channel: "slices", type: "want", tiles: everything });
  for (let slice = 0; slice < 30; slice++) {
    const tiles = await waitFor(other, address(volume, "xy", slice), []);
    assert.ok(isRight(tiles.at(-1)!, volume));
  }
  assert.ok(sent <= tilesAhead, `${sent}`);
});

test("a window that lost its connection asks again and gets everything; the lost one leaves nothing behind", async (t) => {
  const { client, volume } = await served(t);
  const lost = await client.connect();
  const first = new Promise<void>((resolve) => lost.onFrame(() => resolve()));
  const wanted = Array.from({ length: 10 }, (_, slice) => address(volume, "xy", slice));
  lost.send({ channel: "slices", type: "want", tiles: wanted });
  await first;
  lost.socket.terminate();
  const again = await client.connect();
  for (const each of wanted) {
    const tiles = await waitFor(again, each, []);
    assert.ok(tiles.every((tile) => isRight(tile, volume)));
  }
});
