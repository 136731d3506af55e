/** A folder where a file is expected, wherever the language takes one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { goodWorkflow, loadText } from "../support/workflow-folder.ts";

const zarr = {
  "data/z.zarr/.zattrs": "{}",
  "data/ome/zarr.json": "{}",
  "data/old/.zgroup": "{}",
  "data/plain/a.mrc": "",
};

/** What stands in the good workflow, what is written there, and the place that is told. */
const folders: readonly [instead: string, folder: string, line: number, column: number][] = [
  ["data/t0.mrc", "data/z.zarr", 7, 24],
  ["data/t0.mrc", "data/z.zarr/", 7, 24],
  ["data/t2.mrc", "data/ome", 9, 24],
  ["data/t1.xml", "data/plain", 8, 46],
  ["masks/ribosome.mrc", "data/old", 4, 41],
  [`"\${train.weights}"`, "data/plain", 25, 21],
];

for (const [instead, folder, line, column] of folders)
  test(`${folder} for ${instead} is a mistake with its place`, async (context) => {
    const text = goodWorkflow.replace(instead, folder).replace("{strategy: spheres}", "{strategy: shapes}");
    const { result, messages } = await loadText(context, text, { files: zarr });
    assert.equal(result.ok, false);
    assert.equal(messages.length, 1, messages.join("\n"));
    const isZarr = !folder.includes("plain");
    const says = isZarr ? "is a folder of Zarr, which tomoflow does not read yet" : "is a folder, not a file";
    const [first, , caret, hint = ""] = messages[0].split("\n");
    assert.equal(first, `workflow.yaml:${line}:${column}: error: ${folder.replace(/\/$/, "")} ${says}`);
    assert.match(caret, /\^/);
    assert.equal(/export the array as HDF5/.test(hint), isZarr, hint);
  });
