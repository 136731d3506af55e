/** Volumes that are no files: in memory, behind an HTTP server, in many pieces. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { copyBox } from "../../src/volume/box.ts";
import type { ByteFolder } from "../../src/volume/byte-folder.ts";
import { type ByteSource, memorySource } from "../../src/volume/byte-source.ts";
import { openVolume, readVolume, readVolumeInfo, writeVolume } from "../../src/volume/formats.ts";
import type { FolderFormat, Shape3, VolumeReader } from "../../src/volume/volume.ts";
import { volumeFormats } from "../../src/volume/volume-formats.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { expectedVolumes, fixture } from "./fixtures.ts";

/** A source that counts what is asked of it. */
function counted(source: ByteSource) {
  const counts = { bytes: 0, closed: 0 };
  const read: ByteSource["read"] = (position, target, signal) => {
    counts.bytes += target.length;
    return source.read(position, target, signal);
  };
  const close = async () => {
    counts.closed++;
    await source.close();
  };
  return { counts, source: { ...source, read, close } };
}

for (const [name, expected] of Object.entries(expectedVolumes).filter(([key]) => key.startsWith("mrc/")))
  test(`${name} is read from memory as from its file`, async () => {
    const { source, counts } = counted(memorySource(await readFile(fixture(name)), name));
    const { path, ...info } = await readVolumeInfo(fixture(name));
    const volume = await readVolume(source);
    assert.deepEqual([volume.shape, Array.from(volume.data)], [expected.shape, expected.values]);
    assert.ok(counts.closed > 0);
    assert.deepEqual(await readVolumeInfo(source), { ...info, path: name }, path);
  });

test("bytes that memory does not have are an error, not zeros", async () => {
  const source = memorySource(new Uint8Array([1, 2, 3]), "three bytes");
  const target = new Uint8Array(2);
  await source.read(1, target);
  assert.deepEqual([...target], [2, 3]);
  await assert.rejects(source.read(2, target), {
    code: "file-changed",
    message: /three bytes became shorter/,
  });
});

test("a source that holds no volume is closed, and called by its name", async () => {
  const { source, counts } = counted(memorySource(new Uint8Array(3000).fill(7), "s3://bucket/a.dat"));
  await assert.rejects(openVolume(source), {
    code: "volume-format-unknown",
    message: /^s3:\/\/bucket\/a\.dat is/,
  });
  assert.equal(counts.closed, 1);
  const cutOff = counted(
    memorySource((await readFile(fixture("mrc/mode2.mrc"))).subarray(0, 1100), "cut.mrc"),
  );
  await assert.rejects(openVolume(cutOff.source), { code: "mrc-truncated", message: /^cut\.mrc is cut off/ });
  assert.equal(cutOff.counts.closed, 1);
});

test("HDF5 that is no local file is refused: its library opens files itself", async () => {
  const source = memorySource(await readFile(fixture("hdf5/dataset.h5")), "https://host/a.h5");
  await assert.rejects(openVolume(source), {
    code: "hdf5-not-local",
    message: /^https:\/\/host\/a\.h5 is HDF5/,
  });
});

/** What a source over HTTP takes: the size from the first answer, then ranges. */
async function openHttpSource(url: string): Promise<ByteSource> {
  const ask = (from: number, to: number, signal?: AbortSignal) =>
    fetch(url, { headers: { range: `bytes=${from}-${to - 1}` }, signal });
  const size = Number((await ask(0, 1)).headers.get("content-range")?.split("/")[1]);
  return {
    name: url,
    size,
    read: async (position, target, signal) => {
      const bytes = new Uint8Array(
        await (await ask(position, position + target.length, signal)).arrayBuffer(),
      );
      if (bytes.length !== target.length) throw new Error(`${bytes.length} bytes for ${target.length}`);
      target.set(bytes);
    },
    close: async () => {},
  };
}

