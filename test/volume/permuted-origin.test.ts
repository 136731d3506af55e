/** Where an MRC file begins that says it by NXSTART, NYSTART, NZSTART: those count along the file's columns, rows and sections. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readVolumeInfo } from "../../src/volume/formats.ts";
import { temporaryFolder } from "../support/temporary.ts";

type Numbers = readonly [number, number, number];

interface Header {
  /** Axis (1 x, 2 y, 3 z) of columns, rows, sections. */
  readonly axes: Numbers;
  /** Of columns, rows, sections. */
  readonly start: Numbers;
  /** x, y, z. */
  readonly origin?: Numbers;
  readonly bigEndian?: boolean;
}

const size: Numbers = [4, 3, 2];
/** x, y, z: intervals need not be the number of voxels. */
const intervals: Numbers = [8, 6, 10];
/** x, y, z, Å: voxels of 5, 3 and 2 Å. */
const cell: Numbers = [40, 18, 20];

async function originOf(context: TestContext, { axes, start, origin = [0, 0, 0], bigEndian }: Header) {
  const header = new DataView(new ArrayBuffer(1024));
  const little = !bigEndian;
  const integers = (word: number, numbers: readonly number[]) =>
    numbers.forEach((number, index) => void header.setInt32(4 * (word + index), number, little));
  const floats = (word: number, numbers: readonly number[]) =>
    numbers.forEach((number, index) => void header.setFloat32(4 * (word + index), number, little));
  integers(0, [...size, 0, ...start, ...intervals]);
  floats(10, [...cell, 90, 90, 90]);
  integers(16, axes);
  floats(49, origin);
  [..."MAP "].forEach((letter, index) => void header.setUint8(208 + index, letter.charCodeAt(0)));
  header.setUint8(212, bigEndian ? 0x11 : 0x44);
  header.setUint8(213, bigEndian ? 0x11 : 0x44);
  const path = join(await temporaryFolder(context), "a.mrc");
  await writeFile(path, Buffer.concat([Buffer.from(header.buffer), Buffer.alloc(24)]));
  return (await readVolumeInfo(path)).originAngstrom;
}

const orders: readonly Numbers[] = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
];

for (const axes of orders)
  for (const bigEndian of [false, true])
    test(`axes ${axes.join(", ")}, ${bigEndian ? "big" : "little"} endian`, async (context) => {
      const start: Numbers = [7, -2, 11];
      const along = (axis: number) => start[axes.indexOf(axis)]!;
      assert.deepEqual(await originOf(context, { axes, start, bigEndian }), [
        along(3) * 2,
        along(2) * 3,
        along(1) * 5,
      ]);
      assert.deepEqual(
        await originOf(context, { axes, start, origin: [1.5, 0, -4], bigEndian }),
        [-4, 0, 1.5],
      );
    });
