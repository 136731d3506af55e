import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkObjects, readObjects, writeObjects } from "../../../src/objects/formats.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const list: ObjectList = [
  { label: 3, x: 1.23456789, y: 0.1, z: 300, tomogramId: "t0", extra: { note: 'a, "b" c' } },
  { label: 1, x: 4, y: 5, z: 6, score: 0.25, tomogramId: "t1" },
];

for (const [extension, header] of [
  [".csv", "class_label,x,y,z,score,tomo_id,note"],
  [".tsv", "class_label\tx\ty\tz\tscore\ttomo_id\tnote"],
])
  test(`a list survives ${extension} exactly`, async (context) => {
    const path = join(await temporaryFolder(context), `list${extension}`);
    await writeObjects(path, list);
    assert.equal((await readFile(path, "utf8")).split("\n")[0], header);
    assert.deepEqual(await readObjects(path), list);
  });

const readable: readonly (readonly [name: string, text: string, expected: ObjectList])[] = [
  [
    "headerless with commas and a class",
    "1.5,2,3,4\n5,6,7,8\n",
    [
      { x: 1.5, y: 2, z: 3, label: 4 },
      { x: 5, y: 6, z: 7, label: 8 },
    ],
  ],
  [
    "aligned columns of blanks",
    "  1    2   3  4\n 10   20  30  1  \n",
    [
      { x: 1, y: 2, z: 3, label: 4 },
      { x: 10, y: 20, z: 30, label: 1 },
    ],
  ],
  [
    "tabs, Windows line ends, comments",
    "# made by hand\r\n1\t2\t3\t4\r\n\r\n",
    [{ x: 1, y: 2, z: 3, label: 4 }],
  ],
  ["tabs and blanks mixed", " 1 \t2\t 3 4\n", [{ x: 1, y: 2, z: 3, label: 4 }]],
  [
    "semicolons and other names",
    "Label;X;Y;Z;Theta;Cluster Size\n2;1;2;3;;7\n",
    [{ label: 2, x: 1, y: 2, z: 3, clusterSize: 7 }],
  ],
  ["an empty file", "\n", []],
];
for (const [name, text, expected] of readable)
  test(`reads ${name}`, async (context) => {
    const path = join(await temporaryFolder(context), "list.txt");
    await writeFile(path, text);
    assert.deepEqual(await readObjects(path), expected);
  });

test("a file without classes needs a label", async (context) => {
  const path = join(await temporaryFolder(context), "list.csv");
  await writeFile(path, "x,y,z\n1,2,3\n");
  await assert.rejects(readObjects(path), {
    code: "object-incomplete",
    message: /list\.csv:1:1: the list does not say of which class its objects are/,
  });
  assert.deepEqual(await readObjects(path, { label: 5 }), [{ x: 1, y: 2, z: 3, label: 5 }]);
});

test("mistakes have line and column", async (context) => {
  const path = join(await temporaryFolder(context), "list.csv");
  await writeFile(path, "class,x,y,z,psi\n1,2,3,4,5\n1, 2,3,oops,5\n1,2,3\n0,2,3,4,5\n");
  const result = await checkObjects(path);
  assert.deepEqual(
    result.diagnostics.map(({ message, location }) => [location?.line, location?.column, message]),
    [
      [3, 8, 'z "oops" is not a number'],
      [4, 1, "3 values where 5 are expected"],
      [5, 1, 'class "0" is not a class label: 1, 2, 3 … (0 is the background)'],
    ],
  );
});

for (const [name, text, message] of [
  ["a table of other things", "name,age\nAda,36\n", /:1:1: this is neither a header row nor x, y, z/],
  ["two numbers a line", "1 2\n3 4\n", /:1:1: this is neither/],
  ["a column twice", "class,x,y,z,X\n1,2,3,4,5\n", /:1:13: the column X is there twice/],
] as const)
  test(`refuses ${name}`, async (context) => {
    const path = join(await temporaryFolder(context), "list.csv");
    await writeFile(path, text);
    await assert.rejects(readObjects(path), { code: "objects-text", message });
  });
