/**
 * Volumes of 200×512×512 voxels beside what the machine can do: node --import tsx bench/volumes.ts
 *
 * In memory: statistics and normalisation beside copies (`slice`) of as many bytes as they read and write together.
 * In files: reading by slabs and writing beside plain `fs` reads and writes of as many bytes as the voxels have, each slab
 * into memory of its own, the file in the system's cache; writing ends with `fsync` in both. HDF5 is packed and has a quarter of
 * the planes: beside it also gzip as h5py has it, Node's zlib at level 1 on the same chunks without shuffle, one thread. All take turns in one run, the
 * best of some counts, by the clock and by processor time. The files lie in the system's temporary folder and are deleted.
 */
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import { Random } from "../src/core/random.ts";
import { slabsOf } from "../src/volume/box.ts";
import { createVolume, openVolume } from "../src/volume/formats.ts";
import { normaliseVoxels } from "../src/volume/normalise.ts";
import { measureVoxels } from "../src/volume/statistics.ts";
import { type Shape3, type VoxelArray, type VoxelType, voxelCount } from "../src/volume/volume.ts";
import { bytesPerVoxel } from "../src/volume/voxel-type.ts";
import { bestOfTurns, type Time } from "./turns.ts";

type Print = (line: string) => void;

const whole: Shape3 = [200, 512, 512];
const quarter: Shape3 = [50, 512, 512];
const slabPlanes = 16;

