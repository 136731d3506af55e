import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { expectedVolumes, fixture } from "../volume/fixtures.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tomoflow volume …` as a user does. */
const volume = (...words: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const environment = { ...process.env, NO_COLOR: "1" };
    execFile(
      process.execPath,
      [...programStart, "volume", ...words],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

test("info explains a file and every oddity in plain words", async () => {
  const { code, stdout } = await volume("info", fixture("mrc/big-stamp-0000.mrc"), "--stats");
  assert.equal(code, 0);
  assert.match(stdout, /format +MRC mode 2 \(float32\)/);
  assert.match(stdout, /size +3×4×5 voxels \(z, y, x\), 0\.2 kB of float32/);
  assert.match(
    stdout,
    /voxel size +13\.48 × 2\.5 × 1\.25 Å \(z, y, x\); the volume measures 4\.0 × 1\.0 × 0\.6 nm/,
  );
  assert.match(stdout, /origin +30, -20\.25, 10\.5 Å/);
  assert.match(stdout, /labels +made for the tests of tomoflow/);
  assert.match(stdout, /statistics +minimum -31\.25, maximum 31\.\d+, mean/);
  assert.match(stdout, /the machine stamp is missing \(00 00\).* \[machine-stamp-missing\]/);
  assert.match(stdout, /big-endian order \[big-endian\]/);
});

test("info --json gives an object for a file, a list for several", async () => {
  const one = JSON.parse((await volume("info", fixture("hdf5/dataset.h5"), "--json", "--stats")).stdout);
  const values = expectedVolumes["hdf5/dataset.h5:dataset"].values;
  assert.deepEqual([one.shape, one.type, one.voxelSizeAngstrom], [[3, 4, 5], "float32", [13.48, 2.5, 1.25]]);
  assert.deepEqual([one.statistics.minimum, one.statistics.count], [Math.min(...values), 60]);
  const several = JSON.parse(
    (await volume("info", fixture("mrc/mode0.mrc"), fixture("mrc/mode1.mrc"), "--json")).stdout,
  );
  assert.deepEqual(
    several.map(({ type }: { type: string }) => type),
    ["int8", "int16"],
  );
});

test("rounding densities to integers is told; whole numbers are not touched", async (context) => {
  const folder = await temporaryFolder(context);
  const at = (name: string) => join(folder, name);
  const place = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0], labels: [] } as const;
  const data = Float32Array.of(0.25, -3.5, 7, 8, 2.75, 1);
  await writeVolume(at("densities.mrc"), { data, shape: [1, 2, 3], ...place });
  const rounded = await volume("convert", at("densities.mrc"), at("bytes.mrc"), "--type", "int8");
  assert.equal(rounded.code, 0);
  assert.match(
    rounded.stderr,
    /\nwarning: 3 voxels were rounded to whole numbers, for int8\nhint: .*float16.*\n$/,
  );
  assert.deepEqual([...(await readVolume(at("bytes.mrc"))).data], [0, -4, 7, 8, 3, 1]);
  const kept = await volume("convert", at("densities.mrc"), at("half.mrc"), "--type", "float16");
  assert.doesNotMatch(kept.stderr, /warning/);
  await writeVolume(at("whole.mrc"), { data: Float32Array.of(1, 2, 3), shape: [1, 1, 3], ...place });
  assert.doesNotMatch(
    (await volume("convert", at("whole.mrc"), at("w.mrc"), "--type", "int16")).stderr,
    /warning/,
  );
});

