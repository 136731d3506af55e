import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Plane, planeAxes } from "../../../src/studio/protocol/coordinates.ts";
import { decodeTile, type Tile, type TileAddress, tileEdge } from "../../../src/studio/protocol/slices.ts";
import type { VolumeAnswer } from "../../../src/studio/protocol/volumes.ts";
import { previewLevel } from "../../../src/studio/server/slices/preview.ts";
import { createVolumeSet, writeVolume } from "../../../src/volume/formats.ts";
import type { Shape3, VoxelArray, VoxelType } from "../../../src/volume/volume.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openStudio, type StudioClient, type StudioConnection } from "../support/studio-client.ts";

/** (z, y, x), all different, over several cubes and tiles. */
const shape: Shape3 = [70, 131, 290];

const planes: readonly Plane[] = ["xy", "xz", "yz"];

/** Voxels that say where they are. */
function voxelsOf<T extends VoxelArray>(
  make: (length: number) => T,
  [depth, height, width]: Shape3 = shape,
): T {
  const voxels = make(depth * height * width);
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) voxels[i++] = ((z * 7 + y * 3 + x) % 251) - 100;
  return voxels;
}

interface Project {
  readonly folder: string;
  readonly client: StudioClient;
  readonly connection: StudioConnection;
}

async function project(t: TestContext): Promise<Project> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, ".tomoflow"));
  const client = await openStudio(t, { root: folder });
  return { folder, client, connection: await client.connect() };
}

/** Every tile of these addresses, whatever the order they come in. */
function tiles({ connection }: Project, wanted: readonly TileAddress[]): Promise<readonly Tile[]> {
  const left = new Set(wanted.map((address) => JSON.stringify(address)));
  const found: Tile[] = [];
  return new Promise((resolve) => {
    connection.onFrame((frame) => {
      const tile = decodeTile(frame);
      if (!left.delete(JSON.stringify(tile.address))) return;
      found.push(tile);
      connection.send({ channel: "slices", type: "got", tiles: 1 });
      if (left.size === 0) resolve(found);
    });
    connection.send({ channel: "slices", type: "want", tiles: wanted });
  });
}

const isFiner = (id: string) => (message: Readonly<Record<string, unknown>>) =>
  message.type === "finer" && message.volume === id;

/** The preview, then the cache. */
async function cached({ connection }: Project, id: string): Promise<void> {
  await connection.message(isFiner(id));
  await connection.message(isFiner(id));
}

function addresses(
  { id, shape: [x, y, z] }: VolumeAnswer,
  slices: Readonly<Record<Plane, readonly number[]>>,
) {
  const size = [x, y, z];
  return planes.flatMap((plane) => {
    const { across, down } = planeAxes[plane];
    const [rows, columns] = [size[down]!, size[across]!].map((length) => Math.ceil(length / tileEdge));
    return slices[plane].flatMap((slice) =>
      Array.from(
        { length: rows! * columns! },
        (_, index): TileAddress => ({
          volume: id,
          plane,
          level: 0,
          slice,
          row: Math.floor(index / columns!),
          column: index % columns!,
        }),
      ),
    );
  });
}

/** How many texels are wrong, and how many were looked at. */
function compare(found: readonly Tile[], voxels: VoxelArray, { code }: VolumeAnswer, tolerance: number) {
  let [wrong, all] = [0, 0];
  for (const { address, rows, columns, codes } of found) {
    const { across, down, through } = planeAxes[address.plane];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const at = [0, 0, 0];
        at[across] = address.column * tileEdge + column;
        at[down] = address.row * tileEdge + row;
        at[through] = address.slice;
        const value = voxels[(at[2]! * shape[1] + at[1]!) * shape[2] + at[0]!]!;
        all++;
        if (Math.abs(code.offset + code.scale * codes[row * columns + column]! - value) > tolerance) wrong++;
      }
  }
  return { wrong, all };
}

const someSlices = { xy: [0, 35, 69], xz: [0, 64, 130], yz: [0, 63, 64, 289] };
const texels = 3 * 131 * 290 + 3 * 70 * 290 + 4 * 70 * 131;

