import assert from "node:assert/strict";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { TomoflowError } from "../../../../src/core/error.ts";
import { openSession } from "../../../../src/session/index.ts";
import type { StepRequest, StepRun } from "../../../../src/studio/protocol/one-step.ts";
import { asWorkflow } from "../../../../src/studio/server/one-step/as-workflow.ts";
import { createStepRunner } from "../../../../src/studio/server/one-step/step-runner.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const simulate: StepRequest = {
  uses: "simulate",
  parameters: { size: [24, 40, 48], counts: 3 },
  rows: [{ id: "t0", values: {}, inputs: {} }],
  classes: { 1: { name: "barrel", radius: 6, shape: "barrel" } },
  folder: "made",
  engine: "auto",
};

async function studio(context: TestContext) {
  const root = await temporaryFolder(context);
  const told: StepRun[] = [];
  let wake: () => void = () => undefined;
  const runner = createStepRunner(
    {
      root,
      resolve: async (path) => {
        if (path.startsWith("..")) throw new TomoflowError("outside", `${path} is not in the project`);
        return join(root, path);
      },
    },
    (run) => {
      told.push(run);
      wake();
    },
  );
  context.after(() => runner.close());
  const until = async (wanted: (run: StepRun) => boolean): Promise<StepRun> => {
    for (;;) {
      const found = told.find(wanted);
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { root, runner, told, until };
}

test("a step runs on files of the project, its results are named, and as a workflow it is right", async (context) => {
  const { root, runner, until } = await studio(context);
  const { ok, run } = await runner.start(simulate);
  assert.deepEqual([ok, run!.number, run!.status], [true, 1, "running"]);
  await assert.rejects(runner.start(simulate), { code: "step-runs" });
  const done = await until(({ status }) => status !== "running");
  assert.equal(done.status, "done", JSON.stringify(done.error));
  assert.deepEqual(
    done.results.map(({ port, path, kind }) => [port, path, kind]),
    [
      ["tomogram", "made/tomogram.mrc", "tomogram"],
      ["objects", "made/objects.xml", "list"],
      ["truth", "made/truth.mrc", "tomogram"],
    ],
  );
  for (const { path, bytes } of done.results) assert.equal((await stat(join(root, path))).size, bytes);

  const cluster: StepRequest = {
    ...simulate,
    uses: "cluster",
    parameters: { minSize: 2, radius: { 1: 5 } },
    rows: [{ values: {}, inputs: { labels: "made/truth.mrc" } }],
    folder: "found",
  };
  await runner.start(cluster);
  const found = await until(({ number, status }) => number === 2 && status !== "running");
  assert.equal(found.status, "done", JSON.stringify(found.error));
  assert.deepEqual(await readdir(join(root, "found")), ["detections.xml"]);

  const path = "work/flow.yaml";
  const text = asWorkflow({
    request: cluster,
    path,
    absolutePath: join(root, path),
    fileParameters: new Set(),
  });
  assert.match(text, /^ {2}- \{id: truth, labels: \.\.\/made\/truth\.mrc\}$/m);
  assert.match(text, /^ {4}with: \{minSize: 2, radius: \{1: 5\}\}$/m);
  const session = await openSession(join(root, path), { text });
  assert.ok(session.ok, JSON.stringify(session.diagnostics));
  assert.deepEqual(await session.value.check(), []);
});

test("mistakes are told where they belong, before anything runs", async (context) => {
  const { root, runner } = await studio(context);
  await writeFile(join(root, "labels.mrc"), "no volume");
  const request: StepRequest = {
    ...simulate,
    uses: "cluster",
    parameters: { minSize: -1 },
    rows: [{ values: {}, inputs: {} }],
  };
  const wrong = await runner.start(request);
  assert.deepEqual([wrong.ok, wrong.run], [false, undefined]);
  assert.deepEqual(
    wrong.mistakes.map(({ path, code }) => [path?.join("."), code]),
    [["parameters.minSize", "wrong-value"]],
  );
  const missing = await runner.check({ ...request, parameters: {} });
  assert.deepEqual(
    missing.mistakes.map(({ path, message, hint }) => [path?.join("."), message, hint?.split(":")[0]]),
    [["rows.0.inputs.labels", "the input labels is missing", "choose its file"]],
  );
  const outside = await runner.check({
    ...request,
    parameters: {},
    rows: [{ values: {}, inputs: { labels: "../secret.mrc" } }],
  });
  assert.deepEqual(
    outside.mistakes.map(({ path, code }) => [path?.join("."), code]),
    [["rows.0.inputs.labels", "outside"]],
  );
  const noVolume = await runner.check({
    ...request,
    parameters: {},
    rows: [{ values: {}, inputs: { labels: "labels.mrc" } }],
  });
  assert.equal(noVolume.ok, false);
  assert.equal(runner.latest(), null);
  await assert.rejects(runner.check({ ...request, uses: "clutser" }), { code: "unknown-kind" });
});

test("a step that is stopped says so and leaves no result", async (context) => {
  const { root, runner, until } = await studio(context);
  await runner.start({ ...simulate, parameters: { size: [200, 320, 320], counts: 60 } });
  runner.stop();
  const stopped = await until(({ status }) => status === "stopped");
  assert.deepEqual([stopped.results, stopped.error], [[], undefined]);
  assert.deepEqual(await readdir(join(root, "made")), []);
});
