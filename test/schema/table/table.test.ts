import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseCsv } from "../../../src/schema/table/csv.ts";
import { findFiles } from "../../../src/schema/table/glob.ts";
import { idOfFile } from "../../../src/schema/table/table.ts";
import { folderWith, loadGood, loadText } from "../../support/workflow-folder.ts";

const fixtures = join(import.meta.dirname, "..", "..", "fixtures", "schema");

const withTable = (table: string) =>
  `version: 1\ntomograms: ${table}\nsteps:\n  segment: {uses: segment, with: {weights: masks/ribosome.mrc}}\n`;

test("inline rows keep their values; the id is the text as written, else the base name of the tomogram", async (context) => {
  const { workflow } = await loadGood(
    context,
    withTable(`
  - {id: 007, tomogram: data/t0.mrc, fold: 3, keep: true, note: null}
  - {id: 1e3, tomogram: data/t1.mrc}
  - {tomogram: data/t2.mrc}`),
  );
  assert.deepEqual(
    workflow.rows.map(({ id, columns }) => ({ id, columns })),
    [
      { id: "007", columns: { tomogram: "data/t0.mrc", fold: 3, keep: true, note: null } },
      { id: "1e3", columns: { tomogram: "data/t1.mrc" } },
      { id: "t2", columns: { tomogram: "data/t2.mrc" } },
    ],
  );
  assert.equal(workflow.rows[1].location.line, 4);
});

test("a csv table: quotes, empty cells, numbers, semicolons, and the line of each row", async (context) => {
  const csv = 'id,tomogram,fold,note\r\n\r\n007,data/t0.mrc,2,"a, ""b"""\r\nt1,data/t1.mrc,,\r\n';
  const { workflow } = await loadGood(context, withTable("rows.csv"), { files: { "rows.csv": csv } });
  assert.deepEqual(
    workflow.rows.map(({ id, columns, location }) => ({ id, columns, line: location.line })),
    [
      { id: "007", columns: { tomogram: "data/t0.mrc", fold: 2, note: 'a, "b"' }, line: 3 },
      { id: "t1", columns: { tomogram: "data/t1.mrc", fold: null, note: null }, line: 4 },
    ],
  );
  const semicolons = await loadGood(context, withTable("rows.csv"), {
    files: { "rows.csv": "tomogram;fold\ndata/t0.mrc;01\n" },
  });
  assert.deepEqual(semicolons.workflow.rows[0].columns, { tomogram: "data/t0.mrc", fold: "01" });
});

test("a tsv table holds commas in its cells", async (context) => {
  const { workflow } = await loadGood(context, withTable("rows.tsv"), {
    files: { "rows.tsv": "id\ttomogram\tnote\na\tdata/t0.mrc\tx, y\n" },
  });
  assert.deepEqual(workflow.rows[0].columns, { tomogram: "data/t0.mrc", note: "x, y" });
});

test("an xlsx table written by openpyxl", async (context) => {
  const { workflow } = await loadGood(context, withTable(`${fixtures}/rows.xlsx`));
  assert.deepEqual(
    workflow.rows.map(({ id, columns, location }) => ({ id, columns, line: location.line })),
    [
      { id: "a1", columns: { tomogram: "data/t0.mrc", split: "train", dose: 1.5, keep: true }, line: 2 },
      { id: "7", columns: { tomogram: "data/t1.mrc", split: "valid", dose: 3, keep: null }, line: 4 },
    ],
  );
});

test("mistakes in a table file have its line and column", async (context) => {
  const csv = 'id,tomogram,tomogram\nt0,data/t9.mrc,\nt0,"data/t1.mrc",,more\n';
  const { messages } = await loadText(context, withTable("rows.csv"), { files: { "rows.csv": csv } });
  assert.deepEqual(messages, [
    "rows.csv:1:13: error: two columns are called tomogram\n  id,tomogram,tomogram\n              ^^^^^^^^\n  hint: rename one of them",
    "rows.csv:2:4: error: data/t9.mrc does not exist\n  t0,data/t9.mrc,\n     ^^^^^^^^^^^\n  hint: did you mean t0.mrc?",
    'rows.csv:3:1: error: two rows have the id t0\n  t0,"data/t1.mrc",,more\n  ^^\n  hint: the other is on line 2; every row needs an id of its own',
    'rows.csv:3:19: error: this row has more cells than the header has columns (3)\n  t0,"data/t1.mrc",,more\n                    ^^^^\n  hint: a cell that holds the separator needs quotes',
  ]);
});

test("a missing file named in a csv is shown there", async (context) => {
  const { messages } = await loadText(context, withTable("rows.csv"), {
    files: { "rows.csv": "id,tomogram\nx,data/t9.mrc\n" },
  });
  assert.deepEqual(messages, [
    "rows.csv:2:3: error: data/t9.mrc does not exist\n  x,data/t9.mrc\n    ^^^^^^^^^^^\n  hint: did you mean t0.mrc?",
  ]);
});