test("unsigned bytes go to MRC as uint16, which is said, and what is no byte is refused as such", async (context) => {
  const folder = await temporaryFolder(context);
  const [densities, bytes] = [join(folder, "densities.h5"), join(folder, "bytes.mrc")];
  const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  await writeVolume(densities, { data: Float32Array.of(0, 1, 2, 255), shape: [1, 2, 2], ...sampling });
  const written = await volume("convert", densities, bytes, "--type", "uint8");
  assert.equal(written.code, 0, written.stderr);
  assert.match(written.stderr, /stored as uint16, because MRC has no uint8\nhint: --type int8/);
  assert.deepEqual([...(await readVolume(bytes)).data], [0, 1, 2, 255]);
  await writeVolume(densities, { data: Float32Array.of(0, 1, 2, 256), shape: [1, 2, 2], ...sampling });
  const refused = await volume("convert", densities, bytes, "--type", "uint8");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /a voxel is 256, but uint8 holds 0 to 255\nhint: .*--type float32/);
});

test("convert, bin and crop write what they say", async (context) => {
  const folder = await temporaryFolder(context);
  const at = (name: string) => join(folder, name);
  const made = await volume(
    "convert",
    fixture("mrc/mode1.mrc"),
    at("a.h5"),
    "--type",
    "float32",
    "--voxel-size",
    "10",
  );
  assert.deepEqual([made.code, made.stdout], [0, ""]);
  assert.match(made.stderr, /wrote .*a\.h5: 3×4×5 voxels \(z, y, x\), 10 Å a voxel/);
  assert.deepEqual([...(await readVolume(at("a.h5"))).data], expectedVolumes["mrc/mode1.mrc"].values);
  assert.equal(
    (await volume("crop", at("a.h5"), at("b.mrc"), "--start", "1,0,2", "--size", "2,4,3", "--mode", "1"))
      .code,
    0,
  );
  const part = await readVolume(at("b.mrc"));
  assert.deepEqual(
    [part.shape, part.originAngstrom],
    [
      [2, 4, 3],
      [40, -20.25, 30.5],
    ],
  );
  assert.ok(part.data instanceof Int16Array);
  assert.equal((await volume("bin", at("b.mrc"), at("c.mrc"), "--by", "2", "--labels")).code, 0);
  const binned = await readVolume(at("c.mrc"));
  assert.deepEqual(
    [binned.shape, binned.voxelSizeAngstrom],
    [
      [1, 2, 1],
      [20, 20, 20],
    ],
  );
});

const mistakes: readonly [words: readonly string[], message: RegExp][] = [
  [["info", fixture("mrc/cut-off.mrc")], /error: .*cut-off\.mrc is cut off: .*\nhint: copy the file again/],
  [
    ["info", fixture("mrc/complex-float32.mrc")],
    /error: .*complex numbers.*\nhint: it is a Fourier transform/,
  ],
  [
    ["convert", fixture("mrc/mode1.mrc"), "x.mrc", "--mode", "3"],
    /error: mode 3 cannot be written\nhint: use --mode 0/,
  ],
  [["convert", fixture("mrc/mode1.mrc"), "x.mrc", "--type", "bytes"], /error: .*'bytes' is invalid/],
  [["convert", fixture("mrc/mode1.mrc"), "x.mrc", "--voxel-size", "ten"], /a length in Å, such as 10/],
  [["crop", fixture("mrc/mode1.mrc"), "x.mrc", "--start", "0,0", "--size", "1,1,1"], /three numbers: z,y,x/],
  [
    ["crop", fixture("mrc/mode1.mrc"), "x.mrc", "--start", "0,0,0", "--size", "1,1,9"],
    /not inside the volume 3×4×5/,
  ],
  [["bin", fixture("mrc/mode1.mrc"), "x.mrc", "--by", "4"], /cannot be binned by 4\nhint: .* from 1 to 3/],
];

for (const [words, message] of mistakes)
  test(`a mistake is told in one message: ${words[0]} ${words.slice(2).join(" ")}`, async (context) => {
    const before = await readdir(await temporaryFolder(context));
    const { code, stdout, stderr } = await volume(...words);
    assert.deepEqual([code, stdout, before], [2, "", []]);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n +at /);
  });

for (const command of ["info", "convert", "bin", "crop"])
  test(`volume ${command} --help shows an example`, async () => {
    const { code, stdout } = await volume(command, "--help");
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Example:\\n  tomoflow volume ${command} \\S`));
  });
