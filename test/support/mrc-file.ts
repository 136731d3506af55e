/** MRC files of few voxels whose headers say what a test wants. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./temporary.ts";

export type Numbers = readonly [number, number, number];

export interface MrcFileContent {
  /** Columns, rows, sections. */
  readonly size: Numbers;
  /** Axis (1 x, 2 y, 3 z) of columns, rows, sections. */
  readonly axes?: Numbers;
  /** First column, row, section. */
  readonly start?: Numbers;
  /** Along x, y, z. */
  readonly intervals: Numbers;
  /** x, y, z, Å. */
  readonly cell: Numbers;
  /** Degrees. */
  readonly angles?: Numbers;
  /** x, y, z, Å. */
  readonly origin?: Numbers;
  readonly bigEndian?: boolean;
  /** Bytes of an extended header that the header counts; none is written. */
  readonly countedBytes?: number;
  /** Bytes of mode 0, after the header; zeros when not given. */
  readonly voxels?: Uint8Array;
}

/** Returns its path. */
export async function writeMrcFile(context: TestContext, content: MrcFileContent): Promise<string> {
  const { size, axes = [1, 2, 3], start = [0, 0, 0], intervals, cell, bigEndian = false } = content;
  const header = new DataView(new ArrayBuffer(1024));
  const integers = (word: number, numbers: readonly number[]) =>
    numbers.forEach((number, index) => void header.setInt32(4 * (word + index), number, !bigEndian));
  const floats = (word: number, numbers: readonly number[]) =>
    numbers.forEach((number, index) => void header.setFloat32(4 * (word + index), number, !bigEndian));
  integers(0, [...size, 0, ...start, ...intervals]);
  floats(10, [...cell, ...(content.angles ?? [90, 90, 90])]);
  integers(16, axes);
  integers(23, [content.countedBytes ?? 0]);
  floats(49, content.origin ?? [0, 0, 0]);
  [..."MAP "].forEach((letter, index) => void header.setUint8(208 + index, letter.charCodeAt(0)));
  for (const at of [212, 213]) header.setUint8(at, bigEndian ? 0x11 : 0x44);
  const path = join(await temporaryFolder(context), "a.mrc");
  const voxels = content.voxels ?? new Uint8Array(size[0] * size[1] * size[2]);
  await writeFile(path, Buffer.concat([Buffer.from(header.buffer), voxels]));
  return path;
}
