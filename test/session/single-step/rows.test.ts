import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { rowOfFlags, rowsOfTable } from "../../../src/session/single-step/rows.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const ports = [
  { name: "tomogram", required: true, description: "The volume" },
  { name: "objects", required: false, description: "What is in it" },
];

test("one row of flags: its id is the base name of its first file", async (context) => {
  const path = join(await temporaryFolder(context), "TS_01.mrc.gz");
  await writeFile(path, "");
  const result = rowOfFlags(ports, new Map([["tomogram", path]]));
  assert.deepEqual(result.ok && result.value, [
    { id: "TS_01", unnamed: true, values: {}, files: { tomogram: path } },
  ]);
  const named = rowOfFlags(ports, new Map([["tomogram", path]]), { id: "t7", tomogramIndex: "3" });
  assert.deepEqual(named.ok && named.value, [
    { id: "t7", values: { tomo_idx: "3" }, files: { tomogram: path } },
  ]);
});

test("a missing input and a missing file are told, with the flag", () => {
  const none = rowOfFlags(ports, new Map());
  assert.deepEqual(
    none.diagnostics.map(({ code, hint }) => [code, hint]),
    [["missing-input", "give its file with --tomogram: The volume"]],
  );
  const absent = rowOfFlags(ports, new Map([["tomogram", "/no/such.mrc"]]));
  assert.match(absent.diagnostics[0].message, /--tomogram: \/no\/such\.mrc does not exist/);
});

test("rows of a table: paths relative to it, other columns are values, mistakes have a line", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "a.mrc"), "");
  await writeFile(
    join(folder, "rows.csv"),
    "id,tomogram,split,seed\nt0,a.mrc,train,7\nt1,b.mrc,valid,8\nt2,,test,9\n",
  );
  const result = await rowsOfTable(join(folder, "rows.csv"), ports);
  assert.deepEqual(
    result.diagnostics.map(({ code, location }) => [code, location?.line]),
    [
      ["file-missing", 3],
      ["missing-input", 4],
    ],
  );
  await writeFile(join(folder, "rows.csv"), "tomogram,split,seed\na.mrc,train,7\n");
  const good = await rowsOfTable(join(folder, "rows.csv"), ports);
  assert.deepEqual(good.ok && good.value, [
    { id: "a", values: { split: "train", seed: 7 }, files: { tomogram: join(folder, "a.mrc") } },
  ]);
});
