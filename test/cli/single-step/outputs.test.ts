import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { prepareOutputs } from "../../../src/cli/single-step/outputs.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const ports = [
  { name: "labels", file: "labels.mrc", description: "" },
  { name: "metrics", file: "metrics.json", description: "" },
];

test("outputs appear under their names only once published", async (context) => {
  const folder = await temporaryFolder(context);
  const chosen = join(folder, "deep/er/mine.rec");
  await writeFile(join(folder, "metrics.json"), "old");
  const outputs = await prepareOutputs(ports, new Map([["labels", chosen]]), folder);
  assert.deepEqual(outputs.published, { labels: chosen, metrics: join(folder, "metrics.json") });
  assert.match(outputs.paths.labels, /\.rec$/);
  await writeFile(outputs.paths.labels, "labels");
  await writeFile(outputs.paths.metrics, "new");
  assert.equal(await readFile(join(folder, "metrics.json"), "utf8"), "old");
  await outputs.publish();
  await outputs.discard();
  assert.equal(await readFile(chosen, "utf8"), "labels");
  assert.equal(await readFile(join(folder, "metrics.json"), "utf8"), "new");
  assert.deepEqual(await readdir(join(folder, "deep/er")), ["mine.rec"]);
});

test("what is discarded leaves nothing behind, and the earlier file in place", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "labels.mrc"), "old");
  const outputs = await prepareOutputs(ports, new Map(), folder);
  await writeFile(outputs.paths.labels, "half");
  await outputs.discard();
  assert.deepEqual(await readdir(folder), ["labels.mrc"]);
  assert.equal(await readFile(join(folder, "labels.mrc"), "utf8"), "old");
});

test("a folder that cannot be made is explained", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "file"), "");
  await assert.rejects(prepareOutputs(ports, new Map(), join(folder, "file/below")), /file/);
});
