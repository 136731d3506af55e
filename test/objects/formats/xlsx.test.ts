import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import excel from "exceljs";
import { readZip } from "../../../src/core/workbook/zip.ts";
import { readWithExceljs } from "../../../src/objects/formats/xlsx/exceljs-sheet.ts";
import { readPlainSheet } from "../../../src/objects/formats/xlsx/plain-sheet.ts";
import type { Sheet } from "../../../src/objects/formats/xlsx/sheet.ts";
import { checkObjects, readObjects, writeObjects } from "../../../src/objects/formats.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/objects/${name}`, import.meta.url));

const list: ObjectList = [
  {
    label: 3,
    x: 1.5,
    y: 0.125,
    z: 300,
    phi: -142,
    psi: 20,
    the: 83,
    tomogramIndex: 0,
    objectId: 12,
    clusterSize: 512,
  },
  {
    label: 1,
    x: 4,
    y: 5,
    z: 6,
    score: 0.25,
    tomogramId: "t1",
    extra: { reviewer: "Ada", weight: "4.5", code: "007" },
  },
];

test("columns A to J as documented, ours and unknown ones behind", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  await writeObjects(path, list);
  const workbook = new excel.Workbook();
  await workbook.xlsx.readFile(path);
  const rows = workbook.worksheets[0].getSheetValues() as unknown[][];
  assert.deepEqual(rows[1].slice(1), [
    "Tomo IDX",
    "Object ID",
    "Class label",
    "x",
    "y",
    "z",
    "psi",
    "phi",
    "theta",
    "Cluster size",
    "Score",
    "Tomogram ID",
    "reviewer",
    "weight",
    "code",
  ]);
  assert.deepEqual(rows[2].slice(1), [0, 12, 3, 1.5, 0.125, 300, 20, -142, 83, 512]);
  assert.deepEqual(rows[3].slice(11), [0.25, "t1", "Ada", 4.5, "007"]);
  assert.deepEqual(await readObjects(path), list);
});

test("a file edited with openpyxl: any case and order, blank rows, numbers as text, other columns and sheets", async () => {
  assert.deepEqual(await readObjects(fixture("edited.xlsx")), [
    {
      z: 10.25,
      y: 20.5,
      x: 30.125,
      label: 2,
      tomogramIndex: 0,
      objectId: 7,
      extra: { Reviewer: "Ada" },
      the: 83,
      psi: -142,
      phi: 20,
      clusterSize: 512,
    },
    { z: 11, y: 21.5, x: 31, label: 1 },
    {
      z: 12,
      y: 22,
      x: 32,
      label: 3,
      tomogramIndex: 1,
      objectId: 9,
      extra: { Reviewer: "4.5" },
      the: 0,
      psi: 0,
      phi: 0,
      clusterSize: 1,
    },
  ]);
});

test("a formula counts by its stored result, rich text and links by their text", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  const workbook = new excel.Workbook();
  const sheet = workbook.addWorksheet("a");
  sheet.addRow(["Class label", "x", "y", "z", "note"]);
  sheet.addRow([
    1,
    { formula: "1+1", result: 2 },
    { richText: [{ text: "3" }, { text: ".5" }] },
    4,
    { text: "see here", hyperlink: "https://example.org" },
  ]);
  await workbook.xlsx.writeFile(path);
  assert.deepEqual(await readObjects(path), [{ label: 1, x: 2, y: 3.5, z: 4, extra: { note: "see here" } }]);
});

test("a formula without a result is told with its cell", async () => {
  const result = await checkObjects(fixture("formula.xlsx"));
  assert.deepEqual(
    result.diagnostics.map(({ message, location }) => [location?.line, location?.column, message]),
    [[3, 2, "cell B3 holds the formula =B2*2 without a stored result"]],
  );
});

test("bad values have row and column", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  const workbook = new excel.Workbook();
  const sheet = workbook.addWorksheet("a");
  sheet.addRow(["Class label", "note", "x", "y", "z"]);
  sheet.addRow([1, "", 2, 3, 4]);
  sheet.addRow([]);
  sheet.addRow(["ribosome", "", 2, 3]);
  await workbook.xlsx.writeFile(path);
  const result = await checkObjects(path);
  assert.deepEqual(
    result.diagnostics.map(({ message, location }) => [location?.line, location?.column, message]),
    [
      [4, 1, 'Class label "ribosome" is not a number'],
      [4, undefined, "an object has no z"],
    ],
  );
});

