import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tomoflow objects …` in a folder, as a user does. */
const runIn = (folder: string, ...words: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [...programStart, "objects", ...words],
      { cwd: folder, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

const list: ObjectList = [
  { objectId: 0, label: 1, x: 10, y: 5, z: 3, clusterSize: 800, score: 0.9 },
  { objectId: 1, label: 1, x: 12, y: 5, z: 3, clusterSize: 640, score: 0.5 },
  { objectId: 2, label: 3, x: 40, y: 20, z: 8, clusterSize: 80, score: 0.7 },
];

/** A folder with `picks.xml`. */
async function folderWithPicks(context: Parameters<typeof temporaryFolder>[0]): Promise<string> {
  const folder = await temporaryFolder(context);
  await writeObjects(join(folder, "picks.xml"), list);
  return folder;
}

const idsIn = async (folder: string, name: string) =>
  (await readObjects(join(folder, name))).map(({ objectId }) => objectId);

test("convert goes by the extensions; points without classes need --label", async (context) => {
  const folder = await folderWithPicks(context);
  const { code, stdout, stderr } = await runIn(folder, "convert", "picks.xml", "picks.xlsx");
  assert.deepEqual([code, stdout, stderr], [0, "", "wrote picks.xlsx: 3 objects\n"]);
  assert.deepEqual(await readObjects(join(folder, "picks.xlsx")), list);
  await writeFile(join(folder, "points.csv"), "x,y,z\n1,2,3\n");
  const refused = await runIn(folder, "convert", "points.csv", "points.xml");
  assert.deepEqual(
    [refused.code, refused.stderr],
    [
      2,
      "error: points.csv:1:1: the list does not say of which class its objects are\n  x,y,z\n  ^\nhint: add the column class_label, or, where all are of one class: tomoflow objects convert points.csv points.xml --label 1\n",
    ],
  );
  assert.equal((await runIn(folder, "convert", "points.csv", "points.xml", "--label", "4")).code, 0);
  assert.deepEqual(await readObjects(join(folder, "points.xml")), [{ label: 4, x: 1, y: 2, z: 3 }]);
});

test("merge names the tomograms by their files; split takes the list apart again", async (context) => {
  const folder = await folderWithPicks(context);
  await writeObjects(join(folder, "t1.csv"), [{ objectId: 7, label: 2, x: 1, y: 2, z: 3 }]);
  const merged = await runIn(folder, "merge", "picks.xml", "t1.csv", "-o", "all.xml", "--name-tomograms");
  assert.equal(merged.code, 0, merged.stderr);
  assert.deepEqual(
    (await readObjects(join(folder, "all.xml"))).map(({ tomogramId }) => tomogramId),
    ["picks", "picks", "picks", "t1"],
  );
  await runIn(folder, "split", "all.xml", "by-class", "--format", "csv");
  assert.deepEqual((await readdir(join(folder, "by-class"))).toSorted(), [
    "all_class1.csv",
    "all_class2.csv",
    "all_class3.csv",
  ]);
  await runIn(folder, "split", "all.xml", "lists", "--by", "tomogram");
  assert.deepEqual(await idsIn(folder, "lists/all_picks.xml"), [0, 1, 2]);
  assert.deepEqual(await idsIn(folder, "lists/all_t1.xml"), [7]);
});

test("scale by a factor, or between a volume and its binned one", async (context) => {
  const folder = await folderWithPicks(context);
  await runIn(folder, "scale", "picks.xml", "half.xml", "--factor", "0.5");
  await runIn(folder, "scale", "picks.xml", "binned.xml", "--to-binned", "2");
  await runIn(folder, "scale", "binned.xml", "back.xml", "--from-binned", "2");
  const first = async (name: string) => (await readObjects(join(folder, name)))[0];
  assert.deepEqual(await first("half.xml"), { ...list[0], x: 5, y: 2.5, z: 1.5, clusterSize: 100 });
  assert.deepEqual(await first("binned.xml"), { ...list[0], x: 4.75, y: 2.25, z: 1.25, clusterSize: 100 });
  assert.deepEqual(await first("back.xml"), list[0]);
  const unclear = await runIn(folder, "scale", "picks.xml", "x.xml", "--factor", "2", "--to-binned", "2");
  assert.deepEqual([unclear.code, /needs one of --factor/.test(unclear.stderr)], [2, true]);
});

test("filter and remove by criteria, dedupe by distance", async (context) => {
  const folder = await folderWithPicks(context);
  const filtered = await runIn(
    folder,
    "filter",
    "picks.xml",
    "a.xml",
    "--class",
    "1-2",
    "--min-size",
    "1=700,3=10",
  );
  assert.equal(filtered.stderr, "wrote a.xml: 1 of 3 objects\n");
  assert.deepEqual(await idsIn(folder, "a.xml"), [0]);
  await runIn(folder, "remove", "picks.xml", "b.xml", "--id", "1-2");
  assert.deepEqual(await idsIn(folder, "b.xml"), [0]);
  await runIn(folder, "dedupe", "picks.xml", "c.xml", "--distance", "2");
  assert.deepEqual(await idsIn(folder, "c.xml"), [0, 2]);
  const nothing = await runIn(folder, "filter", "picks.xml", "d.xml");
  assert.deepEqual([nothing.code, /no criterion is given/.test(nothing.stderr)], [2, true]);
  const wrong = await runIn(folder, "filter", "picks.xml", "d.xml", "--class", "one");
  assert.deepEqual([wrong.code, /whole numbers, such as 1,2 or 5-7/.test(wrong.stderr)], [2, true]);
  assert.equal((await readdir(folder)).includes("d.xml"), false);
});

test("objects of which a criterion cannot be told are counted, not dropped in silence", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "bare.csv"), "class_label,x,y,z,score\n1,1,2,3,0.9\n2,4,5,6,\n");
  const filtered = await runIn(
    folder,
    "filter",
    "bare.csv",
    "a.csv",
    "--min-size",
    "40",
    "--min-score",
    "1=0.5",
  );
  assert.equal(
    filtered.stderr,
    "warning: 2 of 2 objects have no size, so that --min-size cannot be told of them: dropped\nwrote a.csv: 0 of 2 objects\n",
  );
  const removed = await runIn(folder, "remove", "bare.csv", "b.csv", "--min-score", "0.5");
  assert.equal(
    removed.stderr,
    "warning: 1 of 2 objects have no score, so that --min-score cannot be told of them: kept\nwrote b.csv: 1 of 2 objects\n",
  );
});

test("mask and clip go by volumes", async (context) => {
  const folder = await folderWithPicks(context);
  const data = new Uint8Array(9 * 21 * 41);
  data[(8 * 21 + 20) * 41 + 40] = 1;
  const sampling = { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const };
  await writeVolume(join(folder, "mask.mrc"), { data, shape: [9, 21, 41], ...sampling });
  await runIn(folder, "mask", "picks.xml", "a.xml", "--mask", "mask.mrc");
  assert.deepEqual(await idsIn(folder, "a.xml"), [2]);
  await runIn(folder, "clip", "picks.xml", "b.xml", "--volume", "mask.mrc", "--margin", "3");
  assert.deepEqual(await idsIn(folder, "b.xml"), [0, 1]);
  await runIn(folder, "clip", "picks.xml", "c.xml", "--size", "9,21,11");
  assert.deepEqual(await idsIn(folder, "c.xml"), [0]);
  assert.equal((await runIn(folder, "clip", "picks.xml", "d.xml")).code, 2);
});

test("a mask that is empty is refused, one without zeros is told of", async (context) => {
  const folder = await folderWithPicks(context);
  const sampling = { shape: [9, 21, 41], voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] } as const;
  const write = (data: Int8Array) => writeVolume(join(folder, "mask.mrc"), { ...sampling, data });
  const mask = () => runIn(folder, "mask", "picks.xml", "a.xml", "--mask", "mask.mrc");
  await write(new Int8Array(9 * 21 * 41));
  const empty = await mask();
  assert.match(empty.stderr, /^error: the mask mask\.mrc is empty: all its 7749 voxels are 0, so no object/);
  assert.equal(empty.code, 2);
  await write(Int8Array.from({ length: 9 * 21 * 41 }, (_, index) => (index % 2 ? -127 : -128)));
  const full = await mask();
  assert.match(full.stderr, /warning: the mask mask\.mrc has no effect: .* they are -128 to -127/);
  assert.match(full.stderr, /hint: its bytes are signed/);
  assert.equal(full.code, 0);
});

test("count prints a table, or JSON", async (context) => {
  const folder = await folderWithPicks(context);
  assert.equal(
    (await runIn(folder, "count", "picks.xml", "picks.xml")).stdout,
    "file       class 1  class 3  total\npicks.xml        2        1      3\npicks.xml        2        1      3\nall              4        2      6\n",
  );
  assert.deepEqual(JSON.parse((await runIn(folder, "count", "picks.xml", "--json")).stdout), [
    { file: "picks.xml", total: 3, classes: { "1": 2, "3": 1 } },
  ]);
});

test("every command has help with an example", async () => {
  const names = ["convert", "merge", "scale", "split", "filter", "remove", "dedupe", "mask", "clip", "count"];
  const { stdout } = await runIn(".", "--help");
  for (const name of names) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
  const helps = await Promise.all(names.map((name) => runIn(".", name, "--help")));
  helps.forEach((help, index) => {
    assert.match(help.stdout, new RegExp(`Examples?:\\n  tomoflow objects ${names[index]} `));
  });
});
