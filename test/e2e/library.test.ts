/** A script that uses nothing but the public API, on a real workflow with a real program. */
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as tomoflow from "../../src/index.ts";
import { gitRepository } from "../support/git-repository.ts";
import { temporaryFolder } from "../support/temporary.ts";

const yaml = (flag: string) => `version: 1
name: sorted
tomograms: [{id: a, text: a.txt}]
steps:
  sort:
    uses: command
    with: {inputs: [text], outputs: {sorted: s.txt}, stdout: sorted, run: [sort, ${flag}, "{inputs.text}"]}
`;

test("load, plan, run, trace, draw, compare, report, clean up, check out", async (context) => {
  const folder = await temporaryFolder(context);
  const repository = gitRepository(folder);
  const path = join(folder, "workflow.yaml");
  await writeFile(join(folder, ".gitignore"), ".tomoflow\nresults\n");
  await writeFile(join(folder, "a.txt"), "2\n10\n1\n");
  const runNow = async (flag: string) => {
    await writeFile(path, yaml(flag));
    const loaded = await tomoflow.loadWorkflow(path, { catalog: tomoflow.stepKinds });
    assert.ok(loaded.ok);
    const { counts } = await tomoflow.planWorkflow(loaded.value);
    assert.deepEqual(counts, { fresh: 0, restore: 0, run: 1, pending: 0 });
    const outcomes: string[] = [];
    const summary = await tomoflow.runWorkflow(loaded.value, {
      sink: (event) => {
        if (event.type === "task-ended") outcomes.push(`${event.task} ${event.outcome}`);
      },
    });
    assert.equal(summary.outcome, "done");
    assert.deepEqual(outcomes, ["sort@a done"]);
    repository.commit(flag);
    return loaded.value;
  };
  await runNow("-n");
  const workflow = await runNow("-r");
  const result = join(folder, "results/sorted/sort/a/s.txt");
  assert.equal(await readFile(result, "utf8"), "2\n10\n1\n");

  const provenance = await tomoflow.traceFile(workflow, result);
  assert.equal(provenance.tasks[0]?.id, "sort@a");
  const view = await tomoflow.viewGraph(workflow, { of: "tasks" });
  assert.match(tomoflow.mermaidGraph(view), /sort#64;a<br\/>1 fresh/);
  assert.match(tomoflow.drawGraph(view), /^<svg .*sort@a/s);
  assert.match(await tomoflow.buildReport(workflow), /^<!doctype html>.*sort@a/is);
  assert.equal((await tomoflow.readLockHistory(workflow)).length, 2);
  const { parameters } = await tomoflow.compareLocks(workflow, { revisions: ["HEAD~1", "HEAD"] });
  assert.match(JSON.stringify(parameters), /-n.*-r/);

  const { removed } = await tomoflow.collectGarbage(workflow, { keepLocked: true });
  assert.equal(removed.results.count, 1, "the result of the first run");
  await rm(result);
  const files = await tomoflow.checkoutLock(workflow);
  assert.deepEqual(
    files.map(({ task, outcome }) => [task, outcome]),
    [["sort@a", "restored"]],
  );
  assert.equal(await readFile(result, "utf8"), "2\n10\n1\n");
});
