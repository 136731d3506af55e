/** One object list for several rows: what each step takes of it, and what it says where that cannot be told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import { checkRowObjects, readRowObjects } from "../../src/steps/row-objects.ts";
import type { PreflightTable, StepRow } from "../../src/steps/step-kind.ts";
import { temporaryFolder } from "../support/temporary.ts";

const at = (x: number, more: object = {}) => ({ label: 1, x, y: 2, z: 3, ...more });

async function prepare(context: TestContext, list: ObjectList) {
  const folder = await temporaryFolder(context);
  const path = join(folder, "all.csv");
  await writeObjects(path, list);
  const row = (id: string, more: Partial<StepRow> = {}): StepRow => ({
    id,
    values: {},
    files: { objects: path, tomogram: join(folder, `${id}.mrc`) },
    ...more,
  });
  return { path, row };
}

const named = [at(10, { tomogramId: "t0" }), at(11, { tomogramId: "t1" }), at(12, { tomogramId: "t0" })];
const xs = (list: ObjectList | undefined) => list?.map(({ x }) => x);

test("each row gets its own objects, and those of others are not looked at", async (context) => {
  const { row } = await prepare(context, [...named, at(999, { label: 7, tomogramId: "t2" })]);
  const rows = [row("t0"), row("t1")];
  assert.deepEqual(xs(await readRowObjects(rows[0]!, "objects")), [10, 12]);
  assert.deepEqual(xs(await readRowObjects(rows[1]!, "objects")), [11]);
  for (const one of rows) {
    const checked = await checkRowObjects({ rows }, one, {
      port: "objects",
      labels: [1],
      shape: [20, 20, 20],
    });
    assert.deepEqual(checked.diagnostics, [], "label 7 at x 999 is another row's");
  }
});

test("a name that does not fit is told at the row's cell, and fails a run", async (context) => {
  const { row, path } = await prepare(context, named);
  const location = { file: "workflow.yaml", line: 5, column: 40 };
  const asked: string[] = [];
  const table: PreflightTable = {
    locate: (...what) => {
      asked.push(what.join());
      return location;
    },
    rowsReading: () => [row("t9")],
    rowsBehind: () => [],
    once: (_key, look) => look(),
  };
  const { list, diagnostics } = await checkRowObjects({ rows: [row("t9")], table }, row("t9"), {
    port: "objects",
  });
  assert.equal(list, undefined);
  assert.deepEqual(
    diagnostics.map(({ severity, message, location: place }) => [severity, message, place]),
    [["error", "all.csv for t9: the list has no objects of tomo_id t9: it holds those of t0, t1", location]],
  );
  assert.deepEqual(asked, ["t9,objects"]);
  await assert.rejects(readRowObjects(row("t9"), "objects"), {
    code: "objects-other-tomogram",
    message: `${path}: the list has no objects of tomo_id t9: it holds those of t0, t1`,
  });
});

test("numbers select by the row's column tomo_idx", async (context) => {
  const { row } = await prepare(context, [at(10, { tomogramIndex: 0 }), at(11, { tomogramIndex: 1 })]);
  assert.deepEqual(xs(await readRowObjects(row("t0", { values: { tomo_idx: 1 } }), "objects")), [11]);
  assert.deepEqual(xs(await readRowObjects(row("t0", { values: { tomo_idx: "0" } }), "objects")), [10]);
  await assert.rejects(readRowObjects(row("t0"), "objects"), { code: "objects-several-tomograms" });
  await assert.rejects(readRowObjects(row("t0", { values: { tomo_idx: "x" } }), "objects"), {
    code: "tomogram-index",
    message: 'the tomo_idx of row t0 is "x"',
  });
});

test("two tomograms with one list that names none are a mistake, told once; two looks at one tomogram are not", async (context) => {
  const { row } = await prepare(context, [at(10), at(11)]);
  const rows = [row("t0"), row("t1"), row("t2")];
  const codes = async (some: readonly StepRow[], more: { maySharePlaces?: boolean } = {}) => {
    const found = [];
    for (const one of some)
      found.push(...(await checkRowObjects({ rows: some }, one, { port: "objects", ...more })).diagnostics);
    return found.map(({ code, message }) => `${code}: ${message}`);
  };
  assert.deepEqual(await codes(rows), [
    "objects-shared: t0, t1, t2 have one list, all.csv, which does not say whose its objects are",
  ]);
  assert.deepEqual(await codes([rows[0]!]), []);
  assert.deepEqual(await codes([rows[0]!, { ...rows[0]!, id: "again" }]), [], "the same tomogram");
  assert.deepEqual(await codes(rows, { maySharePlaces: true }), []);
});

test("a list that several tasks read is parsed once", async (context) => {
  const { row, path } = await prepare(context, named);
  const keys: string[] = [];
  const table: PreflightTable = {
    locate: () => ({ file: "workflow.yaml" }),
    rowsReading: () => [row("t0"), row("t1")],
    rowsBehind: () => [],
    once: (key, look) => {
      keys.push(key);
      return look();
    },
  };
  await checkRowObjects({ rows: [row("t0")], table }, row("t0"), { port: "objects" });
  await checkRowObjects({ rows: [row("t1")], table }, row("t1"), { port: "objects" });
  assert.deepEqual(keys, [`objects ${path}`, `objects ${path}`]);
});

test("where nobody names the row, a list of several tomograms asks for one", async (context) => {
  const { row } = await prepare(context, named);
  const unnamed = row("all", { unnamed: true });
  const { diagnostics } = await checkRowObjects({ rows: [unnamed] }, unnamed, { port: "objects" });
  assert.deepEqual(
    diagnostics.map(({ code, hint }) => [code, hint]),
    [["objects-several-tomograms", "say which is meant with --id"]],
  );
});
