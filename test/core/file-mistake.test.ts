import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { TomoflowError } from "../../src/core/error.ts";
import { fileMistake, lookAtFile } from "../../src/core/file-mistake.ts";

test("a look at a file gives what it finds, or adds the mistake that it throws, at the file", async () => {
  const diagnostics: Diagnostic[] = [];
  assert.equal(await lookAtFile("a.mrc", diagnostics, async () => 7), 7);
  assert.deepEqual(diagnostics, []);
  const look = async () => {
    throw new TomoflowError("mrc-truncated", "a.mrc is cut off", { hint: "copy it again" });
  };
  assert.equal(await lookAtFile("a.mrc", diagnostics, look), undefined);
  assert.deepEqual(diagnostics, [
    {
      code: "mrc-truncated",
      severity: "error",
      message: "a.mrc is cut off",
      location: { file: "a.mrc" },
      hint: "copy it again",
    },
  ]);
});

test("what is no mistake of the user's goes on", async () => {
  const bug = new TypeError("x is not a function");
  assert.throws(() => fileMistake(bug, "a.mrc"), bug);
  const diagnostics: Diagnostic[] = [];
  await assert.rejects(
    lookAtFile("a.mrc", diagnostics, () => Promise.reject(bug)),
    bug,
  );
  assert.deepEqual(diagnostics, []);
});
