import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Random } from "../../../src/core/random.ts";
import { assignPairs, type CandidatePair } from "../../../src/objects/evaluation/assignment.ts";
import { thresholdCurve } from "../../../src/objects/evaluation/curves.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/objects/assignment.json", import.meta.url), "utf8"),
) as {
  readonly cases: readonly {
    readonly pairs: readonly (readonly [row: number, column: number, distance: number])[];
    readonly count: number;
    readonly total: number;
  }[];
};

const pair = (row: number, column: number, distance: number): CandidatePair => ({ row, column, distance });

const total = (pairs: readonly CandidatePair[]): number =>
  pairs.reduce((sum, { distance }) => sum + distance, 0);

function assertOneToOne(chosen: readonly CandidatePair[]): void {
  assert.equal(new Set(chosen.map(({ row }) => row)).size, chosen.length, "a row twice");
  assert.equal(new Set(chosen.map(({ column }) => column)).size, chosen.length, "a column twice");
}

fixture.cases.forEach(({ pairs, count, total: expected }, index) => {
  test(`as many pairs, and as near, as scipy finds (${index + 1}: ${pairs.length} candidates)`, () => {
    const chosen = assignPairs(pairs.map(([row, column, distance]) => pair(row, column, distance)));
    assertOneToOne(chosen);
    assert.equal(chosen.length, count);
    assert.ok(Math.abs(total(chosen) - expected) < 1e-4, `${total(chosen)}, not ${expected}`);
  });
});

test("more pairs come before nearer ones", () => {
  const chosen = assignPairs([pair(0, 0, 1), pair(0, 1, 9), pair(1, 0, 9)]);
  assert.deepEqual(chosen, [pair(0, 1, 9), pair(1, 0, 9)]);
});

test("of equal totals the one with the nearest pair", () => {
  // On a line: truth at 1 and 2, detections at 0 and 1.
  const chosen = assignPairs([pair(0, 0, 1), pair(0, 1, 0), pair(1, 0, 2), pair(1, 1, 1)]);
  assert.deepEqual(chosen, [pair(0, 1, 0), pair(1, 0, 2)]);
});

test("the one left over is the farther; equal ones keep the first", () => {
  assert.deepEqual(assignPairs([pair(0, 0, 3), pair(1, 0, 2), pair(2, 0, 4)]), [pair(1, 0, 2)]);
  assert.deepEqual(assignPairs([pair(0, 0, 2), pair(1, 0, 2)]), [pair(0, 0, 2)]);
  assert.deepEqual(assignPairs([]), []);
});

test("thousands of objects, sparse and in one large component", () => {
  const random = new Random(11);
  for (const [count, size, reach] of [
    [4000, 400, 10],
    [700, 30, 8],
  ]) {
    const place = () => [random.uniform() * size, random.uniform() * size, random.uniform() * size];
    const [truth, found] = [Array.from({ length: count }, place), Array.from({ length: count }, place)];
    const pairs = truth.flatMap((a, row) =>
      found.flatMap((b, column) => {
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        return distance <= reach ? [pair(row, column, distance)] : [];
      }),
    );
    const start = performance.now();
    const chosen = assignPairs(pairs);
    const seconds = (performance.now() - start) / 1000;
    assertOneToOne(chosen);
    const largest = thresholdCurve({ truthCount: count, values: found.map(() => 1), pairs }, 1);
    assert.equal(chosen.length, largest[0].scores.tp, "as many as augmenting paths find");
    assert.ok(seconds < 10, `${seconds} s for ${pairs.length} candidates`);
  }
});
