/** Volumes behind an HTTP server that is slow, breaks off, fails, ignores ranges or is gone: the same voxels, or one clear error. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ByteSource } from "../../../src/volume/byte-source.ts";
import { openVolume, writeVolume } from "../../../src/volume/formats.ts";
import { remoteContent } from "../../../src/volume/remote/content.ts";
import type { RemoteOptions } from "../../../src/volume/remote/object.ts";
import { openRemoteFolder, openRemoteSource } from "../../../src/volume/remote/source.ts";
import type { Shape3, Volume } from "../../../src/volume/volume.ts";
import { type Faults, folderContent, serveFaultily } from "../../support/faulty-server.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const shape: Shape3 = [40, 160, 170];
const volume: Volume = {
  data: Float32Array.from({ length: 40 * 160 * 170 }, (_, i) => ((i * 7919) % 1009) / 7),
  shape,
  voxelSizeAngstrom: [10, 10, 10],
  originAngstrom: [0, 0, 0],
};

async function prepare(context: TestContext, faults: Faults = {}) {
  const folder = await temporaryFolder(context);
  await writeVolume(join(folder, "t.zarr"), volume);
  await writeVolume(join(folder, "t.mrc"), volume);
  const server = await serveFaultily(context, folderContent(folder), faults);
  const options: RemoteOptions = {
    cache: join(folder, "cache"),
    freshMilliseconds: 0,
    patience: { failures: 6, waitMilliseconds: 1, idleMilliseconds: 2000 },
  };
  return { folder, server, options };
}

async function readAll(name: "t.zarr" | "t.mrc", url: string, options: RemoteOptions) {
  const source =
    name === "t.zarr"
      ? openRemoteFolder(`${url}/t.zarr`, options)
      : await openRemoteSource(`${url}/t.mrc`, options);
  const reader = await openVolume(source);
  try {
    return await reader.readBox([0, 0, 0], shape);
  } finally {
    await reader.close();
  }
}

const faulty: readonly [what: string, faults: Faults][] = [
  ["answers at once", {}],
  ["is slow", { delay: 20 }],
  ["breaks off every third answer", { cutEvery: 3 }],
  ["breaks off every second answer", { cutEvery: 2 }],
  ["answers 503 every third time", { failEvery: 3 }],
  ["ignores ranges", { noRanges: true }],
  ["ignores ranges and breaks off", { noRanges: true, cutEvery: 3 }],
  ["tells no ETag", { noValidators: true }],
];

for (const [what, faults] of faulty)
  for (const name of ["t.zarr", "t.mrc"] as const)
    test(`${name} from a server that ${what} has the voxels of the file`, async (context) => {
      const { server, options } = await prepare(context, faults);
      assert.deepEqual(await readAll(name, server.url, options), volume.data);
    });

test("a connection that breaks goes on where it broke, and nothing is asked for twice", async (context) => {
  const { server, options } = await prepare(context, { cutEvery: 2 });
  await readAll("t.mrc", server.url, options);
  const starts = server.requests.map((request) => Number(/ (\d+)-/.exec(request)?.[1]));
  assert.deepEqual(
    starts,
    [...new Set(starts)].sort((a, b) => a - b),
  );
  assert.ok(
    starts.some((start) => start % (1 << 20) !== 0),
    "in the middle of a block",
  );
});

test("a box of a file takes its blocks alone, and the second reading takes nothing", async (context) => {
  const { server, options } = await prepare(context);
  const read = async () => {
    const reader = await openVolume(await openRemoteSource(`${server.url}/t.mrc`, options));
    await reader.readBox([30, 10, 10], [1, 20, 20]);
    await reader.close();
  };
  await read();
  assert.deepEqual(server.requests, ["GET /t.mrc 0-1048575", "GET /t.mrc 3145728-4194303"]);
  const { bytes } = server;
  await read();
  assert.deepEqual(server.requests.slice(2), ["GET /t.mrc 0-1048575"], "whether it has changed");
  assert.equal(server.bytes, bytes, "it has not");
});

test("without a network what has been read is read from the cache", async (context) => {
  const { server, options } = await prepare(context);
  await readAll("t.zarr", server.url, options);
  const content = await remoteContent(`${server.url}/t.zarr`, undefined, options);
  await server.stop();
  assert.deepEqual(await readAll("t.zarr", server.url, options), volume.data);
  assert.deepEqual(await remoteContent(`${server.url}/t.zarr`, undefined, options), content);
  await assert.rejects(readAll("t.mrc", server.url, options), {
    code: "remote-unreachable",
    message: /ECONNREFUSED/,
  });
});

test("a block that was damaged in the cache is fetched again", async (context) => {
  const { folder, server, options } = await prepare(context);
  await readAll("t.mrc", server.url, options);
  const blocks = (await readdir(join(folder, "cache"), { recursive: true, withFileTypes: true })).filter(
    ({ name, isFile }) => isFile !== undefined && /^\d+$/.test(name),
  );
  const files = blocks.filter((entry) => entry.isFile());
  assert.equal(files.length, 5);
  for (const { parentPath, name } of files) {
    const bytes = await readFile(join(parentPath, name));
    bytes[bytes.length >> 1]! ^= 255;
    await writeFile(join(parentPath, name), bytes);
  }
  assert.deepEqual(await readAll("t.mrc", server.url, options), volume.data);
});

test("what is replaced while it is read is an error, and new voxels when it is opened again", async (context) => {
  const { folder, server, options } = await prepare(context);
  const source: ByteSource = await openRemoteSource(`${server.url}/t.mrc`, options);
  const reader = await openVolume(source);
  const changed = { ...volume, data: volume.data.map((value) => value + 1) };
  await writeVolume(join(folder, "t.mrc"), changed);
  await assert.rejects(reader.readBox([0, 0, 0], shape), { code: "remote-changed", message: /was replaced/ });
  await reader.close();
  assert.deepEqual(await readAll("t.mrc", server.url, options), changed.data);
});

test("the content of a store is told by its description and what the server says of each chunk", async (context) => {
  const { folder, server, options } = await prepare(context);
  const of = async (dataset?: string) =>
    (await remoteContent(`${server.url}/t.zarr`, dataset, options)).sha256;
  const first = await of();
  const { bytes } = server;
  assert.equal(await of(), first);
  assert.equal(server.bytes, bytes, "no chunk is fetched");
  assert.notEqual(await of("/1"), first);
  const chunk = join(folder, "t.zarr", "0", "c", "1", "1", "1");
  const original = await readFile(chunk);
  await writeFile(chunk, Buffer.concat([original, Buffer.of(0)]));
  assert.notEqual(await of(), first, "one chunk is another");
  await writeFile(chunk, original);
  assert.equal(await of(), first);
  await writeVolume(join(folder, "t.zarr"), { ...volume, voxelSizeAngstrom: [11, 11, 11] });
  assert.notEqual(await of(), first, "the description is another");
});

test("a server that tells neither ETag nor time is read, and one without HEAD is asked by GET", async (context) => {
  const { folder, server, options } = await prepare(context, { noValidators: true, noHead: true });
  const of = async () => (await remoteContent(`${server.url}/t.mrc`, undefined, options)).sha256;
  const first = await of();
  const bytes = await readFile(join(folder, "t.mrc"));
  bytes[2_000_000]! ^= 1;
  await writeFile(join(folder, "t.mrc"), bytes);
  assert.notEqual(await of(), first, "of the same length");
});

const refusals: readonly [what: string, faults: Faults, code: string, message: RegExp][] = [
  ["a server that always fails", { always: 500 }, "remote-unreachable", /answers 500/],
  ["a server that is silent", { silent: true }, "remote-unreachable", /is silent/],
  ["what is not public", { always: 403 }, "remote-forbidden", /may not be read \(403\)/],
  ["what is not there", { always: 404 }, "remote-missing", /nothing at/],
  ["a request that is refused", { always: 400 }, "remote-refused", /answered with 400/],
  ["a circle of redirections", { redirect: "/t.mrc" }, "remote-refused", /more than 5 times/],
  ["a redirection to a file", { redirect: "file:///etc/passwd" }, "remote-refused", /not safe/],
];

for (const [what, faults, code, message] of refusals)
  test(`refused: ${what}`, async (context) => {
    const { server, options } = await prepare(context, faults);
    const patience = { failures: 3, waitMilliseconds: 1, idleMilliseconds: 50 };
    await assert.rejects(openRemoteSource(`${server.url}/t.mrc`, { ...options, patience }), {
      code,
      message,
    });
  });

test("a reading can be stopped", async (context) => {
  const { server, options } = await prepare(context);
  const reader = await openVolume(await openRemoteSource(`${server.url}/t.mrc`, options));
  server.faults.silent = true;
  const stop = new AbortController();
  const reading = reader.readBox([20, 0, 0], [20, 160, 170], stop.signal);
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(reading, { name: "AbortError" });
  await reader.close();
});
