import assert from "node:assert/strict";
import { test } from "node:test";
import { paceMeter } from "../../../src/runner/execution/progress.ts";

/** Paces told at the given seconds and amounts, of 100. */
function pacesOf(reports: readonly (readonly [second: number, done: number])[]) {
  let second = 0;
  const pace = paceMeter(() => second);
  return reports.map(([at, done]) => {
    second = at;
    return pace(done, 100);
  });
}

test("the pace is that since the first report, whatever came before it", () => {
  const paces = pacesOf([
    [100, 40],
    [110, 50],
  ]);
  assert.deepEqual(paces, [{}, { ratePerSecond: 1, etaSeconds: 50 }]);
});

test("no time left is told from the first moments, but at the end", () => {
  const paces = pacesOf([
    [0, 0],
    [1, 1],
    [2, 50],
  ]);
  assert.deepEqual(paces.slice(1), [{ ratePerSecond: 1 }, { ratePerSecond: 25, etaSeconds: 2 }]);
  assert.deepEqual(
    pacesOf([
      [0, 0],
      [1, 100],
    ]),
    [{}, { ratePerSecond: 100, etaSeconds: 0 }],
  );
});

test("work that starts over is measured anew", () => {
  const paces = pacesOf([
    [0, 0],
    [4, 40],
    [5, 10],
    [10, 20],
  ]);
  assert.deepEqual(paces[2], {});
  assert.deepEqual(paces[3], { ratePerSecond: 2, etaSeconds: 40 });
});