test("refuses what is no workbook, an empty sheet, and a sheet of other things", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "list.xlsx");
  await writeFile(path, "PK but not a zip");
  await assert.rejects(readObjects(path), { code: "objects-xlsx", message: /not an xlsx workbook/ });
  const workbook = new excel.Workbook();
  workbook.addWorksheet("blank");
  await workbook.xlsx.writeFile(path);
  await assert.rejects(readObjects(path), { code: "objects-xlsx", message: /first sheet, blank, is empty/ });
  workbook.worksheets[0].addRow(["name", "x", "age"]);
  await workbook.xlsx.writeFile(path);
  await assert.rejects(readObjects(path), {
    code: "objects-xlsx",
    message: /list\.xlsx:1: .*no column y, z/,
  });
});

const numbersAndTexts = (sheet: Sheet | null | undefined) => ({
  name: sheet?.name,
  rows: sheet?.rows.map(({ number, texts }) => ({ number, texts: [...texts] })),
});

test("numbers and texts are read without exceljs, and as exceljs reads them", async (context) => {
  const folder = await temporaryFolder(context);
  const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`column ${i}`, `<${i}> & "x" 'y'  `]),
  );
  const lists: ObjectList[] = [list, [{ ...list[0], extra: many }, ...list], []];
  for (const [i, objects] of lists.entries()) await writeObjects(join(folder, `${i}.xlsx`), objects);
  const workbook = new excel.Workbook();
  const sheet = workbook.addWorksheet("a & b");
  sheet.addRow(["Class label", "x", "y", "z", "weight", "note"]).font = { italic: true };
  sheet.addRow([1, 2.5, -3e-7, 1e21, 0.1 + 0.2, "5.0"]).numFmt = "0.00";
  sheet.addRow([]);
  sheet.addRow([1, 2, 3, 4, undefined, " é – 蛋白 "]);
  await workbook.xlsx.writeFile(join(folder, "3.xlsx"));
  for (const path of [0, 1, 2, 3].map((i) => join(folder, `${i}.xlsx`))) {
    const bytes = await readFile(path);
    const plain = await readPlainSheet(bytes);
    assert.ok(plain, path);
    assert.deepEqual(numbersAndTexts(plain), numbersAndTexts(await readWithExceljs(bytes)), path);
  }
  assert.ok(await readPlainSheet(await readFile(fixture("edited.xlsx"))));
});

test("a list survives with texts that xml has to escape, and sixty columns", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  const extra = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`column ${i}`, `<${i}> & "x" 'y'`]));
  const objects: ObjectList = [{ ...list[0], extra }, list[1]];
  await writeObjects(path, objects);
  assert.deepEqual(await readObjects(path), objects);
});

test("what is more than numbers and texts is left to exceljs", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  const special: ((sheet: excel.Worksheet) => unknown)[] = [
    (sheet) => sheet.addRow([1, { formula: "1+1", result: 2 }, 3, 4]),
    (sheet) => sheet.addRow([1, 2, 3, 4, new Date(0)]),
    (sheet) => sheet.addRow([1, 2, 3, 4, true]),
    (sheet) => sheet.addRow([1, 2, 3, 4, { richText: [{ text: "a", font: { bold: true } }, { text: "b" }] }]),
    (sheet) => sheet.addRow([1, 2, 3, 4, { error: "#N/A" }]),
    (sheet) => {
      sheet.addRow([1, 2, 3, 4, "merged"]);
      sheet.mergeCells("E2:F2");
    },
  ];
  for (const [i, add] of special.entries()) {
    const workbook = new excel.Workbook();
    const sheet = workbook.addWorksheet("a");
    sheet.addRow(["Class label", "x", "y", "z", "note"]);
    add(sheet);
    await workbook.xlsx.writeFile(path);
    assert.equal(await readPlainSheet(await readFile(path)), undefined, `case ${i}`);
    assert.equal((await readWithExceljs(await readFile(path)))?.rows.length, 2);
  }
});

test("the same list gives the same bytes, and a damaged workbook is refused", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  await writeObjects(path, list);
  const bytes = await readFile(path);
  context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 1e9 });
  await writeObjects(path, list);
  assert.ok((await readFile(path)).equals(bytes));
  const sheet = readZip(bytes)?.get("xl/worksheets/sheet1.xml");
  const at = sheet ? bytes.indexOf(sheet.packed) : -1;
  bytes.fill(0x55, at + 20, at + 60);
  await writeFile(path, bytes);
  await assert.rejects(readObjects(path), { code: "objects-xlsx", message: /not an xlsx workbook/ });
});

test("more objects than a sheet has rows are refused at once", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  const endless = new Array<ObjectList[number]>(1_048_576).fill({ label: 1, x: 1, y: 2, z: 3 });
  await assert.rejects(writeObjects(path, endless), { code: "objects-xlsx", hint: /\.xml or \.csv/ });
});
