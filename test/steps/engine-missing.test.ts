import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
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