const cases: readonly [string, VoxelType, VoxelArray, number][] = [
  ["a.mrc", "int16", voxelsOf((length) => new Int16Array(length)), 0],
  ["b.mrc", "int8", voxelsOf((length) => new Int8Array(length)), 0],
  ["c.mrc", "uint16", voxelsOf((length) => new Int32Array(length)).map((value) => value + 100), 0],
  ["d.mrc", "float16", voxelsOf((length) => new Float32Array(length)), 0.01],
  ["e.mrc", "float32", voxelsOf((length) => new Float32Array(length)).map((value) => value * 1e-3), 1e-5],
  ["f.h5", "float32", voxelsOf((length) => new Float32Array(length)).map((value) => value * 400), 2],
];

for (const [name, type, voxels, tolerance] of cases)
  test(`slices of ${name} (${type}) have the values of the file, before there is a cache and from it`, async (t) => {
    const here = await project(t);
    const sampling = { voxelSizeAngstrom: [4, 3, 2], originAngstrom: [0, 0, 0] } as const;
    await writeVolume(join(here.folder, name), { data: voxels, shape, labels: [], ...sampling }, { type });
    const volume = await here.client.post<VolumeAnswer>("/api/volumes/open", { path: name });
    assert.deepEqual(
      [volume.shape, volume.voxelSizeAngstrom],
      [
        [290, 131, 70],
        [2, 3, 4],
      ],
    );
    const before = await tiles(here, addresses(volume, someSlices));
    assert.deepEqual(compare(before, voxels, volume, tolerance), { wrong: 0, all: texels });
    await cached(here, volume.id);
    const after = await tiles(here, addresses(volume, someSlices));
    assert.deepEqual(compare(after, voxels, volume, tolerance), { wrong: 0, all: texels });
    assert.ok(after.every(({ rough }) => !rough));
    const value = await (await here.client.fetch(`/api/volumes/${volume.id}/value?x=289&y=5&z=69`)).json();
    assert.deepEqual(value, { value: voxels[(69 * 131 + 5) * 290 + 289] });
  });

test("coarser levels hold means of whole blocks, of labels the label that is there", async (t) => {
  const here = await project(t);
  const voxels = voxelsOf((length) => new Int16Array(length));
  const labels = Uint8Array.from(voxels, (value) => (value === 7 ? 3 : 0));
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0], labels: [] } as const;
  await writeVolume(join(here.folder, "t.mrc"), { data: voxels, shape, ...sampling });
  await writeVolume(join(here.folder, "l.mrc"), { data: labels, shape, ...sampling });
  for (const [path, as] of [
    ["t.mrc", "density"],
    ["l.mrc", "labels"],
  ] as const) {
    const volume = await here.client.post<VolumeAnswer>("/api/volumes/open", { path, as });
    await cached(here, volume.id);
    for (const [plane, slice] of [
      ["xy", 8],
      ["xz", 16],
      ["yz", 36],
    ] as const) {
      const [tile] = await tiles(here, [{ volume: volume.id, plane, level: 2, slice, row: 0, column: 0 }]);
      const { across, down, through } = planeAxes[plane];
      for (const [row, column] of [
        [0, 0],
        [3, 11],
        [tile!.rows - 1, tile!.columns - 1],
      ] as const) {
        const at = [0, 0, 0];
        [at[across], at[down], at[through]] = [column, row, slice];
        const block = blockOf(as === "labels" ? labels : voxels, at as [number, number, number], 4);
        const code = tile!.codes[row * tile!.columns + column]!;
        if (as === "labels") assert.equal(code, block.includes(3) ? 3 : 0, `${plane} ${row} ${column}`);
        else {
          const mean = block.reduce((sum, value) => sum + value, 0) / block.length;
          // each level rounds
          assert.ok(
            Math.abs(volume.code.offset + code - mean) < 1.6,
            `${plane} ${row} ${column}: ${code} ${mean}`,
          );
        }
      }
    }
  }
});

