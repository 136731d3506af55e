import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createWorkbook } from "../../../src/core/workbook/load.ts";
import { readTableFile } from "../../../src/schema/table/table-file.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("a table of tomograms in a workbook with a cell far away is refused before it fills the memory", async (context) => {
  const path = join(await temporaryFolder(context), "rows.xlsx");
  const workbook = await createWorkbook();
  const sheet = workbook.addWorksheet("rows");
  sheet.addRows([
    ["id", "tomogram"],
    ["t0", "t0.mrc"],
  ]);
  await writeFile(path, new Uint8Array(await workbook.xlsx.writeBuffer()));
  assert.deepEqual(
    (await readTableFile(path, "rows.xlsx")).rows.map(({ cells }) => cells),
    [{ id: "t0", tomogram: "t0.mrc" }],
  );
  sheet.getCell("XFD1048576").value = 5;
  await writeFile(path, new Uint8Array(await workbook.xlsx.writeBuffer()));
  await assert.rejects(readTableFile(path, "rows.xlsx"), {
    code: "workbook-too-large",
    message: /^rows\.xlsx: .*column 16384/,
  });
});
