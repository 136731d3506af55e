/** Own columns, whatever they are called and hold, come back from every format, by way of every other. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readObjects, writeObjects } from "../../../src/objects/formats.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const names = [
  "a&b",
  "a b",
  "a_b",
  "size (nm)",
  "size [nm]",
  "1st pick",
  "b.c",
  "ä",
  "粒子",
  "-",
  "xmlns",
  "XML",
  "a:b",
  "_x0041_",
  "__proto__",
  "constructor",
  "toString",
  " edges ",
  "Note",
  "note",
  "10",
  "2",
  "note\u0001",
  'quoted "so"',
  "semi;colon",
  "#hash",
  "𝒳",
];

const values = [
  "plain",
  "a\u0001b",
  "c\u000bd",
  "first line\nsecond line",
  "tab\there",
  "_x0041_",
  "_x0001_",
  "_x005F_",
  "a, b; c",
  'say "so"',
  "<&>'",
  "Zürich",
  "𝒳",
  "\uffff!",
  "#5",
  "007",
  "1e3",
  " edges ",
  "a\rb\r\nc",
];

/** Every object lacks other columns, so that what JavaScript's objects inherit would show. */
const list: ObjectList = values.map((value, index) => ({
  label: 1,
  x: index,
  y: 2,
  z: 3,
  extra: Object.fromEntries(
    names.filter((_, at) => at % values.length !== index).map((name) => [name, value]),
  ),
}));

const extensions = [".xml", ".xlsx", ".csv", ".tsv"];

for (const first of extensions)
  for (const second of extensions)
    test(`${first} and then ${second}`, async (context) => {
      const folder = await temporaryFolder(context);
      const [a, b] = [join(folder, `a${first}`), join(folder, `b${second}`)];
      await writeObjects(a, list);
      await writeObjects(b, await readObjects(a));
      const back = await readObjects(b);
      assert.deepEqual(
        back.map(({ x, extra }) => [x, Object.entries(extra ?? {}).sort()]),
        list.map(({ x, extra }) => [x, Object.entries(extra ?? {}).sort()]),
      );
    });

/** Names that JavaScript's objects put first, and cells that the first rows lack. */
const table = "class_label,x,y,z,b,10,a,2\n1,1,2,3,,,q,w\n1,4,5,6,e,r,,\n1,7,8,9, ,y,u,i\n";

for (const extension of [".xml", ".xlsx", ".tsv"])
  test(`columns keep their order by way of ${extension}`, async (context) => {
    const folder = await temporaryFolder(context);
    const [a, b, c] = ["a.csv", `b${extension}`, "c.csv"].map((name) => join(folder, name));
    await writeFile(a!, table);
    await writeObjects(b!, await readObjects(a!));
    await writeObjects(c!, await readObjects(b!));
    assert.equal(await readFile(c!, "utf8"), table.replace(", ,", ",,"));
  });
