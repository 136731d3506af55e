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
  const own = rows(8, (row) => ({ code: "parameter", text: `cluster.radius ${row.at(-1)} → 9` }));
  assert.equal(lines(own).length, 8);
});

test("a task is one line, whatever a program wrote before it failed", () => {
  const failed = rows(1, () => ({
    code: "failed",
    text: "the last attempt failed: sh ended with exit status 3; the last it wrote:\n  waiting\n  no licence\n",
  }));
  assert.deepEqual(lines(failed), [
    "segment@t1  pending        the last attempt failed: sh ended with exit status 3; the last it wrote: no licence",
  ]);
});

test("rows whose own files changed share a line", () => {
  const changed = rows(30, (row) => ({
    code: "input",
    text: `data/${row}.mrc changed 3f2a… → 90b${row.at(-1)}…`,
  }));
  assert.deepEqual(lines(changed), ["segment (30 rows)  pending        data/*.mrc changed"]);
  assert.equal(lines(changed, true)[1], "segment@t2   pending        data/t2.mrc changed 3f2a… → 90b2…");
});

test("a task with hundreds of reasons shows a few and counts the rest", () => {
  const reasons = Array.from(
    { length: 300 },
    (_, row): Reason => ({
      code: "input",
      text: `data/t${row}.mrc changed`,
    }),
  );
  const train: PlannedTask = { id: "train", step: "train", state: "run", reasons };
  assert.match(lines([train])[0], /data\/t0\.mrc changed; .*data\/t5\.mrc changed; and 294 more reasons$/);
  assert.match(lines([{ ...train, reasons: reasons.slice(0, 7) }])[0], /; and 1 more reason$/);
});