export async function benchVolumes(print: Print): Promise<void> {
  print(
    `volume of ${whole.join("×")}; shares are those of the plain way's speed, by the clock and by processor time`,
  );
  for (const type of ["int16", "float32"] as const) await benchMemory(print, type);
  const folder = await mkdtemp(join(tmpdir(), "tomoflow-bench-"));
  try {
    for (const type of ["int16", "float32", "float16"] as const)
      await benchMrc(print, join(folder, "volume.mrc"), type);
    for (const type of ["int8", "int16", "float32"] as const)
      await benchHdf5(print, join(folder, "volume.h5"), type);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function benchMemory(print: Print, type: "int16" | "float32"): Promise<void> {
  const data = volumeOf(whole, type);
  const statistics = measureVoxels(data);
  const times = await bestOfTurns({
    copy: () => data.slice(),
    measure: () => measureVoxels(data),
    normalise: () => normaliseVoxels(data, statistics),
  });
  const compare = (what: string, time: Time, bytes: number) =>
    print(
      `${what} of ${type}: ${speedOf(time, bytes)}, ${shareOf(time, times.copy, bytes / (2 * data.byteLength))} of a copy's`,
    );
  compare("statistics", times.measure, data.byteLength);
  compare("normalisation", times.normalise, data.byteLength + 4 * data.length);
}

async function benchMrc(print: Print, path: string, type: VoxelType): Promise<void> {
  const data = volumeOf(whole, type);
  const bytes = data.length * bytesPerVoxel(type);
  const times = await bestOfTurns(fileCases({ path, data, shape: whole, type }), 4);
  for (const what of ["write", "read"] as const)
    print(
      `MRC ${type}, ${what}: ${speedOf(times[what], bytes)}, ${shareOf(times[what], times[`plain ${what}`])} of plain`,
    );
  await Promise.all([rm(path), rm(plainPath(path))]);
}

async function benchHdf5(print: Print, path: string, type: VoxelType): Promise<void> {
  const data = volumeOf(quarter, type);
  const bytes = data.length * bytesPerVoxel(type);
  const packed = packChunks(data);
  const cases = {
    ...fileCases({ path, data, shape: quarter, type }),
    "zlib write": () => packChunks(data),
    "zlib read": () => packed.forEach((chunk) => void inflateSync(chunk)),
  };
  const times = await bestOfTurns(cases, 2);
  const { size } = await stat(path);
  for (const what of ["write", "read"] as const)
    print(
      `HDF5 ${type}, ${what}, ${(bytes / size).toFixed(1)} × packed: ${speedOf(times[what], bytes)}, ` +
        `${shareOf(times[what], times[`plain ${what}`])} of plain, ${shareOf(times[what], times[`zlib ${what}`])} of zlib's`,
    );
  await Promise.all([rm(path), rm(plainPath(path))]);
}

const speedOf = ({ seconds }: Time, bytes: number): string =>
  `${seconds.toFixed(2)} s, ${(bytes / seconds / 1e9).toFixed(2)} GB/s`;

/** How fast `time` is beside `plain`, where it has `times` as much to do. */
const shareOf = (time: Time, plain: Time, times = 1): string =>
  `${((times * plain.seconds) / time.seconds).toFixed(2)} (processor ${((times * plain.processorSeconds) / time.processorSeconds).toFixed(2)})`;

interface FileCase {
  readonly path: string;
  readonly data: VoxelArray;
  readonly shape: Shape3;
  readonly type: VoxelType;
}

const plainPath = (path: string): string => `${path}.plain`;

function fileCases(file: FileCase) {
  const bytes = file.data.length * bytesPerVoxel(file.type);
  const slabBytes = (bytes / file.shape[0]) * slabPlanes;
  const plain = plainPath(file.path);
  return {
    "plain write": () => writePlain(plain, bytes, slabBytes),
    write: () => write(file),
    "plain read": () => readPlain(plain, bytes, slabBytes),
    read: () => read(file.path),
  };
}

async function write({ path, data, shape, type }: FileCase): Promise<void> {
  const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  const writer = await createVolume(path, { shape, type, ...sampling });
  for (const { start, shape: size } of slabs(shape)) {
    const from = start[0] * size[1] * size[2];
    await writer.append(data.subarray(from, from + voxelCount(size)));
  }
  await writer.close();
}

async function read(path: string): Promise<void> {
  const reader = await openVolume(path);
  for (const { start, shape } of slabs(reader.info.shape)) await reader.readBox(start, shape);
  await reader.close();
}

const slabs = (shape: Shape3) => slabsOf(shape, slabPlanes * shape[1] * shape[2]);

/** The slabs' bytes, and to the disk. */
async function writePlain(path: string, bytes: number, slabBytes: number): Promise<void> {
  const buffer = new Uint8Array(slabBytes).fill(7);
  const file = await open(path, "w");
  for (let done = 0; done < bytes; done += slabBytes)
    await file.write(buffer, 0, Math.min(slabBytes, bytes - done), done);
  await file.sync();
  await file.close();
}

async function readPlain(path: string, bytes: number, slabBytes: number): Promise<void> {
  const file = await open(path, "r");
  for (let done = 0; done < bytes; done += slabBytes) {
    const length = Math.min(slabBytes, bytes - done);
    await file.read(new Uint8Array(length), 0, length, done);
  }
  await file.close();
}

/** As many bytes a chunk as our HDF5 files have. */
function packChunks({ buffer, BYTES_PER_ELEMENT }: VoxelArray): Uint8Array[] {
  const length = 16 * 64 * 64 * BYTES_PER_ELEMENT;
  return Array.from({ length: Math.ceil(buffer.byteLength / length) }, (_, chunk) =>
    deflateSync(new Uint8Array(buffer).subarray(chunk * length, (chunk + 1) * length), { level: 1 }),
  );
}

/** Noise as tomograms have it, a million voxels of it again and again; for int8 labels, mostly background. */
function volumeOf(shape: Shape3, type: VoxelType): VoxelArray {
  const voxels = voxelCount(shape);
  if (type === "int8")
    return Int8Array.from({ length: voxels }, (_, i) => ((i >> 4) % 23 === 0 ? (i >> 9) % 12 : 0));
  const random = new Random(3);
  const length = 1_000_003;
  const noise = Float32Array.from({ length }, () => 1000 * random.normal());
  const part = type === "int16" ? Int16Array.from(noise) : noise;
  const data = type === "int16" ? new Int16Array(voxels) : new Float32Array(voxels);
  for (let at = 0; at < voxels; at += length) data.set(part.subarray(0, voxels - at), at);
  return data;
}

if (import.meta.filename === process.argv[1]) await benchVolumes((line) => process.stdout.write(`${line}\n`));
