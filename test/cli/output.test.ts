import assert from "node:assert/strict";
import { test } from "node:test";
import {
  count,
  formatDuration,
  formatMetric,
  formatTable,
  paint,
  showsColors,
} from "../../src/cli/output.ts";

test("durations are short at every scale, and never read 60", () => {
  const shown = [0, 0.0421, 0.0994, 0.0996, 0.26, 9.94, 9.96, 59.4, 59.6, 61, 3599.4, 3599.6, 7500, 360000];
  assert.deepEqual(shown.map(formatDuration), [
    "0 ms",
    "42 ms",
    "99 ms",
    "0.1 s",
    "0.3 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 00 s",
    "1 min 01 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 05 min",
    "100 h 00 min",
  ]);
});

test("metrics show the digits that matter", () => {
  assert.deepEqual([0, 12, 0.93456, -0.5, 123.456, 0.000031, 1234567.5].map(formatMetric), [
    "0",
    "12",
    "0.935",
    "-0.500",
    "123.5",
    "3.1e-5",
    "1.2e+6",
  ]);
});

test("a table aligns its columns, whatever their colours, and leaves no blanks at the end", () => {
  const table = formatTable(
    [
      ["a", "12", "x"],
      ["\u001b[31mbbb\u001b[39m", "3", ""],
    ],
    { align: ["left", "right"], header: ["one", "two", "three"] },
  );
  assert.equal(table, "one  two  three\na     12  x\n\u001b[31mbbb\u001b[39m    3");
});

test("a table of no rows is empty", () => assert.equal(formatTable([]), ""));

test("one task, several tasks", () =>
  assert.deepEqual([count(1, "task"), count(2, "task")], ["1 task", "2 tasks"]));

test("colours follow the terminal, NO_COLOR and FORCE_COLOR", (context) => {
  const before = { ...process.env };
  context.after(() => {
    process.env = before;
  });
  const terminal = { isTTY: true } as NodeJS.WriteStream;
  const pipe = { isTTY: false } as NodeJS.WriteStream;
  const shown = (stream: NodeJS.WriteStream, env: Record<string, string>): boolean => {
    process.env = { TERM: "xterm", ...env };
    return showsColors(stream);
  };
  assert.equal(shown(terminal, {}), true);
  assert.equal(shown(pipe, {}), false);
  assert.equal(shown(pipe, { FORCE_COLOR: "1" }), true);
  assert.equal(shown(terminal, { FORCE_COLOR: "0" }), false);
  assert.equal(shown(terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
  assert.equal(shown(terminal, { TERM: "dumb" }), false);
  process.env = { TERM: "xterm" };
  assert.equal(paint("red", "x", terminal), "\u001b[31mx\u001b[39m");
  assert.equal(paint("red", "x", pipe), "x");
});
