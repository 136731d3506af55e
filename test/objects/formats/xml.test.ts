import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkObjects, readObjects, writeObjects } from "../../../src/objects/formats.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const full: ObjectList = [
  {
    label: 3,
    x: 1.23456,
    y: -0.0001,
    z: 300,
    phi: -142,
    psi: 20.5,
    the: 83.12345,
    tomogramIndex: 0,
    objectId: 12,
    clusterSize: 512,
    score: 0.91234567,
    margin: 0.5,
    tomogramId: "t<0>",
    extra: { reviewer: 'Ada & "Bob"' },
  },
  { label: 1, x: 4, y: 5, z: 6 },
];

test("attributes in the documented order, three decimals, absent ones omitted", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  await writeObjects(path, full);
  assert.equal(
    await readFile(path, "utf8"),
    `<objlist>
  <object tomo_idx="0" obj_id="12" class_label="3" x="1.235" y="0.000" z="300.000" psi="20.500" phi="-142.000" the="83.123" cluster_size="512" score="0.912346" margin="0.5" tomo_id="t&lt;0&gt;" reviewer="Ada &amp; &quot;Bob&quot;"/>
  <object class_label="1" x="4.000" y="5.000" z="6.000"/>
</objlist>
`,
  );
});

test("a list survives the round trip, to three decimals", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  await writeObjects(path, full);
  assert.deepEqual(await readObjects(path), [
    { ...full[0], x: 1.235, y: 0, the: 83.123, score: 0.912346 },
    full[1],
  ]);
});

test("an empty list is an empty objlist", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  await writeObjects(path, []);
  assert.equal(await readFile(path, "utf8"), "<objlist/>\n");
  assert.deepEqual(await readObjects(path), []);
});

test("one object, any attribute order, a declaration, comments, None for what is absent", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  await writeFile(
    path,
    `\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<objlist>\n<!-- <object/> -->\n<object z="3.5" y='2' x="1e1" class_label="2.0" psi="None" cluster_size="nan"></object></objlist>`,
  );
  assert.deepEqual(await readObjects(path), [{ z: 3.5, y: 2, x: 10, label: 2 }]);
});

test("every bad value is told with its line and column", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  await writeFile(
    path,
    `<objlist>
  <object class_label="1" x="4" y="5" z="6"/>
  <object class_label="0" x="1,5" y="2"/>
  <object class_label="ribosome" x="1" y="2" z="3" obj_id="-1"/>
  <object/>
</objlist>`,
  );
  const result = await checkObjects(path);
  assert.ok(!result.ok);
  assert.deepEqual(
    result.diagnostics.map(({ message, location }) => [location?.line, location?.column, message]),
    [
      [3, 24, 'class_label "0" is not a class label: 1, 2, 3 … (0 is the background)'],
      [3, 30, 'x "1,5" is not a number'],
      [3, 3, "an object has no z"],
      [4, 24, 'class_label "ribosome" is not a number'],
      [4, 60, 'obj_id "-1" is not a whole number of 0 or more'],
      [5, 3, "an object has no class_label, x, y, z"],
    ],
  );
  assert.equal(result.diagnostics[1].hint, "write decimals with a point, not a comma");
  await assert.rejects(readObjects(path), { code: "object-value", message: /6 mistakes.*list\.xml:3:24/s });
});

const refusals: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ["text", "hello", /:1:1: this is not XML/],
  ["nothing", " \n", /the file is empty/],
  [
    "another root",
    '<?xml version="1.0"?>\n\n<svg x="1"/>',
    /:3:1: this XML is not an object list: its root element is <svg>/,
  ],
  ["a broken tag", '<objlist>\n<object x="1">\n</objlist>', /:3:1: this is not XML: .*object/],
  [
    "a file cut off in a tag",
    '<objlist>\n <object class_label="1" x="1" y="2" z="3"/>\n <object class_la',
    /:3:17: the file ends too early: <\/objlist> is missing/,
  ],
  ["a file cut off in a value", '<objlist>\n <object class_label="1" x="4', /:2:29: the file ends too early/],
  [
    "a file cut off between objects",
    '<objlist>\n <object class_label="1" x="1" y="2" z="3"/>\n\n',
    /:2:44: the file ends too early/,
  ],
  ["another element", "<objlist>\n <objekt/></objlist>", /:2:2: <objlist> holds a <objekt>/],
];
for (const [name, text, message] of refusals)
  test(`refuses ${name}`, async (context) => {
    const path = join(await temporaryFolder(context), "list.xml");
    await writeFile(path, text);
    await assert.rejects(readObjects(path), { code: "objects-xml", message });
  });

test("a hundred thousand objects are read in seconds, not minutes", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  const list = Array.from({ length: 100_000 }, (_, index) => ({ ...full[0], objectId: index }));
  await writeObjects(path, list);
  const start = performance.now();
  const read = await readObjects(path);
  const seconds = (performance.now() - start) / 1000;
  assert.equal(read[99_999].objectId, 99_999);
  assert.ok(seconds < 10, `${seconds} s`);
  context.diagnostic(`${seconds.toFixed(2)} s`);
});

test("the plain form and any other form of the same list are read alike", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  const plain = `<objlist>\n  <object class_label="1" x=" 4 " y="5" z="6" note="&lt;a &amp; b&gt;"/>\n</objlist>\n`;
  const others = [
    plain.replace("<objlist>", "<objlist><!-- from hand -->"),
    plain.replaceAll(/"([^"]*)"/g, "'$1'"),
    plain.replace("/>", "></object>"),
  ];
  const expected = [{ label: 1, x: 4, y: 5, z: 6, extra: { note: "<a & b>" } }];
  for (const text of [plain, ...others]) {
    await writeFile(path, text);
    assert.deepEqual(await readObjects(path), expected, text);
  }
});

for (const text of [
  '<objlist><object x="1" x="2" y="2" z="3" class_label="1"/></objlist>',
  '<objlist><object x="1"y="2" z="3" class_label="1"/></objlist>',
  '<objlist><object x="1" y="2" z="3" class_label="1"/></objlist>x',
])
  test(`what is nearly the plain form is no XML: ${text}`, async (context) => {
    const path = join(await temporaryFolder(context), "list.xml");
    await writeFile(path, text);
    await assert.rejects(readObjects(path), { code: "objects-xml" });
  });
