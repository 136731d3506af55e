/** Files that cannot be read in full: their data lie in other files, or are packed by filters that only plugins have. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { TomoflowError } from "../../../src/core/error.ts";
import { call, loadHdf5 } from "../../../src/core/hdf5.ts";
import { readKerasWeights } from "../../../src/network/keras.ts";
import { readHistoryHdf5 } from "../../../src/training/history.ts";
import { openVolume, readVolume, readVolumeInfo } from "../../../src/volume/formats.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { fixture } from "../fixtures.ts";

const elsewhere: readonly [name: string, target: RegExp][] = [
  ["virtual", /another file, source\.h5 /],
  ["virtual-missing", /another file, gone\.h5 /],
  ["external", /another file, source\.h5 /],
  ["external-missing", /another file, gone\.h5 /],
  ["raw", /another file, \S*raw\.bin /],
  ["raw-missing", /another file, \S*gone\.bin /],
  ["passwords", /another file, \/etc\/passwd /],
  ["group", /another file, source\.h5 /],
  ["soft-to-external", /another file, source\.h5 /],
];

const refusal = (path: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TomoflowError, String(error));
  assert.equal(error.code, "hdf5-elsewhere");
  assert.match(error.message, message);
  assert.ok(error.message.startsWith(path), error.message);
  const whole = path.replace(/\.h5$/, "-whole.h5");
  assert.ok(error.hint?.endsWith(`h5repack --merge -l CONTI ${path} ${whole}`), error.hint);
  return true;
};

for (const [name, target] of elsewhere)
  test(`a volume that lies in another file is refused when it is opened: ${name}`, async () => {
    const path = fixture(`hdf5/elsewhere/${name}.h5`);
    await assert.rejects(readVolumeInfo(path), refusal(path, target));
  });

test("so are weights and histories", async () => {
  const [weights, history] = ["weights", "history"].map((name) => fixture(`hdf5/elsewhere/${name}.h5`));
  await assert.rejects(readKerasWeights(weights), refusal(weights, /another file, gone\.h5 /));
  await assert.rejects(readHistoryHdf5(history), refusal(history, /another file, gone\.h5 /));
});

test("a link to another file does not hinder what lies in the file itself", async () => {
  const path = fixture("hdf5/elsewhere/within.h5");
  assert.equal((await readVolumeInfo(path)).shape.join(), "3,4,5");
  await assert.rejects(readVolumeInfo(path, { dataset: "outside" }), { code: "hdf5-elsewhere" });
});

test("the library opens no other file, and what it was refused is told once", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "a.h5");
  await copyFile(fixture("hdf5/elsewhere/within.h5"), path);
  writeFileSync(join(folder, "gone.h5"), "not even HDF5");
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  const look = () => call(library, path, () => file.get("outside"));
  assert.throws(look, { code: "hdf5-elsewhere", message: /gone\.h5/ });
  assert.throws(look, { code: "hdf5-elsewhere" });
  call(library, path, () => file.close());
});

const filters: readonly [dataset: string, told: string][] = [
  ["blosc", "blosc (number 32001)"],
  ["blosc2", "blosc2 (number 32026)"],
  ["zstd", "zstd (number 32015)"],
  ["lz4", "lz4 (number 32004)"],
  ["bitshuffle", "bitshuffle (number 32008)"],
  ["bzip2", "bzip2 (number 307)"],
  ["zfp", "zfp (number 32013)"],
  ["lzf", "lzf (number 32000)"],
  // Left out for the first chunk, not for the second.
  ["half-skipped", "zstd (number 32015)"],
];

const filterRefusal = (path: string, told: string) => (error: unknown) => {
  assert.ok(error instanceof TomoflowError, String(error));
  assert.equal(error.code, "hdf5-filter", error.message);
  assert.equal(error.message, `${path} is packed with the HDF5 filter ${told}, which tomoflow cannot unpack`);
  const packed = path.replace(/\.h5$/, "-gzip.h5");
  assert.ok(error.hint?.startsWith(`pack it with gzip: h5repack -f GZIP=1 ${path} ${packed} (`), error.hint);
  return true;
};

for (const version of ["earliest", "v110"])
  test(`filters that cannot be unpacked are found when a file is opened, and named (${version})`, async () => {
    const path = fixture(`hdf5/filters-${version}.h5`);
    for (const [dataset, told] of filters)
      await assert.rejects(readVolumeInfo(path, { dataset }), filterRefusal(path, told), dataset);
    // Declared, but left out for every chunk.
    assert.match((await readVolumeInfo(path, { dataset: "skipped" })).properties!.storage, /zstd/);
  });

test("filters of weights and histories are named, never a folder of the machine that built the library", async () => {
  const [weights, history] = ["weights", "history"].map((name) => fixture(`hdf5/${name}-zstd.h5`));
  await assert.rejects(readKerasWeights(weights), filterRefusal(weights, "zstd"));
  await assert.rejects(readHistoryHdf5(history), filterRefusal(history, "zstd"));
});

test("a name that a shell would take apart is quoted in the command", async (context) => {
  const path = join(await temporaryFolder(context), "it's a file.h5");
  await copyFile(fixture("hdf5/filters-earliest.h5"), path);
  await assert.rejects(openVolume(path, { dataset: "zstd" }), (error: TomoflowError) => {
    const quoted = `'${path.replaceAll("'", "'\\''")}'`;
    assert.ok(error.hint?.includes(`GZIP=1 ${quoted} `), error.hint);
    return true;
  });
});

test("a refusal leaves no file open but, of what cannot be unpacked, the file itself, once", async () => {
  const open = async () => (await readdir("/proc/self/fd")).length;
  for (const [name, dataset] of [
    ["elsewhere/virtual.h5", "dataset"],
    ["elsewhere/raw.h5", "dataset"],
    ["filters-earliest.h5", "zstd"],
    ["filters-v110.h5", "zstd"],
    ["cut-off.h5", "dataset"],
  ]) {
    await assert.rejects(readVolume(fixture(`hdf5/${name}`), { dataset }));
    const before = await open();
    for (let i = 0; i < 5; i++) await assert.rejects(readVolume(fixture(`hdf5/${name}`), { dataset }));
    assert.equal(await open(), before, name);
  }
});