test("tables that are no tables", async (context) => {
  const first = async (name: string, text: string) =>
    (await loadText(context, withTable(name), { files: { [name]: text } })).result.diagnostics[0].code;
  assert.equal(await first("rows.xlsx", "not a zip"), "not-a-table");
  assert.equal(await first("rows.csv", ""), "empty-table");
  assert.equal(await first("rows.csv", "id,tomogram\n"), "empty-table");
  const folder = await folderWith(context, { "data/t0.mrc": "" });
  await writeFile(join(folder, "rows.csv"), Uint8Array.of(0x69, 0x64, 0x0a, 0xff));
  const { result } = await loadText(context, withTable(join(folder, "rows.csv")));
  assert.equal(result.diagnostics[0].code, "not-utf8");
});

test("ids that differ in capital letters alone, and a column that was meant to be the id", async (context) => {
  const twins = withTable("\n  - {id: a, tomogram: data/t0.mrc}\n  - {id: A, tomogram: data/t1.mrc}");
  const { messages } = await loadText(context, twins);
  assert.match(
    messages[0]!,
    /4:10: error: the ids a and A differ in capital letters alone.*\n.*\n.*\n {2}hint: the other is on line 3/,
  );
  const misspelt = await loadText(context, withTable("rows.csv"), {
    files: { "rows.csv": "ID,tomogram\na,data/t0.mrc\nb,data/t1.mrc\n" },
  });
  assert.deepEqual(misspelt.messages, [
    "rows.csv:2:1: error: the column ID does not name the rows\n  a,data/t0.mrc\n  ^\n  hint: call it id, in small letters",
  ]);
});

test("a glob gives a row a file; {id} fills other columns, and what is not there stays empty", async (context) => {
  const { workflow } = await loadGood(
    context,
    withTable("\n  glob: data/*.mrc\n  objects: data/{id}.xml\n  split: test"),
  );
  assert.deepEqual(
    workflow.rows.map(({ id, columns }) => ({ id, columns })),
    [
      { id: "t0", columns: { tomogram: "data/t0.mrc", objects: "data/t0.xml", split: "test" } },
      { id: "t1", columns: { tomogram: "data/t1.mrc", objects: "data/t1.xml", split: "test" } },
      { id: "t2", columns: { tomogram: "data/t2.mrc", objects: null, split: "test" } },
    ],
  );
});

test("a template that fits no file is a mistake", async (context) => {
  const { messages } = await loadText(context, withTable("\n  glob: data/*.mrc\n  objects: picks/{id}.xml"));
  assert.deepEqual(messages, [
    "workflow.yaml:4:12: error: picks/{id}.xml matches no file for any of the 3 rows\n    objects: picks/{id}.xml\n             ^^^^^^^^^^^^^^\n  hint: the first would be picks/t0.xml",
  ]);
});

test("patterns: stars, folders, sets, choices, order of numbers, hidden files", async (context) => {
  const folder = await folderWith(context, [
    "a/t10.mrc",
    "a/t9.mrc",
    "a/b/t1.mrc",
    "a/b/c/t2.rec",
    "a/.hidden.mrc",
    "a/v.zarr/x",
    "t0.mrc",
  ]);
  const found = (pattern: string) => findFiles(pattern, folder);
  assert.deepEqual(await found("a/*.mrc"), ["a/t9.mrc", "a/t10.mrc"]);
  assert.deepEqual(await found("**/*.mrc"), ["a/b/t1.mrc", "a/t9.mrc", "a/t10.mrc", "t0.mrc"]);
  assert.deepEqual(await found("a/**/*.{mrc,rec}"), ["a/b/c/t2.rec", "a/b/t1.mrc", "a/t9.mrc", "a/t10.mrc"]);
  assert.deepEqual(await found("a/t?.mrc"), ["a/t9.mrc"]);
  assert.deepEqual(await found("a/t[0-9][!1].mrc"), ["a/t10.mrc"]);
  assert.deepEqual(await found("a/*.zarr"), ["a/v.zarr"]);
  assert.deepEqual(await found("./a/../t*.mrc"), ["t0.mrc"]);
  assert.deepEqual(await found(`${folder}/t*.mrc`), [`${folder}/t0.mrc`]);
  assert.deepEqual(await found("b/*.mrc"), []);
});

test("the id of a file is its base name without endings", () => {
  assert.equal(idOfFile("data/t0.mrc"), "t0");
  assert.equal(idOfFile("/x/TS_01.bin4.rec.gz"), "TS_01.bin4");
  assert.equal(idOfFile("noending"), "noending");
});

test("a quoted csv cell may hold line ends, and the next row keeps its line", () => {
  const records = parseCsv('a,b\n"x\ny",2\n3,4\n', { file: "f.csv" });
  assert.deepEqual(
    records.map(({ cells, location }) => [location.line, ...cells.map(({ text }) => text)]),
    [
      [1, "a", "b"],
      [2, "x\ny", "2"],
      [4, "3", "4"],
    ],
  );
  assert.equal(records[1].cells[1].location.line, 3);
});