/** Of blocks of `edge` voxels the voxels of one, at (x, y, z) of them. */
function blockOf(voxels: VoxelArray, [x, y, z]: readonly [number, number, number], edge: number): number[] {
  const found: number[] = [];
  for (let k = z * edge; k < Math.min(shape[0], (z + 1) * edge); k++)
    for (let j = y * edge; j < Math.min(shape[1], (y + 1) * edge); j++)
      for (let i = x * edge; i < Math.min(shape[2], (x + 1) * edge); i++)
        found.push(voxels[(k * shape[1] + j) * shape[2] + i]!);
  return found;
}

test("a list of wishes takes the place of the one before, and no more is sent than was acknowledged", async (t) => {
  const here = await project(t);
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0], labels: [] } as const;
  const voxels = voxelsOf((length) => new Int16Array(length));
  await writeVolume(join(here.folder, "t.mrc"), { data: voxels, shape, ...sampling });
  const volume = await here.client.post<VolumeAnswer>("/api/volumes/open", { path: "t.mrc" });
  await cached(here, volume.id);
  const seen: Tile[] = [];
  here.connection.onFrame((frame) => seen.push(decodeTile(frame)));
  const slices = (from: number, to: number): TileAddress[] =>
    Array.from({ length: to - from }, (_, i) => ({
      volume: volume.id,
      plane: "xy",
      level: 0,
      slice: from + i,
      row: 0,
      column: 0,
    }));
  here.connection.send({ channel: "slices", type: "want", tiles: slices(0, 60) });
  await until(() => seen.length === 12);
  // nothing was acknowledged: whatever comes now comes of the new list
  here.connection.send({ channel: "slices", type: "want", tiles: slices(60, 64) });
  here.connection.send({ channel: "slices", type: "got", tiles: 12 });
  await until(() => seen.length === 16);
  assert.deepEqual(
    seen
      .slice(12)
      .map(({ address }) => address.slice)
      .sort(),
    [60, 61, 62, 63],
  );
});

test("addresses that are none, of volumes that are not open, and messages that are no JSON harm nobody", async (t) => {
  const here = await project(t);
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0], labels: [] } as const;
  const voxels = voxelsOf((length) => new Int8Array(length));
  await writeVolume(join(here.folder, "t.mrc"), { data: voxels, shape, ...sampling });
  const volume = await here.client.post<VolumeAnswer>("/api/volumes/open", { path: "t.mrc" });
  const good: TileAddress = { volume: volume.id, plane: "xy", level: 0, slice: 1, row: 0, column: 0 };
  const bad = [
    { ...good, level: 99 },
    { ...good, slice: -1 },
    { ...good, slice: 1e9 },
    { ...good, plane: "constructor" },
    { ...good, row: 0.5 },
    null,
    "tile",
  ];
  const [tile] = await tiles(
    here,
    [...(bad as TileAddress[]), good].filter((each) => each === good),
  );
  assert.equal(tile!.rows, 131);
  here.connection.send({ channel: "slices", type: "want", tiles: bad });
  here.connection.send({ channel: "slices", type: "want", tiles: [{ ...good, volume: "nobody" }] });
  const failed = await here.connection.message((message) => message.type === "failed");
  assert.equal((failed.error as { code: string }).code, "not-open");
  const closed = new Promise((resolve) => here.connection.socket.once("close", resolve));
  here.connection.socket.send("{");
  assert.equal(await closed, 1008);
});

test("a box of voxels is given as it is in the file, and refused where the volume ends", async (t) => {
  const here = await project(t);
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0], labels: [] } as const;
  const voxels = voxelsOf((length) => new Float32Array(length));
  await writeVolume(join(here.folder, "t.mrc"), { data: voxels, shape, ...sampling });
  const { id } = await here.client.post<VolumeAnswer>("/api/volumes/open", { path: "t.mrc" });
  const box = async (body: unknown) =>
    here.client.fetch(`/api/volumes/${id}/box`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  const answer = await box({ start: [287, 2, 60], shape: [3, 2, 1] });
  const expected = [2, 3].flatMap((y) => [287, 288, 289].map((x) => voxels[(60 * 131 + y) * 290 + x]!));
  assert.deepEqual([...new Float32Array(await answer.arrayBuffer())], expected);
  for (const wrong of [
    { start: [288, 2, 60], shape: [3, 2, 1] },
    { start: [0, 0, 0], shape: [290, 131, 70] },
  ])
    assert.equal((await box(wrong)).status, 422);
  assert.equal((await box({ start: [0, 0], shape: [1, 1, 1] })).status, 400);
});

