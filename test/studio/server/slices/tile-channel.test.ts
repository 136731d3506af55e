import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { decodeTile, type TileAddress } from "../../../../src/studio/protocol/slices.ts";
import { tileChannel } from "../../../../src/studio/server/slices/tile-channel.ts";
import type { Client } from "../../../../src/studio/server/socket.ts";
import type { OpenedVolume } from "../../../../src/studio/server/volumes/opened-volumes.ts";

interface Reading {
  readonly slice: number;
  readonly signal: AbortSignal;
  end(): void;
}

/** A window on a volume whose readings end when the test says so. */
function slowWindow() {
  const readings: Reading[] = [];
  const shown: number[] = [];
  const volume = {
    readTile: ({ slice }: TileAddress, signal: AbortSignal) =>
      new Promise((resolve) => {
        const end = (): void => resolve({ rows: 1, columns: 1, rough: false, codes: Uint16Array.of(slice) });
        readings.push({ slice, signal, end });
      }),
  } as unknown as OpenedVolume;
  const channel = tileChannel({ find: async () => volume });
  const client: Client = {
    session: "1",
    send: (message) => assert.fail(JSON.stringify(message)),
    sendFrame: (frame) => void shown.push(decodeTile(frame.slice().buffer as ArrayBuffer).codes[0]!),
    buffered: () => 0,
    isOpen: true,
  };
  channel.onOpen?.(client);
  const want = async (...slices: readonly number[]): Promise<void> => {
    const tiles = slices.map((slice) => ({ volume: "v", plane: "xy", level: 0, slice, row: 0, column: 0 }));
    await channel.onMessage(client, { channel: "slices", type: "want", tiles });
    await turn();
  };
  const end = async (reading: Reading | undefined): Promise<void> => {
    assert.ok(reading);
    reading.end();
    await turn();
  };
  return { readings, shown, want, end };
}

test("what is not wished for any more is given up, and read anew when it is wished for again at once", async () => {
  const { readings, shown, want, end } = slowWindow();
  await want(1);
  await want(2);
  assert.deepEqual(
    readings.map(({ slice, signal }) => [slice, signal.aborted]),
    [
      [1, true],
      [2, false],
    ],
  );
  await want(1);
  await end(readings[0]);
  await end(readings[1]);
  assert.deepEqual(shown, []);
  assert.equal(readings.length, 3);
  assert.equal(readings[2]!.slice, 1);
  await end(readings[2]);
  assert.deepEqual(shown, [1]);
});

test("readings that were given up but have not ended count: moving fast does not begin more and more", async () => {
  const { readings, shown, want, end } = slowWindow();
  for (let slice = 0; slice < 50; slice++) await want(slice);
  assert.equal(readings.length, 4);
  await end(readings[0]);
  // the newest wish, and none of those between
  assert.deepEqual(
    readings.map(({ slice }) => slice),
    [0, 1, 2, 3, 49],
  );
  await end(readings[4]);
  assert.deepEqual(shown, [49]);
});

test("what is wished for still is not read twice", async () => {
  const { readings, shown, want, end } = slowWindow();
  await want(1, 2);
  await want(2, 3);
  assert.deepEqual(
    readings.map(({ slice }) => slice),
    [1, 2, 3],
  );
  for (const reading of readings) await end(reading);
  assert.deepEqual(shown, [2, 3]);
});
