import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { parseNvidiaUse } from "../../../../src/studio/server/workflow/machine-meter.ts";
import { drawThumbnail } from "../../../../src/studio/server/workflow/thumbnail.ts";
import { writeVolume } from "../../../../src/volume/formats.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

/** Size, colour type, colours and rows of a PNG with one IDAT and no filters. */
function decodePng(png: Buffer) {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const head = chunks.get("IHDR")!;
  const width = head.readUInt32BE(0);
  const raw = inflateSync(chunks.get("IDAT")!);
  const rows = Array.from({ length: head.readUInt32BE(4) }, (_, row) => [
    ...raw.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)),
  ]);
  return { width, colorType: head[9], colors: chunks.get("PLTE"), rows };
}

test("a thumbnail shows the middle plane with y upwards, dark to bright", async (context) => {
  const folder = await temporaryFolder(context);
  const shape = [3, 2, 4] as const;
  // the middle plane: y = 0 is -1, -0.5, 0.5, 1 from left to right, y = 1 is 1 throughout
  const data = Float32Array.from([...Array(8).fill(9), -1, -0.5, 0.5, 1, 1, 1, 1, 1, ...Array(8).fill(9)]);
  const path = join(folder, "v.mrc");
  await writeVolume(path, { shape, data, voxelSizeAngstrom: [1, 1, 1], originAngstrom: [0, 0, 0] });
  const { width, colorType, rows } = decodePng(await drawThumbnail(path, { side: 240 }));
  assert.deepEqual([width, colorType], [4, 0]);
  assert.deepEqual(rows, [
    [255, 255, 255, 255],
    [0, 64, 191, 255],
  ]);
  const small = decodePng(await drawThumbnail(path, { side: 2 }));
  assert.deepEqual([small.width, small.rows.length], [2, 1]);
});

test("a thumbnail of labels has the colours of the classes", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "labels.mrc");
  const data = Int8Array.from([0, 1, 2, 0, 0, 2]);
  await writeVolume(path, {
    shape: [1, 2, 3],
    data,
    voxelSizeAngstrom: [1, 1, 1],
    originAngstrom: [0, 0, 0],
  });
  const picture = decodePng(await drawThumbnail(path, { side: 240, labels: ["#ff0000", "#00ff80"] }));
  assert.equal(picture.colorType, 3);
  assert.deepEqual(picture.rows, [
    [0, 0, 2],
    [0, 1, 2],
  ]);
  assert.deepEqual([...picture.colors!.subarray(3, 9)], [255, 0, 0, 0, 255, 128]);
});

test("nvidia-smi's lines are read, and what the driver does not tell is nothing", () => {
  assert.deepEqual(parseNvidiaUse("NVIDIA H100, 37, 1024, 81559\nT4, [N/A], [N/A], 15360\n"), [
    { name: "NVIDIA H100", busy: 0.37, usedMemoryBytes: 2 ** 30, memoryBytes: 81559 * 2 ** 20 },
    { name: "T4", busy: 0, usedMemoryBytes: 0, memoryBytes: 15360 * 2 ** 20 },
  ]);
});