test("a data set may be named with its file, and its file stays inside of the project", async (t) => {
  const here = await project(t);
  const spec = {
    shape: [2, 3, 4],
    type: "uint8",
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
  } as const;
  const writer = await createVolumeSet(join(here.folder, "s.h5"), spec, ["class1", "class2"]);
  await writer.append("class1", new Uint8Array(24).fill(1));
  await writer.append("class2", new Uint8Array(24).fill(2));
  await writer.close();
  for (const label of [1, 2]) {
    const path = `s.h5#/class${label}`;
    const volume = await here.client.post<VolumeAnswer>("/api/volumes/open", { path });
    assert.deepEqual([volume.path, volume.name], [path, "s.h5"]);
    const [tile] = await tiles(here, [
      { volume: volume.id, plane: "yz", level: 0, slice: 3, row: 0, column: 0 },
    ]);
    assert.deepEqual([...tile!.codes], Array(6).fill(label));
  }
  await assert.rejects(here.client.post("/api/volumes/open", { path: "s.h5" }), /422 .*class1, class2/);
  await assert.rejects(here.client.post("/api/volumes/open", { path: "../s.h5#/class1" }), /403/);
});

test("a file that was written anew is another volume; one that is missing is a mistake of the user", async (t) => {
  const here = await project(t);
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0], labels: [] } as const;
  const small: Shape3 = [2, 3, 4];
  await writeVolume(join(here.folder, "t.mrc"), { data: new Int8Array(24), shape: small, ...sampling });
  const open = () => here.client.post<VolumeAnswer>("/api/volumes/open", { path: "t.mrc" });
  const first = await open();
  assert.equal((await open()).id, first.id);
  await writeVolume(join(here.folder, "t.mrc"), {
    data: new Int8Array(24).fill(5),
    shape: small,
    ...sampling,
  });
  const second = await open();
  assert.notEqual(second.id, first.id);
  await writeFile(join(here.folder, "text.mrc"), "no volume");
  await assert.rejects(here.client.post("/api/volumes/open", { path: "text.mrc" }), /422 .*mrc/);
  await assert.rejects(here.client.post("/api/volumes/open", { path: "none.mrc" }), /404 .*file-missing/);
});

test("a label that hides where nobody looked is found when the cache is made; a map of densities is no label map", async (t) => {
  const here = await project(t);
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0], labels: [] } as const;
  const labels = voxelsOf((length) => new Uint8Array(length)).fill(0);
  labels.fill(2, 0, 9);
  labels[(35 * 131 + 60) * 290] = 1;
  // the last voxel of all
  labels[labels.length - 1] = 7;
  await writeVolume(join(here.folder, "l.mrc"), { data: labels, shape, ...sampling });
  const open = () => here.client.post<VolumeAnswer>("/api/volumes/open", { path: "l.mrc", as: "labels" });
  const volume = await open();
  await cached(here, volume.id);
  assert.deepEqual((await open()).labels, [0, 1, 2, 7]);
  const densities = voxelsOf((length) => new Int16Array(length));
  await writeVolume(join(here.folder, "t.mrc"), { data: densities, shape, ...sampling });
  await assert.rejects(
    here.client.post("/api/volumes/open", { path: "t.mrc", as: "labels" }),
    /422 .*labels-invalid/,
  );
});

test("a volume that is as wide and flat as a micrograph keeps its preview small", () => {
  assert.equal(previewLevel([512, 1024, 1024]), 3);
  assert.equal(previewLevel([60, 4096, 4096]), 3);
  assert.equal(previewLevel([10, 20, 30]), 0);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
