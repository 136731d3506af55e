import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryPattern, parseMemory, parseTime, timePattern } from "../../../src/schema/text/quantity.ts";

test("memory in bytes", () => {
  for (const [text, bytes] of [
    [1024, 1024],
    ["16GB", 16e9],
    ["16 GiB", 16 * 2 ** 30],
    ["1.5g", 1.5e9],
    ["500M", 5e8],
    ["2TiB", 2 ** 41],
    ["100", 100],
  ] as const) {
    assert.equal(parseMemory(text), bytes);
    if (typeof text === "string") assert.match(text, new RegExp(memoryPattern, "u"));
  }
});

test("time in seconds", () => {
  for (const [text, seconds] of [
    [90, 90],
    ["90min", 5400],
    ["1.5h", 5400],
    ["2d", 172800],
    ["1:30:00", 5400],
    ["1:30", 5400],
    ["2-12:00", 216000],
    ["30 s", 30],
  ] as const) {
    assert.equal(parseTime(text), seconds);
    if (typeof text === "string") assert.match(text, new RegExp(timePattern, "u"));
  }
});

test("what is neither is refused by parser and pattern alike", () => {
  for (const text of ["lots", "16XB", "-1GB", "1:99:00", "", "1 2"]) {
    assert.equal(parseMemory(text), undefined, text);
    assert.equal(parseTime(text), undefined, text);
    assert.doesNotMatch(text, new RegExp(memoryPattern, "u"));
    assert.doesNotMatch(text, new RegExp(timePattern, "u"));
  }
});
