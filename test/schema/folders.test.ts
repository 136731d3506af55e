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
  ["data/t0.mrc", "data/plain", 7, 24],
  ["data/t1.xml", "data/z.zarr", 8, 46],
  ["data/t1.xml", "data/ome", 8, 46],
  ["data/t1.xml", "data/plain", 8, 46],
  [`"\${train.weights}"`, "data/old", 25, 21],
  [`"\${train.weights}"`, "data/plain", 25, 21],
];

for (const [instead, folder, line, column] of folders)
  test(`${folder} for ${instead} is a mistake with its place`, async (context) => {
    const text = goodWorkflow.replace(instead, folder);
    const { result, messages } = await loadText(context, text, { files: zarr });
    assert.equal(result.ok, false);
    assert.equal(messages.length, 1, messages.join("\n"));
    const isZarr = !folder.includes("plain");
    const says = isZarr ? "is a folder of Zarr, and no volume is read here" : "is a folder, not a file";
    const [first, , caret] = messages[0].split("\n");
    assert.equal(first, `workflow.yaml:${line}:${column}: error: ${folder} ${says}`);
    assert.match(caret, /\^/);
  });

for (const [instead, folder] of [
  ["data/t0.mrc", "data/z.zarr"],
  ["data/t0.mrc", "data/z.zarr/"],
  ["data/t2.mrc", "data/ome"],
  ["masks/ribosome.mrc", "data/old"],
] as const)
  test(`${folder}, a folder of Zarr, can stand for ${instead}`, async (context) => {
    const text = goodWorkflow.replace(instead, folder).replace("{strategy: spheres}", "{strategy: shapes}");
    const { messages } = await loadText(context, text, { files: zarr });
    assert.deepEqual(messages, []);
  });
