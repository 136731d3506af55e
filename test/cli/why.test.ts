import assert from "node:assert/strict";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { provenanceText } from "../../src/cli/why/provenance-text.ts";
import type { Provenance } from "../../src/runner/provenance/index.ts";
import { writeSmallWorkflow } from "../e2e/workflow.ts";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("why tells the origin of a result and of a copy, in words and as JSON", async (context) => {
  const folder = await temporaryFolder(context);
  await writeSmallWorkflow(folder);
  const run = await tomoflow(["run", "--only", "cluster@t1"], { folder });
  assert.equal(run.code, 0, run.stderr);
  const result = "results/small/cluster/t1/detections.xml";
  const said = await tomoflow(["why", result], { folder });
  assert.deepEqual([said.code, said.stderr], [0, ""]);
  assert.match(
    said.stdout,
    /^results\/small\/cluster\/t1\/detections\.xml \([\d.]+ (?:bytes|kB), sha256 [0-9a-f]{12}…\)\n/,
  );
  assert.match(said.stdout, /\nis the output cluster@t1\.detections\n/);
  assert.match(said.stdout, /\ncluster@t1 {2}fresh\n {2}made with +cluster, version \d+; tomoflow /);
  assert.match(said.stdout, /\n {2}parameters +.*minSize 3/);
  assert.match(said.stdout, /\n {4}labels +[0-9a-f]{8} {2}from target@t1\.target\n/);
  assert.match(said.stdout, /\nbefore it .*\n {2}target@t1 +fresh\n {2}simulate@t1 +fresh\n$/);
  assert.deepEqual(
    said.stdout.split("\n").filter((line) => line.length > 80),
    [],
  );

  const elsewhere = await temporaryFolder(context);
  await copyFile(join(folder, result), join(elsewhere, "mine.xml"));
  const json = await tomoflow(["why", "mine.xml", join(folder, "workflow.yaml"), "--json"], {
    folder: elsewhere,
  });
  const { origin, madeBy, tasks } = JSON.parse(json.stdout) as Provenance;
  assert.deepEqual([origin, madeBy], ["copy", "cluster@t1.detections"]);
  assert.deepEqual(
    tasks.map(({ id }) => id),
    ["cluster@t1", "target@t1", "simulate@t1"],
  );

  await writeFile(join(folder, "notes.txt"), "mine");
  const unknown = await tomoflow(["why", "notes.txt"], { folder });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^error: no task made or read a file like .*notes\.txt\nhint: /);
});

test("many tasks and inputs share lines, and changes are shown", () => {
  const task = (id: string, madeBy?: string) => ({
    id,
    kind: "toy",
    version: 1,
    parameters: {},
    classes: {},
    rows: {},
    inputs: [
      {
        role: "in",
        path: `${id}.txt`,
        sha256: "ab".repeat(32),
        size: 3,
        now: "changed" as const,
        ...(madeBy && { madeBy }),
      },
    ],
    seconds: 2,
    tomoflow: "0.1.0",
    key: "cd".repeat(32),
    lock: "w.lock.yaml",
    state: "fresh" as const,
    reasons: [],
  });
  const text = provenanceText(
    {
      path: "all.txt",
      origin: "missing",
      madeBy: "join.all",
      home: "all.txt",
      readBy: [],
      tasks: [task("join", "shout@t1.loud"), ...["t1", "t2", "t3", "t4"].map((row) => task(`shout@${row}`))],
    },
    { full: false },
  );
  assert.match(text, /^all\.txt\nis not there; it was the output join\.all\n/);
  assert.match(text, /\n {4}in {2}abababab {2}from shout@t1\.loud {2}changed since\n/);
  assert.match(text, /\n {2}shout \(4 rows\) {2}fresh {2}reads 4 files of yours$/);
});
