import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A bar along x through the centre, and a speck far from it; (z, y, x) of unequal lengths, 5 Å a voxel. */
function average(sign: number) {
  const shape = [21, 23, 25] as const;
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  const put = (z: number, y: number, x: number, value: number) => {
    data[(z * shape[1] + y) * shape[2] + x] = sign * value;
  };
  for (let z = 9; z <= 11; z++) for (let y = 10; y <= 12; y++) for (let x = 6; x <= 18; x++) put(z, y, x, 1);
  put(2, 2, 2, 0.9);
  return { data, shape, voxelSizeAngstrom: [5, 5, 5] as const, originAngstrom: [0, 0, 0] as const };
}

test("a mask is the particle alone, at the voxel size asked for, with its volume and mass", async (context) => {
  const folder = await temporaryFolder(context);
  await writeVolume(join(folder, "average.mrc"), average(1));
  const words = ["volume", "mask", "average.mrc", "mask.mrc", "--voxel-size", "5"];
  const { code, stderr } = await tomoflow(words, { folder });
  assert.equal(code, 0, stderr);
  // 3 × 3 × 13 voxels of 0.125 nm³
  assert.match(stderr, /5 Å; the particle has 117 voxels, 15 nm³, about 12 kDa of protein/);
  assert.match(stderr, /note: 1 smaller piece with 1 voxel left out/);
  const mask = await readVolume(join(folder, "mask.mrc"));
  const side = mask.shape[0];
  assert.deepEqual(mask.shape, [side, side, side]);
  assert.deepEqual(mask.voxelSizeAngstrom, [5, 5, 5]);
  const middle = side / 2;
  const at = (z: number, y: number, x: number) =>
    mask.data[((middle + z) * side + middle + y) * side + middle + x];
  assert.deepEqual(
    [at(0, 0, 0), at(0, 0, 6), at(0, 0, -6), at(0, 0, 7), at(1, 1, 0), at(2, 0, 0)],
    [1, 1, 1, 0, 1, 0],
  );
});

test("a dark particle, and what makes no mask", async (context) => {
  const folder = await temporaryFolder(context);
  await writeVolume(join(folder, "dark.mrc"), average(-1));
  await writeVolume(join(folder, "unsized.mrc"), { ...average(1), voxelSizeAngstrom: null });
  const mask = (...words: string[]) => tomoflow(["volume", "mask", ...words], { folder });
  assert.equal((await mask("dark.mrc", "m.mrc", "--voxel-size", "5", "--dark")).code, 0);
  const bright = await mask("dark.mrc", "n.mrc", "--voxel-size", "5");
  assert.equal(bright.code, 2);
  assert.match(bright.stderr, /no positive density\nhint: give a map in which the particle is bright/);
  const unsized = await mask("unsized.mrc", "n.mrc", "--voxel-size", "5");
  assert.match(
    unsized.stderr,
    /^error: unsized\.mrc does not tell its voxel size\nhint: say it first: tomoflow volume convert /,
  );
  assert.match(
    (await mask("dark.mrc", "n.mrc", "--voxel-size", "5", "--threshold", "2")).stderr,
    /between 0 and 1/,
  );
});
