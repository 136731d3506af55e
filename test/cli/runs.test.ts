import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
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

test("runs lists what was run, and shows what happened in one as its own terminal did", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow("hello"));
  const none = await tomoflow(["runs"], { folder });
  assert.deepEqual([none.stdout, none.stderr], ["", "there was no run of this workflow yet\n"]);
  const first = await tomoflow(["run", "--plain"], { folder });
  await tomoflow(["run"], { folder });
  const list = await tomoflow(["runs"], { folder });
  assert.match(
    list.stdout,
    /^run {20,}began .*\n\d{8}-\d{9}-[0-9a-f]{6} {2}\S+ \S+ +done +\S+ m?s +nothing to do\n\d{8}-\d{9}-[0-9a-f]{6} .* 1 done\n$/,
  );
  const ids = (await readdir(join(folder, ".tomoflow/runs"))).sort().map((name) => name.slice(0, -6));
  const shown = await tomoflow(["runs", ids[0]!], { folder });
  const withoutTimes = (text: string) =>
    text
      .replace(/\[ *[\d.]+ s\] /g, "")
      .replace(/ in [\d.]+ m?s/g, "")
      .replace(/\bslowest.*\n/, "");
  assert.equal(withoutTimes(shown.stdout), withoutTimes(first.stdout));

  const json = await tomoflow(["runs", "workflow.yaml", ids[0]!, "--json", "--after", "2"], { folder });
  const records = json.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual([records[0].number, records[0].run, records.at(-1).event.type], [3, ids[0], "run-ended"]);
  const last = await tomoflow(["runs", "last", "--json", "--follow"], { folder });
  assert.match(last.stdout, new RegExp(`^\\{"run":"${ids[1]}","number":1,`));
  const listed = JSON.parse((await tomoflow(["runs", "--json"], { folder })).stdout);
  assert.deepEqual(
    listed.map(({ id, state }: { id: string; state: string }) => [id, state]),
    [
      [ids[1], "done"],
      [ids[0], "done"],
    ],
  );
  const wrong = await tomoflow(["runs", "20010101-000000000-000000"], { folder });
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /^error: there is no record of a run 20010101-000000000-000000\nhint: tomoflow runs/,
  );
});

test("status and the report tell of the runs", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow("hello"));
  await tomoflow(["run"], { folder });
  const status = await tomoflow(["status"], { folder });
  assert.match(
    status.stdout,
    /\nlast run [\d-]+ [\d:]+ \(\d{8}-\d{9}-[0-9a-f]{6}\): done after .*s, 1 done\n$/,
  );
  const { lastRun } = JSON.parse((await tomoflow(["status", "--json"], { folder })).stdout);
  assert.deepEqual([lastRun.state, lastRun.asked.name, lastRun.end.counts.done], ["done", "notes", 1]);
  const report = await tomoflow(["report", "-o", "-"], { folder });
  assert.match(
    report.stdout,
    new RegExp(`<h2>Runs</h2>[\\s\\S]*<td>${lastRun.id}</td>[\\s\\S]*<td>done</td>`),
  );
});
