import assert from "node:assert/strict";
import { test } from "node:test";
import { planTable } from "../../src/cli/plan-table.ts";
import type { PlannedTask, Reason } from "../../src/runner/events.ts";

const rows = (number: number, reason: (row: string) => Reason): PlannedTask[] =>
  Array.from({ length: number }, (_, index) => {
    const row = `t${index + 1}`;
    return { id: `segment@${row}`, step: "segment", row, state: "pending", reasons: [reason(row)] };
  });

const lines = (tasks: readonly PlannedTask[], all = false) => planTable(tasks, { all }).split("\n").slice(1);

test("rows that differ only in what row they wait for share a line", () => {
  const tasks = rows(300, (row) => ({ code: "upstream", text: `waits for target@${row}` }));
  assert.deepEqual(lines(tasks), ["segment (300 rows)  pending        waits for target"]);
  assert.equal(lines(tasks, true).length, 300);
  assert.equal(lines(tasks, true)[299], "segment@t300  pending        waits for target@t300");
  const added = rows(7, (row) => ({ code: "row", text: `new row ${row}` }));
  assert.deepEqual(lines(added), ["segment (7 rows)  pending        new row"]);
});

test("a few rows, and rows with reasons of their own, have a line each", () => {
  assert.equal(lines(rows(5, () => ({ code: "new", text: "has not run yet" }))).length, 5);
  const changed = rows(8, (row) => ({ code: "input", text: `data/${row}.mrc changed` }));
  assert.equal(lines(changed).length, 8);
});

test("a task is one line, whatever a program wrote before it failed", () => {
  const failed = rows(1, () => ({
    code: "failed",
    text: "the last attempt failed: sh ended with exit status 3; the last it wrote:\n  no licence",
  }));
  assert.deepEqual(lines(failed), [
    "segment@t1  pending        the last attempt failed: sh ended with exit status 3; the last it wrote",
  ]);
});
