import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { editText } from "../../../../src/studio/protocol/workflow-text/edit-text.ts";
import type { Operation } from "../../../../src/studio/protocol/workflow-text/operation.ts";
import {
  addTomograms,
  columnsOf,
  fromProject,
  pasteCells,
  relativeTo,
  removeRows,
  setCell,
  setSplit,
} from "../../../../src/studio/web/configure/sheet/table-edits.ts";

const text = `tomograms:
  - {id: t1, tomogram: data/t1.mrc, split: train} # the first
  - {id: t2, tomogram: data/t2.mrc, tilt: 60}
  - {id: t3}
`;
const rows: readonly unknown[] = parse(text).tomograms;

function after(operations: readonly Operation[]): string {
  const result = editText(text, operations);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

test("columns are the usual ones, then what rows have", () => {
  assert.deepEqual(columnsOf(rows), ["id", "tomogram", "objects", "split", "tilt"]);
});

test("a cell is set, emptied, or left alone; ids and paths are texts", () => {
  assert.deepEqual(setCell(rows, { row: 0, column: "split", text: " train " }), []);
  assert.deepEqual(setCell(rows, { row: 2, column: "objects", text: "" }), []);
  assert.match(after(setCell(rows, { row: 2, column: "id", text: "7" })), /- \{id: "7"\}/);
  assert.match(after(setCell(rows, { row: 2, column: "tilt", text: "7" })), /- \{id: t3, tilt: 7\}/);
  assert.match(after(setCell(rows, { row: 1, column: "tilt", text: "" })), /data\/t2\.mrc\}/);
});

test("what a spreadsheet puts on the clipboard fills cells and adds rows; comments stay", () => {
  const pasted = "data/a.xml\tvalid\r\ndata/b.xml\ttest\r\n\t\r\n";
  const columns = columnsOf(rows);
  assert.equal(
    after(pasteCells(rows, { row: 1, column: "objects", text: pasted }, columns)),
    text
      .replace("tilt: 60}", "tilt: 60, objects: data/a.xml, split: valid}")
      .replace("{id: t3}\n", "{id: t3, objects: data/b.xml, split: test}\n  - {}\n"),
  );
  const wide = after(pasteCells(rows, { row: 0, column: "split", text: "test\t50\tbeyond" }, columns));
  assert.match(wide, /split: test, tilt: 50\} # the first/);
});

test("a split goes to the chosen rows, and none takes it away", () => {
  assert.match(
    after(setSplit(rows, [1, 2], "valid")),
    /tilt: 60, split: valid\}\n {2}- \{id: t3, split: valid\}/,
  );
  assert.match(after(setSplit(rows, [0], undefined)), /data\/t1\.mrc\} # the first/);
});

test("rows are taken out from the last on", () => {
  assert.deepEqual(parse(after(removeRows([0, 2]))).tomograms, [rows[1]]);
});

test("tomograms come with a free id and the list beside them of the same name, from the workflow's folder", () => {
  const entry = (name: string, kind: string) => ({ name, path: `data/${name}`, kind }) as never;
  const files = [entry("t3.mrc", "tomogram"), entry("new one.rec", "tomogram")];
  const beside = [entry("t3.xml", "list"), entry("other.xml", "list")];
  const operations = addTomograms(rows, files, { beside, fromWorkflow: (path) => relativeTo("work", path) });
  assert.deepEqual(parse(after(operations)).tomograms.slice(3), [
    { id: "t3-2", tomogram: "../data/t3.mrc", objects: "../data/t3.xml" },
    { id: "new_one", tomogram: "../data/new one.rec" },
  ]);
});

test("paths between the project and the workflow's folder", () => {
  for (const [folder, path, shown] of [
    ["", "data/t1.mrc", "data/t1.mrc"],
    ["work", "work/t1.mrc", "t1.mrc"],
    ["work/a", "work/b/t1.mrc", "../b/t1.mrc"],
    ["work", "/elsewhere/t1.mrc", "/elsewhere/t1.mrc"],
  ] as const) {
    assert.equal(relativeTo(folder, path), shown);
    assert.equal(fromProject(folder, shown), path);
  }
});
