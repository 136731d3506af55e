import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEngines } from "../../src/session/engine-check.ts";

const location = { file: "workflow.yaml", line: 7, column: 3 };
const step = (id: string, engine: string) => ({ id, engine, location });

test("an engine that cannot be opened is told once, at the first step that asks for it", async () => {
  const steps = [step("target", "auto"), step("train", "tensorflow"), step("segment", "tensorflow")];
  const [found, ...more] = await checkEngines(steps, undefined);
  assert.deepEqual(more, []);
  assert.equal(
    found!.message,
    "step train: the engine tensorflow cannot be used: neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed",
  );
  assert.equal(found!.location, location);
  assert.match(found!.hint!, /^npm install @tensorflow\/tfjs-node-gpu .*docs\/engines\.md/);
});

test("the engine asked for takes the place of those of the steps", async () => {
  assert.deepEqual(await checkEngines([step("train", "tensorflow")], "onnx"), []);
  const [found] = await checkEngines([step("train", "onnx")], "tensorflow");
  assert.match(found!.message, /^--engine: the engine tensorflow cannot be used: /);
});
