/**
 * Our volumes opened by mrcfile and h5py, and theirs by us, in the versions that are installed. TOMOFLOW_PYTHON names the
 * interpreter (python3); what is missing there fails the test.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { createVolumeSet, readVolume, readVolumeInfo, writeVolume } from "../../src/volume/formats.ts";
import { measureVoxels } from "../../src/volume/statistics.ts";
import type { Shape3, Volume, VoxelType } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";

const python = process.env.TOMOFLOW_PYTHON ?? "python3";
const script = new URL("volume_interop.py", import.meta.url).pathname;

/** What the other program says about a volume. */
interface Facts {
  readonly shape: readonly number[];
  readonly type: string;
  readonly values: readonly number[];
  readonly voxelSizeAngstrom: readonly number[] | null;
  readonly originAngstrom: readonly number[];
}

interface MrcFacts extends Facts {
  readonly valid: boolean;
  readonly report: string;
  readonly volume: boolean;
  readonly labels: readonly string[];
  readonly statistics: readonly number[];
}

interface Hdf5Facts extends Facts {
  readonly chunks: readonly number[];
  readonly compression: string;
  readonly micrometres: readonly number[];
  readonly labels: readonly string[];
}

const run = <T>(...words: readonly string[]): Readonly<Record<string, T>> =>
  JSON.parse(execFileSync(python, [script, ...words], { encoding: "utf8", maxBuffer: 64 << 20 }));

const random = new Random(3);
const volume: Volume = {
  data: Float32Array.from({ length: 35 * 70 * 90 }, () => Math.round(random.normal() * 20) + 0),
  shape: [35, 70, 90],
  voxelSizeAngstrom: [13.48, 2.5, 1.25],
  originAngstrom: [30, -20.25, 10.5],
  labels: ["from the microscope"],
};

const assertNear = (actual: readonly number[] | null, expected: readonly number[]) =>
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs(actual![i] - value) <= 1e-6 * Math.max(1, Math.abs(value)),
      `${actual}, not ${expected}`,
    );
  });

/** mrcfile sums squares of float16 in float16, which overflows; it has nothing else to say against such a file. */
const onlyOverflow = /^[^\n]*\n(File appears to be valid|[^\n]*RMS deviation is inf[^\n]*)\.?\n$/;

test("mrcfile finds our MRC files valid and reads every mode with its sampling and statistics", async (context) => {
  const folder = await temporaryFolder(context);
  const types: readonly VoxelType[] = ["int8", "int16", "uint16", "float16", "float32"];
  const positive = { ...volume, data: (volume.data as Float32Array).map(Math.abs) };
  const paths: string[] = [];
  for (const type of types) {
    paths.push(join(folder, `${type}.mrc`));
    await writeVolume(paths.at(-1)!, type === "uint16" ? positive : volume, { type });
  }
  const described = run<MrcFacts>("describe", ...paths);
  for (const [i, type] of types.entries()) {
    const facts = described[paths[i]];
    const { data } = type === "uint16" ? positive : volume;
    const { minimum, maximum, mean, standardDeviation } = measureVoxels(data);
    assert.deepEqual([facts.type, facts.shape, facts.volume], [type, [35, 70, 90], true]);
    assert.deepEqual(facts.values, [...data], type);
    assertNear(facts.voxelSizeAngstrom, [13.48, 2.5, 1.25]);
    assertNear(facts.originAngstrom, [30, -20.25, 10.5]);
    assertNear(facts.statistics, [minimum, maximum, mean, standardDeviation]);
    assert.deepEqual(facts.labels, ["from the microscope", "Written by tomoflow"]);
    if (type === "float16") assert.match(facts.report, onlyOverflow);
    else assert.ok(facts.valid, facts.report);
  }
});

test("h5py reads our HDF5 files of every type: packed chunks, sampling, labels", async (context) => {
  const folder = await temporaryFolder(context);
  const types: readonly VoxelType[] = ["int8", "int16", "int32", "float16", "float32", "float64"];
  const paths = types.map((type) => join(folder, `${type}.h5`));
  for (const [i, type] of types.entries()) await writeVolume(paths[i], volume, { type });
  const described = run<{ dataset: Hdf5Facts }>("describe", ...paths);
  for (const [i, type] of types.entries()) {
    const facts = described[paths[i]].dataset;
    assert.deepEqual([facts.type, facts.shape, facts.compression], [type, [35, 70, 90], "gzip"]);
    assert.deepEqual(facts.values, [...volume.data], type);
    assert.deepEqual(facts.voxelSizeAngstrom, [13.48, 2.5, 1.25]);
    assertNear(facts.micrometres, [0.001348, 0.00025, 0.000125]);
    assert.deepEqual([facts.originAngstrom, facts.labels], [[30, -20.25, 10.5], ["from the microscope"]]);
    assert.deepEqual(facts.chunks, [16, 64, 64]);
  }
});

test("h5py changes our files in place, and both read what it wrote", async (context) => {
  const path = join(await temporaryFolder(context), "changed.h5");
  const shape: Shape3 = [70, 130, 200];
  const data = Int16Array.from({ length: 70 * 130 * 200 }, (_, i) => (i * 7919) % 251);
  await writeVolume(path, { ...volume, data, shape });
  const { total } = run<number>("change", path);
  const sum = (values: Iterable<number>) => [...values].reduce((before, value) => before + value, 0);
  assert.equal(sum((await readVolume(path)).data), total);
  assert.notEqual(sum(data), total);
});

test("h5py reads several volumes of float16 in one file", async (context) => {
  const path = join(await temporaryFolder(context), "scores.h5");
  const writer = await createVolumeSet(path, { ...volume, type: "float16" }, ["class0", "class1", "class2"]);
  for (const name of ["class0", "class1", "class2"]) await writer.append(name, volume.data);
  await writer.close();
  const described = run<Record<string, Hdf5Facts>>("describe", path)[path];
  assert.deepEqual(Object.keys(described).sort(), ["class0", "class1", "class2"]);
  for (const { type, values } of Object.values(described))
    assert.deepEqual([type, values], ["float16", [...volume.data]]);
});

test("we read what mrcfile and h5py write, packed or not", async (context) => {
  const folder = await temporaryFolder(context);
  const written = run<Facts>("write", folder);
  assert.equal(Object.keys(written).length, 8);
  for (const [name, facts] of Object.entries(written)) {
    const path = join(folder, name);
    const { data, shape, voxelSizeAngstrom, originAngstrom } = await readVolume(path);
    assert.deepEqual([shape, (await readVolumeInfo(path)).type], [facts.shape, facts.type], name);
    assert.deepEqual([...data], facts.values, name);
    assert.deepEqual(originAngstrom, facts.originAngstrom);
    if (facts.voxelSizeAngstrom) assertNear(voxelSizeAngstrom, facts.voxelSizeAngstrom);
    else assert.equal(voxelSizeAngstrom, null, name);
  }
});
