import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { objectFormats } from "../../../src/objects/object-formats.ts";
import { checkOutputNames, prepareOutputs } from "../../../src/session/single-step/outputs.ts";
import { createVolume } from "../../../src/volume/formats.ts";
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

const found = { name: "detections", file: "detections.xml", description: "" };

test("a name whose ending no format has is a mistake; every ending of one is right, and can be written", async (context) => {
  const folder = await temporaryFolder(context);
  const messages = (path: string, port: { name: string; file: string; description: string }) =>
    checkOutputNames([port], new Map([[port.name, path]])).map(({ message, hint }) => `${message}; ${hint}`);
  assert.deepEqual(messages("d.foo", found), [
    "d.foo: the output detections cannot be written in a file of this name; end it in .xml, .xlsx, .csv, .txt, .tsv, .star, .tbl, .em, .mod, .coords or .json",
  ]);
  for (const { extensions } of objectFormats)
    for (const extension of extensions) assert.deepEqual(messages(`d${extension.toUpperCase()}`, found), []);
  const [wrong] = messages("l.mrc.gz", ports[0]!);
  const endings = wrong!.match(/\.\w+(?=,| or|$)/g)!.filter((ending) => ending !== ".gz");
  assert.ok(endings.length > 5, wrong);
  for (const ending of endings) {
    const writer = await createVolume(join(folder, `l${ending}`), {
      shape: [1, 1, 1],
      type: "int8",
      voxelSizeAngstrom: null,
      originAngstrom: [0, 0, 0],
    });
    await writer.abort();
  }
  assert.deepEqual(messages("anything.txt", ports[1]!), []);
});
