import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { success } from "../../../src/core/result.ts";
import type { WorkerMessage } from "../../../src/runner/index.ts";
import { checkSingleStep, type SingleStep } from "../../../src/session/single-step/check.ts";
import { rowOfFlags } from "../../../src/session/single-step/rows.ts";
import { runInWorker } from "../../../src/session/single-step/worker.ts";
import { stepKinds } from "../../../src/steps/catalog.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const barrel = success([{ label: 1, name: "barrel", radius: 6, shape: "barrel" }]);

async function prepared(
  name: string,
  { parameters = {}, files = {}, folder }: { parameters?: object; files?: object; folder: string },
): Promise<SingleStep> {
  const step = await checkSingleStep({
    kind: stepKinds.get(name)!,
    parameters: parameters as Record<string, unknown>,
    folder,
    rows: ({ inputs }) => rowOfFlags(inputs, new Map(Object.entries(files)), { id: "t0" }),
    classes: barrel,
    outputs: new Map(),
  });
  assert.ok(step.ok, JSON.stringify(step.diagnostics));
  return step.value;
}

function run(step: SingleStep, folder: string, stop = new AbortController()) {
  const messages: WorkerMessage[] = [];
  const ended = runInWorker(step, {
    given: new Map(),
    folder,
    engine: "auto",
    stop: stop.signal,
    kill: new AbortController().signal,
    onMessage: (message) => messages.push(message),
    onOutput: () => undefined,
  });
  return { ended, messages };
}

async function simulated(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  const step = await prepared("simulate", { parameters: { size: [24, 40, 48], counts: 3 }, folder });
  const outputs = await run(step, folder).ended;
  assert.equal(outputs.tomogram, join(folder, "tomogram.mrc"));
  return folder;
}

test("a step runs in a process of its own: its outputs are there, nothing else is left", async (context) => {
  const folder = await simulated(context);
  assert.deepEqual((await readdir(folder)).sort(), ["objects.xml", "tomogram.mrc", "truth.mrc"]);
  const files = { objects: join(folder, "objects.xml"), tomogram: join(folder, "tomogram.mrc") };
  const { ended, messages } = run(await prepared("target", { files, folder }), folder);
  assert.deepEqual(await ended, { target: join(folder, "target.mrc") });
  assert.ok(messages.some(({ type }) => type === "metrics" || type === "progress" || type === "log"));
});

test("what goes wrong in the process is told as the step told it, and leaves no output", async (context) => {
  const folder = await simulated(context);
  const files = { objects: join(folder, "objects.xml"), tomogram: join(folder, "tomogram.mrc") };
  const step = await prepared("target", { files, folder });
  const broken = {
    ...step,
    context: {
      ...step.context,
      rows: [{ ...step.context.rows[0]!, files: { ...files, objects: join(folder, "gone.xml") } }],
    },
  };
  await assert.rejects(run(broken, folder).ended, { code: "file-missing" });
  assert.deepEqual((await readdir(folder)).sort(), ["objects.xml", "tomogram.mrc", "truth.mrc"]);
});

test("a step that is stopped ends as stopped", async (context) => {
  const folder = await temporaryFolder(context);
  const step = await prepared("simulate", { parameters: { size: [200, 300, 300], counts: 40 }, folder });
  const stop = new AbortController();
  const { ended } = run(step, folder, stop);
  stop.abort();
  await assert.rejects(ended, { name: "AbortError" });
  assert.deepEqual(await readdir(folder), []);
});

test("each mistake says which part of the request it is about", async (context) => {
  const folder = await temporaryFolder(context);
  const step = await checkSingleStep({
    kind: stepKinds.get("cluster")!,
    parameters: {},
    folder,
    rows: ({ inputs }) => rowOfFlags(inputs, new Map([["labels", join(folder, "no.mrc")]])),
    classes: barrel,
    outputs: new Map([["detections", "found.doc"]]),
  });
  assert.deepEqual(
    step.diagnostics.map((mistake) => [mistake.code, (mistake as { path?: unknown }).path]),
    [
      ["file-missing", ["inputs", "labels"]],
      ["output-format-unknown", ["outputs", "detections"]],
    ],
  );
  const wrong = await checkSingleStep({
    kind: stepKinds.get("cluster")!,
    parameters: { minSize: -1 },
    folder,
    rows: ({ inputs }) => rowOfFlags(inputs, new Map()),
    classes: barrel,
    outputs: new Map(),
  });
  assert.deepEqual((wrong.diagnostics[0] as { path?: unknown }).path, ["parameters", "minSize"]);
});
