/** Own columns, whatever they are called and hold, come back from every format, by way of every other. */
import assert from "node:assert/strict";
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