/** Serves ranges of a file on this machine, and counts their bytes. */
async function serve(context: TestContext, content: Uint8Array) {
  const served = { bytes: 0 };
  const server = createServer((request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const part = content.subarray(Number(from), Number(to) + 1);
    served.bytes += part.length;
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${content.length}` }).end(part);
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/volume.mrc`, served };
}

test("boxes are read over HTTP by their ranges alone, and a read can be aborted", async (context) => {
  const shape: Shape3 = [40, 90, 130];
  const data = Int16Array.from({ length: 40 * 90 * 130 }, (_, i) => (i * 37) % 30_011);
  const path = join(await temporaryFolder(context), "a.mrc");
  await writeVolume(path, { data, shape, voxelSizeAngstrom: [7, 8, 9], originAngstrom: [0, 0, 0] });
  const { url, served } = await serve(context, await readFile(path));
  const reader = await openVolume(await openHttpSource(url));
  assert.equal(reader.info.path, url);
  assert.deepEqual(reader.info.voxelSizeAngstrom, [7, 8, 9]);
  const box = { start: [17, 3, 50], shape: [2, 4, 6] } as const;
  assert.deepEqual(await reader.readBox(box.start, box.shape), copyBox(data, shape, box));
  assert.ok(served.bytes < 10_000, `${served.bytes} of ${data.byteLength} bytes were asked for`);
  await assert.rejects(reader.readBox([0, 0, 0], shape, AbortSignal.abort()), { name: "AbortError" });
  await reader.close();
});

/** A format of the test's own: `planes.json` says the shape, and each plane of bytes lies under its number. */
const planesFormat: FolderFormat = {
  title: "planes",
  extensions: [".planes"],
  marks: ["planes.json"],
  load: async () => ({
    preferredType: () => "uint8",
    create: () => Promise.reject(new Error("not written")),
    open: async (folder) => {
      const { shape, prefix = "" } = JSON.parse(
        Buffer.from(await readPart(folder, "planes.json")).toString(),
      );
      return planesReader(folder, shape, prefix);
    },
  }),
};

async function readPart(folder: ByteFolder, key: string): Promise<Uint8Array> {
  const part = await folder.open(key);
  const bytes = new Uint8Array(part?.size ?? 0);
  await part?.read(0, bytes);
  await part?.close();
  return bytes;
}

const planesReader = (folder: ByteFolder, shape: Shape3, prefix: string): VolumeReader => ({
  info: {
    path: folder.name,
    format: "planes",
    shape,
    type: "uint8",
    labels: [],
    oddities: [],
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
  },
  readBox: async (start, size) => {
    const planes = Array.from({ length: size[0] }, (_, z) => readPart(folder, `${prefix}${start[0] + z}`));
    const data = new Uint8Array(Buffer.concat(await Promise.all(planes)));
    return copyBox(data, [size[0], shape[1], shape[2]], { start: [0, start[1], start[2]], shape: size });
  },
  close: () => folder.close(),
});

const formats = [...volumeFormats, planesFormat];
const shape: Shape3 = [3, 2, 4];
const planes = [0, 1, 2].map((z) => Uint8Array.from({ length: 8 }, (_, i) => 10 * z + i));

test("a volume in many pieces is read from memory, by key", async () => {
  const parts = new Map<string, Uint8Array>(planes.map((plane, z) => [String(z), plane]));
  parts.set("planes.json", Buffer.from(JSON.stringify({ shape })));
  const [opened, closed]: [string[], string[]] = [[], []];
  const folder: ByteFolder = {
    name: "archive.zip",
    open: async (key) => {
      const bytes = parts.get(key);
      if (bytes) opened.push(key);
      return bytes && { ...memorySource(bytes), close: async () => void closed.push(key) };
    },
    close: async () => void closed.push("all"),
  };
  const reader = await openVolume(folder, { formats });
  assert.deepEqual(
    Array.from(await reader.readBox([1, 0, 1], [2, 2, 3])),
    [11, 12, 13, 15, 16, 17, 21, 22, 23, 25, 26, 27],
  );
  await reader.close();
  assert.deepEqual(opened, ["planes.json", "planes.json", "1", "2"], "and no other plane");
  assert.deepEqual(closed.toSorted(), [...opened, "all"].toSorted());
});

async function writePlanes(context: TestContext, description: object): Promise<string> {
  const path = join(await temporaryFolder(context), "a.planes");
  await mkdir(path);
  await Promise.all(planes.map((plane, z) => writeFile(join(path, String(z)), plane)));
  await writeFile(join(path, "planes.json"), JSON.stringify(description));
  return path;
}

test("a volume in many pieces is read from a folder, by its path", async (context) => {
  const path = await writePlanes(context, { shape });
  const volume = await readVolume(path, { formats });
  assert.deepEqual(
    Array.from(volume.data),
    planes.flatMap((plane) => [...plane]),
  );
  await assert.rejects(
    openVolume(path),
    { code: "file-is-folder" },
    "not by those who do not know the format",
  );
});

test("what a volume says of itself leads to no file out of its folder", async (context) => {
  for (const prefix of ["../a.planes/", "/etc/", "a//", "./", "..\\"]) {
    const path = await writePlanes(context, { shape, prefix });
    const reader = await openVolume(path, { formats });
    await assert.rejects(reader.readBox([0, 0, 0], shape), { code: "key-outside" }, prefix);
    await reader.close();
  }
});
