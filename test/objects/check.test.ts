import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkObjectList, findObjectFile, warnIfEmpty } from "../../src/objects/check.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import { temporaryFolder } from "../support/temporary.ts";

const list: ObjectList = [
  { label: 1, x: 6, y: 5, z: 4 },
  { label: 7, x: 7, y: 0, z: 0 },
  { label: 5, x: 0, y: 9, z: 0 },
];
const told = (expected: Parameters<typeof checkObjectList>[1], some = list) =>
  checkObjectList(some, expected).map(({ code, message }) => [code, message]);

test("labels beyond the class table, and objects outside the volume, are told once each", () => {
  assert.deepEqual(told({ source: "a.xml", labels: [1, 2], shape: [5, 6, 7] }), [
    ["label-unknown", "2 objects are of a class that the class table does not list: 5, 7"],
    ["object-outside", "2 objects are outside the volume of 5×6×7 voxels, the first at x 7, y 0, z 0"],
  ]);
  assert.deepEqual(told({ source: "a.xml", labels: [1, 5, 7], shape: [10, 10, 10] }), []);
  assert.deepEqual(told({ source: "a.xml" }), []);
});

test("a file's mistakes are diagnostics, a file that is still to come has none", async (context) => {
  const folder = await temporaryFolder(context);
  assert.deepEqual(await findObjectFile(join(folder, "later.xml")), { diagnostics: [] });
  await writeFile(join(folder, "bad.xml"), "<objlist>\n<object/>\n</objlist>");
  const bad = await findObjectFile(join(folder, "bad.xml"));
  assert.equal(bad.file, undefined);
  assert.deepEqual(
    bad.diagnostics.map(({ code, location }) => [code, location?.line]),
    [["object-incomplete", 2]],
  );
  await writeFile(join(folder, "what.pdf"), "");
  assert.equal(
    (await findObjectFile(join(folder, "what.pdf"))).diagnostics[0].code,
    "objects-format-unknown",
  );
  await writeFile(join(folder, "good.csv"), "1 2 3 4\n");
  const good = await findObjectFile(join(folder, "good.csv"));
  assert.deepEqual(good.file?.objects({}), {
    ok: true,
    value: [{ x: 1, y: 2, z: 3, label: 4 }],
    diagnostics: [],
  });
  assert.deepEqual(good.diagnostics, []);
});

test("an empty list is worth a warning", () => {
  assert.deepEqual(warnIfEmpty(list, "a.xml"), []);
  assert.equal(warnIfEmpty([], "a.xml")[0].severity, "warning");
});
