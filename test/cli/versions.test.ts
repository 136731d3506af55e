import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { LockComparison, LockRevision } from "../../src/runner/revisions/index.ts";
import { editWorkflow, smallWorkflow } from "../e2e/workflow.ts";
import { tomoflow } from "../support/command-line.ts";
import { gitRepository } from "../support/git-repository.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("history, compare and variants at the command line", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), `${smallWorkflow}variants: {strict: {minSize: 200}}\n`);
  const say = async (...words: string[]) => {
    const { code, stdout, stderr } = await tomoflow(words, { folder });
    assert.deepEqual([code, stderr], [0, ""], stdout);
    const long = stdout.split("\n").filter((line) => !line.startsWith("{") && line.length > 80);
    if (!words.includes("--all") && !words.includes("--json")) assert.deepEqual(long, []);
    return stdout;
  };
  const outside = await tomoflow(["history"], { folder });
  assert.equal(outside.code, 2);
  assert.match(outside.stderr, /^error: .* is not in a git repository\nhint: git init/);

  await say("run", "--json");
  const { commit } = gitRepository(folder);
  await writeFile(join(folder, ".gitignore"), "results/\n");
  const first = commit("Loose");
  await editWorkflow(folder, "minSize: 3", "minSize: 200");
  await say("run", "--json");
  assert.match(await say("history"), /^working tree {2}not committed {2}\(\d+ values changed\)\n/);
  const second = commit("Strict");

  const history = await say("history", "workflow.yaml");
  assert.match(history, new RegExp(`^${second.slice(0, 8)} {2}\\d{4}-\\d\\d-\\d\\d {2}Strict {2}\\(`));
  assert.match(history, /\n {2}evaluate {2}macro\.f1 1 → 0\.\d+ /);
  assert.match(history, new RegExp(`\n\n${first.slice(0, 8)} .* Loose\n {2}evaluate {2}macro\\.f1 1 `));
  const json = JSON.parse(await say("history", "--json", "-n", "1")) as LockRevision[];
  assert.deepEqual([json.length, json[0]!.commit], [1, second]);

  // what is compared needs no data and no results
  await rm(join(folder, "results"), { recursive: true });
  const compared = await say("compare", "HEAD~1");
  assert.match(
    compared,
    /^ +HEAD~1 \([0-9a-f]{7}\) +working tree\nparameters\n {2}cluster\.minSize +3 +200\nmetrics\n/,
  );
  assert.match(compared, /\n {2}evaluate macro\.f1 +1 +0\.\d+ +−0\.\d+\n/);
  assert.match(compared, /\n\ndiffer: 1 of \d+ parameters, \d+ of \d+ metrics/);
  const all = await say("compare", "workflow.yaml", "HEAD~1", "HEAD", "--all");
  assert.match(all, /\n {2}simulate\.size +\[32,64,72\] +\[32,64,72\]\n/);

  const variant = await say("run", "--variant", "strict", "--json");
  assert.doesNotMatch(variant, /"outcome":"failed"/);
  assert.match(await readFile(join(folder, "workflow@strict.lock.yaml"), "utf8"), /minSize: 200/);
  const sides = JSON.parse(await say("compare", "--variant", "strict", "--json")) as LockComparison;
  assert.deepEqual(
    sides.sides.map(({ label }) => label),
    ["working tree", "strict"],
  );
  assert.deepEqual(
    sides.parameters.filter(({ differs }) => differs),
    [],
  );

  const wrong = await tomoflow(["compare", "nowhere"], { folder });
  assert.deepEqual([wrong.code, wrong.stderr.split("\n")[0]], [2, "error: git knows no revision nowhere"]);
});

test("report at the command line: a page of the small workflow, to a file or to standard output", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), smallWorkflow);
  assert.equal((await tomoflow(["run"], { folder })).code, 0);
  const written = await tomoflow(["report", "-o", "page.html"], { folder });
  assert.deepEqual([written.code, written.stdout, written.stderr], [0, "", "wrote page.html\n"]);
  const page = await readFile(join(folder, "page.html"), "utf8");
  assert.match(page, /<b>1<\/b><span>macro\.f1<\/span><small>evaluate<\/small>/);
  assert.match(page, /<b>evaluate\.confusionPicture<\/b>/);
  const printed = await tomoflow(["report", "-o", "-"], { folder });
  assert.equal(printed.stdout, page);
  const nowhere = await tomoflow(["report", "-o", "no/such/page.html"], { folder });
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /^error: no\/such\/page\.html does not exist: there is no folder no\nhint: /);
});
