import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import type { Workflow } from "../../src/schema/workflow.ts";
import { checkEngines } from "../../src/session/engine-check.ts";
import { train } from "../../src/steps/train.ts";
import { stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { tinyClasses, tinyParameters, writeTinyFiles } from "../support/tiny-training-files.ts";

const reason =
  "the engine tensorflow cannot be used: neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed";
const hint =
  /^npm install @tensorflow\/tfjs-node-gpu .* npm install @tensorflow\/tfjs-node .*docs\/engines\.md/;

test("a step with engine: tensorflow says what to install where the package is not, and begins nothing", async (context) => {
  const { rows } = await writeTinyFiles(context);
  const folder = await temporaryFolder(context);
  const trial = stepContext(train, folder, { classes: tinyClasses, rows, parameters: tinyParameters });
  await assert.rejects(Promise.resolve(train.run({ ...trial, engine: "tensorflow" })), {
    name: "TomoflowError",
    code: "engine-unavailable",
    message: reason,
    hint,
  });
  assert.deepEqual(await readdir(folder), []);
});

test("a workflow is told before it runs, once, at the first step that asks for the engine", async () => {
  const location = { file: "workflow.yaml", line: 7, column: 3 };
  const step = (id: string, engine: string, enabled = true) => ({ id, engine, enabled, location });
  const workflow = (...steps: ReturnType<typeof step>[]) => ({ steps }) as unknown as Workflow;
  const some = workflow(
    step("off", "tensorflow", false),
    step("target", "auto"),
    step("train", "tensorflow"),
    step("segment", "tensorflow"),
  );
  const [found, ...more] = await checkEngines(some, undefined);
  assert.deepEqual(more, []);
  assert.equal(found!.message, `step train: ${reason}`);
  assert.equal(found!.location, location);
  assert.match(found!.hint!, hint);
  assert.deepEqual(await checkEngines(some, "onnx"), []);
  assert.deepEqual(await checkEngines(workflow(step("a", "auto"), step("b", "webgpu")), undefined), []);
});
