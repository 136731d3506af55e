import assert from "node:assert/strict";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Parameters } from "../../../src/schema/step-description.ts";
import { checkpointFolderOf } from "../../../src/session/single-step/checkpoint-folder.ts";
import type { StepContext, StepKind } from "../../../src/steps/step-kind.ts";
import { train } from "../../../src/steps/train.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("another tomogram under the same name, other weights or a mask made anew find no checkpoint of before", async (context) => {
  const folder = await temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  const names = ["t0.mrc", "first.h5", "mask.mrc"];
  for (const name of names) await writeFile(path(name), "one");
  const step: StepContext = {
    parameters: { epochs: 3, initialWeights: path("first.h5") },
    rows: [{ id: "t0", values: { split: "train" }, files: { tomogram: path("t0.mrc") } }],
    classes: [{ label: 1, name: "a", mask: path("mask.mrc") }],
  };
  const find = (changed: Partial<StepContext> = {}) =>
    checkpointFolderOf(train as unknown as StepKind<Parameters>, { ...step, ...changed }, folder);
  const found = [await find()];
  assert.equal(await find(), found[0], "the same again");
  for (const name of names) {
    await writeFile(path(name), "two!");
    found.push(await find());
    await utimes(path(name), 1e9, 1e9);
    found.push(await find());
  }
  found.push(await find({ parameters: { ...step.parameters, epochs: 4 } }));
  assert.equal(new Set(found).size, 8);
});
