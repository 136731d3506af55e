import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = (text: string) => `version: 1
name: notes
tomograms: [{id: a}]
steps:
  note: {uses: command, with: {outputs: {note: note.txt}, run: [printf, "%s", ${text}], stdout: note}}
`;

test("logs shows the attempt that made what is there, says so, and any other when asked", async (context) => {
  const folder = await temporaryFolder(context);
  for (const text of ["hello", "bye", "hello"]) {
    await writeFile(join(folder, "workflow.yaml"), workflow(text));
    assert.equal((await tomoflow(["run"], { folder })).code, 0);
  }
  const shown = await tomoflow(["logs", "note"], { folder });
  assert.match(shown.stdout, /\$ printf %s hello/);
  assert.equal(
    shown.stderr,
    "note@a: .tomoflow/logs/workflow/note@a/1.log\nattempt 1 made the result that is there; the last was another: --attempt 2\n",
  );
  const second = await tomoflow(["logs", "note@a", "--attempt", "2"], { folder });
  assert.match(second.stdout, /\$ printf %s bye/);
  assert.equal(second.stderr, "note@a: .tomoflow/logs/workflow/note@a/2.log\n");
  const third = await tomoflow(["logs", "note", "--attempt", "3"], { folder });
  assert.equal(third.code, 2);
  assert.match(
    third.stderr,
    /^error: there is no log of attempt 3 at note@a\nhint: the last was attempt 2; tomoflow gc removes old ones\n$/,
  );
  const json = JSON.parse((await tomoflow(["logs", "note", "--json"], { folder })).stdout);
  assert.deepEqual([json.task, json.attempt, json.latest], ["note@a", 1, 2]);
  assert.match(json.text, /\$ printf %s hello/);
});

test("a list of many logs is cut off, unless all are asked for", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow("hello"));
  for (let row = 0; row < 25; row++) {
    const place = join(folder, `.tomoflow/logs/workflow/note@r${row}`);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "1.log"), "");
  }
  const some = await tomoflow(["logs"], { folder });
  assert.equal(some.stdout.trim().split("\n").length, 21);
  assert.equal(some.stderr, "and 5 older ones: --all lists them\n");
  const all = await tomoflow(["logs", "--all"], { folder });
  assert.deepEqual([all.stdout.trim().split("\n").length, all.stderr], [26, ""]);
  assert.equal(JSON.parse((await tomoflow(["logs", "--json"], { folder })).stdout).length, 25);
});
