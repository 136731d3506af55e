import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { readKerasWeights, writeKerasWeights } from "../../src/network/keras.ts";
import { drawnParameters } from "../support/network-examples.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

const whole = new URL("../fixtures/network/whole.h5", import.meta.url).pathname;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tomoflow weights …` as a user does. */
const weights = (...words: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, NO_COLOR: "1" } };
    const command = [...programStart, "weights", ...words];
    execFile(process.execPath, command, options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

test("info shows the network layer by layer", async () => {
  const { code, stdout } = await weights("info", whole);
  assert.equal(code, 0);
  assert.match(stdout, /classes +3, background included/);
  assert.match(stdout, /filters +4, 6, 8 from the full resolution down\n/);
  assert.match(stdout, /parameters +14,293 \(57\.2 kB of float32\)/);
  assert.match(stdout, /sees +31 voxels before and 34 behind/);
  assert.match(stdout, /conv3d_9 +3×3×3 +14 → 6 +2,274\n/);
});

test("info --json holds the same as numbers", async () => {
  const { code, stdout } = await weights("info", whole, "--json");
  const found = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.deepEqual([found.path, found.classes, found.filters], [whole, 3, [4, 6, 8]]);
  assert.equal(found.parameters, 14293);
  assert.deepEqual(found.receptiveField, { before: 31, after: 34 });
  assert.equal(found.layers.length, 15);
  assert.deepEqual(found.layers[11], {
    name: "conv3d_11",
    kernel: [2, 2, 2],
    inputChannels: 6,
    outputChannels: 6,
    parameters: 294,
  });
  const multiplications =
    27 * (1 * 4 + 4 * 4 + 10 * 4 + 4 * 4) +
    8 * 6 * 6 +
    4 * 3 +
    (27 * (4 * 6 + 6 * 6 + 14 * 6 + 6 * 6) + 8 * 8 * 8) / 8 +
    (27 * (6 * 8 + 3 * 8 * 8)) / 64;
  assert.equal(found.floatingPointOperationsPerVoxel, 2 * multiplications);
});

test("convert writes the format that the name says, with the same weights", async (context) => {
  const folder = await temporaryFolder(context);
  const expected = await readKerasWeights(whole);
  for (const name of ["again.h5", "keras3.weights.h5"]) {
    const path = join(folder, name);
    const { code, stderr } = await weights("convert", whole, path);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^wrote .*, filters 4, 6, 8, 3 classes\n$/);
    const { network, parameters, isDescribed } = await readKerasWeights(path);
    assert.deepEqual({ network, parameters }, { network: expected.network, parameters: expected.parameters });
    assert.equal(isDescribed, !path.endsWith(".weights.h5"));
  }
  const onnx = join(folder, "network.onnx");
  assert.equal((await weights("convert", whole, onnx)).code, 0);
  assert.ok((await readFile(onnx)).includes("conv3d_14/kernel"));
  assert.deepEqual((await readdir(folder)).sort(), ["again.h5", "keras3.weights.h5", "network.onnx"]);
});

test("a name without a format and a file without weights are wrong input", async (context) => {
  const folder = await temporaryFolder(context);
  const unknown = await weights("convert", whole, join(folder, "weights.pt"));
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /does not say a format for weights\n.*\.weights\.h5 \(Keras 3\) or \.onnx/);
  const noWeights = await weights("info", import.meta.filename);
  assert.equal(noWeights.code, 2);
  assert.match(noWeights.stderr, /weights\.test\.ts is not an HDF5 file/);
  assert.deepEqual(await readdir(folder), []);
});

test("another network than DeepFinder's: its name and parameters are told, and go to other files", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "residual.h5");
  const network = { name: "residual-unet3d", classes: 3, filters: [4, 6], settings: { blocks: 2 } };
  await writeKerasWeights(path, network, drawnParameters(network, new Random(1)));
  const { stdout } = await weights("info", path);
  assert.match(stdout, /network +residual-unet3d, blocks 2\n/);
  assert.match(stdout, /model +as the file describes it: residual-unet3d, layer by layer\n/);
  const { network: name, settings, layers } = JSON.parse((await weights("info", path, "--json")).stdout);
  assert.deepEqual([name, settings, layers.length], ["residual-unet3d", { blocks: 2 }, 16]);
  for (const other of ["other.weights.h5", "other.h5"]) {
    const { stderr } = await weights("convert", path, join(folder, other));
    assert.match(stderr, /, residual-unet3d, filters 4, 6, 3 classes\n$/);
    assert.deepEqual((await readKerasWeights(join(folder, other))).network, network);
  }
});
