import assert from "node:assert/strict";
import { test } from "node:test";
import { errorDiagnostic, formatDiagnostic } from "../../src/core/diagnostic.ts";

test("of a line that no screen holds, what is around the place is shown", () => {
  const sourceLine = `${"a".repeat(5_000)}WRONG${"b".repeat(5_000)}`;
  const location = { file: "a.xml", line: 1, column: 5_001, length: 5, sourceLine };
  const [first, shown, caret] = formatDiagnostic(errorDiagnostic("x", "wrong", { location })).split("\n");
  assert.equal(first, "a.xml:1:5001: error: wrong");
  assert.ok(shown!.length < 220 && shown!.startsWith("  …a") && shown!.endsWith("b…"));
  assert.equal(shown!.slice(caret!.indexOf("^"), caret!.lastIndexOf("^") + 1), "WRONG");
});
