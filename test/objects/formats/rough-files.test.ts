/** Lists as spreadsheets and strangers write them: nothing is lost, nothing is followed, nothing fills the memory. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { createWorkbook } from "../../../src/core/workbook/load.ts";
import { checkSpread } from "../../../src/core/workbook/spread.ts";
import { readZip, writeZip } from "../../../src/core/workbook/zip.ts";
import { readObjects, readObjectsTold } from "../../../src/objects/formats.ts";
import { temporaryFolder } from "../../support/temporary.ts";

async function read(context: TestContext, name: string, content: string | Uint8Array) {
  const path = join(await temporaryFolder(context), name);
  await writeFile(path, content);
  return readObjects(path);
}

test("rows of empty cells are no objects, and a value in quotes may go on in the next line", async (context) => {
  const list = await read(
    context,
    "a.csv",
    'class_label,x,y,z,note\n1,1,2,3,"first\nsecond, ""so"""\n2,4,5,6,plain\n,,,,\n,,,,\n',
  );
  assert.deepEqual(
    list.map(({ label, x, extra }) => [label, x, extra?.note]),
    [
      [1, 1, 'first\nsecond, "so"'],
      [2, 4, "plain"],
    ],
  );
});

test("a column without a name keeps its values under one made of its place", async (context) => {
  const list = await read(context, "a.csv", "class_label,x,y,z,,column_5\n1,1,2,3,kept,other\n");
  assert.deepEqual(list[0]!.extra, { column_5_: "kept", column_5: "other" });
  const workbook = await createWorkbook();
  const sheet = workbook.addWorksheet("objects");
  sheet.addRow(["Class label", "x", "y", "z"]);
  sheet.addRow([1, 1, 2, 3, null, "kept"]);
  const bytes = new Uint8Array(await workbook.xlsx.writeBuffer());
  assert.deepEqual((await read(context, "a.xlsx", bytes))[0]!.extra, { column_6: "kept" });
});

const object = '<object class_label="1" x="1" y="2" z="3" note="&e;"/>';

test("an xml that names other files or multiplies texts is refused at the place", async (context) => {
  for (const type of [
    '<!DOCTYPE objlist [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE objlist SYSTEM "http://example.org/a.dtd">',
    '<!DOCTYPE objlist [<!ENTITY a "aaaa"><!ENTITY e "&a;&a;&a;">]>',
  ])
    await assert.rejects(
      read(context, "a.xml", `<?xml version="1.0"?>\n${type}\n<objlist>${object}</objlist>`),
      {
        code: "objects-xml",
        message: /a\.xml:2:1: .*document type/s,
      },
    );
});

test("an xml in the encoding that it declares", async (context) => {
  const text =
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<objlist>\n  <object tomo_id="Zürich" class_label="1" x="1" y="2" z="3"/>\n</objlist>\n';
  assert.equal((await read(context, "a.xml", Buffer.from(text, "latin1")))[0]!.tomogramId, "Zürich");
  const wide = Buffer.from(`\ufeff${text.replace("ISO-8859-1", "UTF-16")}`, "utf16le");
  assert.equal((await read(context, "a.xml", wide))[0]!.tomogramId, "Zürich");
});

test("a small workbook that unpacks to hundreds of megabytes is refused before it is", async (context) => {
  const workbook = await createWorkbook();
  workbook.addWorksheet("objects").addRow(["Class label", "x", "y", "z"]);
  const entries = [...readZip(new Uint8Array(await workbook.xlsx.writeBuffer()))!.values()];
  const blanks = Buffer.alloc(150 << 20, " ");
  const bomb = entries.map((entry) =>
    entry.name === "xl/worksheets/sheet1.xml"
      ? { ...entry, method: 8, packed: deflateRawSync(blanks), size: blanks.length, checksum: 0 }
      : entry,
  );
  const before = process.memoryUsage().rss;
  await assert.rejects(read(context, "a.xlsx", writeZip(bomb)), /unpacks to more than 16 MB/);
  assert.ok(process.memoryUsage().rss - before < 600 << 20);
});

const withNote = (text: string) =>
  `<objlist>\n<object class_label="1" x="1" y="2" z="3" ${text}/>\n</objlist>`;

test("characters that an xml gives by their numbers, as ElementTree does, are these characters", async (context) => {
  const [object] = await read(
    context,
    "a.xml",
    `<?xml version='1.0' encoding='us-ascii'?>\n${withNote('tomo_id="Z&#252;rich" note="a&#x42;c&amp;#65; "')}`,
  );
  assert.equal(object!.tomogramId, "Zürich");
  assert.deepEqual(object!.extra, { note: "aBc&#65; " });
  const [commented] = await read(context, "a.xml", `<!-- c -->${withNote("note='&#252;\"\n&lt;'")}`);
  assert.deepEqual(commented!.extra, { note: 'ü" <' });
});

test("an xml's entity that nobody knows, and a value that is there twice, are mistakes with their places", async (context) => {
  const refused = (text: string, message: RegExp) =>
    assert.rejects(read(context, "a.xml", withNote(text)), { message });
  await refused('note="a&nbsp;b"', /a\.xml:2:\d+: note holds an & that begins no entity/);
  await refused('note="a & b"', /note holds an &/);
  await refused('label="2"', /a\.xml:2:\d+: class_label is there twice/);
  await refused('_x0041_="2" A="3"', /A is there twice/);
});

test("a byte order mark counts more than what an xml declares, and UTF-32 is refused by name", async (context) => {
  const declared = (encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?>${withNote('note="ü"')}`;
  for (const text of [`\ufeff${declared("ISO-8859-1")}`, declared("utf-16")])
    assert.deepEqual((await read(context, "a.xml", text))[0]!.extra, { note: "ü" });
  await assert.rejects(read(context, "a.csv", new Uint8Array([0xff, 0xfe, 0, 0, 0x63, 0, 0, 0])), {
    code: "encoding-unknown",
    message: /UTF-32/,
  });
});

const header = "class_label,x,y,z,note\n";

test("a quote that does not end, or ends inside a value, is a mistake and swallows no rows", async (context) => {
  const rows = "1,2,2,2,a\n1,3,3,3,b\n";
  await assert.rejects(read(context, "a.csv", `${header}1,1,2,3,"5 nm\n${rows}`), {
    message: /a\.csv:2:9: a quote begins here and does not end/,
  });
  await assert.rejects(read(context, "a.csv", `${header}1,1,2,3,"5 nm\n${rows}1,4,4,4,6" gold\n`), {
    message: /a\.csv:2:9: there is more behind the quote/,
  });
  const [object] = await read(context, "a.csv", `${header}1,1,2,3,5" gold\n`);
  assert.deepEqual(object!.extra, { note: '5" gold' });
});

test("an open quote above many lines is found at once", async (context) => {
  const text = `${header}1,1,2,3,"open\n${"1,2,2,2,a\n".repeat(300_000)}`;
  const started = performance.now();
  await assert.rejects(read(context, "a.csv", text), /does not end/);
  assert.ok(performance.now() - started < 5_000);
});

test("one endless line is refused before it is taken apart", async (context) => {
  await assert.rejects(read(context, "a.csv", "1,".repeat(4 << 20)), {
    code: "objects-text",
    message: /this line holds 8388608 characters/,
  });
  await assert.rejects(read(context, "a.csv", `class_label,x,y,z${",a".repeat(100_000)}\n`), {
    code: "objects-text",
    message: /names 100004 columns/,
  });
});

test("Excel's line sep=; names the delimiter; empty cells behind the columns say nothing", async (context) => {
  const list = await read(context, "a.csv", "sep=;\nclass_label;x;y;z\n1;10.5;2;3;;\n");
  assert.deepEqual(list, [{ label: 1, x: 10.5, y: 2, z: 3 }]);
});

test("what makes no object is told in one line", async (context) => {
  const path = join(await temporaryFolder(context), "a.csv");
  await writeFile(path, `# heading\n${header}#5,1,2,3,a\n1,1,2,3,b\n,,,,\n,,,,\n`);
  const { list, warnings } = await readObjectsTold(path);
  assert.equal(list.length, 1);
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, message]),
    [["objects-ignored", "ignored: 2 rows of empty cells, 1 comment between the rows"]],
  );
});

test("two own columns of one name in a workbook are refused, and a row of blanks is no object", async (context) => {
  const workbookOf = async (...rows: readonly (readonly (string | number)[])[]) => {
    const workbook = await createWorkbook();
    workbook.addWorksheet("objects").addRows(rows as unknown[][]);
    workbook.addWorksheet("notes");
    return new Uint8Array(await workbook.xlsx.writeBuffer());
  };
  const columns = ["Class label", "x", "y", "z"];
  const twice = await workbookOf([...columns, "note", "note"], [1, 1, 2, 3, "a", "b"]);
  await assert.rejects(read(context, "a.xlsx", twice), /the column note is there twice/);
  const path = join(await temporaryFolder(context), "a.xlsx");
  await writeFile(path, await workbookOf([...columns, "note "], [1, 1, 2, 3, " a "], [" ", " "]));
  const { list, warnings } = await readObjectsTold(path);
  assert.deepEqual(list, [{ label: 1, x: 1, y: 2, z: 3, extra: { "note ": " a " } }]);
  assert.equal(warnings[0]!.message, "ignored: 1 row of blanks, 1 sheet behind the first");
});

test("cells far away, and ranges of merged cells, do not fill the memory", async (context) => {
  const refused = async (spoil: (sheet: import("exceljs").Worksheet) => void, message: RegExp) => {
    const workbook = await createWorkbook();
    const sheet = workbook.addWorksheet("objects");
    sheet.addRows([
      ["Class label", "x", "y", "z"],
      [1, 1, 2, 3],
    ]);
    spoil(sheet);
    const bytes = new Uint8Array(await workbook.xlsx.writeBuffer());
    await assert.rejects(read(context, "a.xlsx", bytes), { code: "workbook-too-large", message });
  };
  await refused((sheet) => {
    sheet.getCell("XFD1048576").value = 5;
  }, /column 16384/);
  const merged = '<sheetData></sheetData><mergeCells count="1"><mergeCell ref="A2:Z1000000"/></mergeCells>';
  assert.throws(() => checkSpread(merged), {
    code: "workbook-too-large",
    message: /merges more than 1 million/,
  });
  const rows = Array.from({ length: 60_000 }, (_, row) => `<c r="ALA${row + 1}"/>`).join("");
  assert.throws(() => checkSpread(rows), {
    code: "workbook-too-large",
    message: /far from its first column/,
  });
});
