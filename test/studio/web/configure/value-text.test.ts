import assert from "node:assert/strict";
import { test } from "node:test";
import type { Control } from "../../../../src/studio/protocol/forms.ts";
import {
  numberOrText,
  textOfValue,
  valueOfCell,
  valueOfText,
} from "../../../../src/studio/web/configure/fields/value-text.ts";

const cases: readonly (readonly [Control, string, unknown])[] = [
  [{ type: "number" }, "56", 56],
  [{ type: "number" }, " 1e-4 ", 0.0001],
  [{ type: "number" }, "-.5", -0.5],
  [{ type: "number" }, "auto", "auto"],
  [{ type: "number" }, "12 voxels", "12 voxels"],
  [{ type: "number" }, "1_000", "1_000"],
  [{ type: "number" }, "", undefined],
  [{ type: "number" }, "${params.epochs}", "${params.epochs}"],
  [{ type: "list" }, "32, 48, 64", [32, 48, 64]],
  [{ type: "list" }, "[32,48]", [32, 48]],
  [{ type: "list" }, "64", 64],
  [{ type: "list" }, "64,", [64]],
  [{ type: "list" }, "tomogram objects", ["tomogram", "objects"]],
  [{ type: "switch" }, "true", true],
  [{ type: "choice", choices: ["auto", "true", "false"] }, "false", false],
  [{ type: "choice", choices: ["auto", "true", "false"] }, "auto", "auto"],
  [{ type: "text" }, "007", "007"],
  [{ type: "file" }, "a file.mrc", "a file.mrc"],
  [{ type: "file" }, "${a.best}, ${b.best}", "${a.best}, ${b.best}"],
  [{ type: "file" }, "a.h5, b.h5", ["a.h5", "b.h5"]],
  [{ type: "lines" }, "node\n  {files.script}\n\n", ["node", "{files.script}"]],
];

for (const [control, text, value] of cases)
  test(`${control.type}: ${JSON.stringify(text)} is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(valueOfText(text, control), value);
  });

test("values are shown as they are typed", () => {
  assert.deepEqual(
    [56, 0.0001, "auto", [64, 128, 128], true, null, undefined, { 1: 6 }, [[1, 2], 3]].map(textOfValue),
    ["56", "0.0001", "auto", "64, 128, 128", "true", "", "", '{"1":6}', "[1,2], 3"],
  );
});

test("cells hold numbers only where nothing of the text is lost", () => {
  assert.deepEqual(
    ["12", "1.50", "007", "true", "train", " ", "1e400", "12345678901234567890"].map(valueOfCell),
    [12, "1.50", "007", true, "train", undefined, "1e400", "12345678901234567890"],
  );
  assert.equal(numberOrText("0x10"), "0x10");
});
