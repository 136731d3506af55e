import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Confusion } from "../../src/training/confusion.ts";

interface Answer {
  readonly truth: number[];
  readonly predicted: number[];
  readonly counts: number[];
  readonly accuracy: number;
  readonly precision: number[];
  readonly recall: number[];
  readonly f1: number[];
}

const fixture = new URL("../fixtures/training/confusion.json", import.meta.url);
const sklearn = JSON.parse(readFileSync(fixture, "utf8")) as Answer;

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < 1e-12, `${actual} is not ${expected}`);
}

test("by hand: three classes", () => {
  const confusion = new Confusion(3);
  confusion.add(Uint8Array.of(0, 0, 0, 1, 1, 2), Uint8Array.of(0, 0, 1, 1, 2, 2));
  assert.deepEqual([...confusion.counts], [2, 1, 0, 0, 1, 1, 0, 0, 1]);
  assertNear([confusion.accuracy], [4 / 6]);
  assertNear(confusion.precision, [1, 1 / 2, 1 / 2]);
  assertNear(confusion.recall, [2 / 3, 1 / 2, 1]);
  assertNear(confusion.f1, [0.8, 1 / 2, 2 / 3]);
});

test("scikit-learn's scores, with a class that is never true and one that is never predicted", () => {
  const confusion = new Confusion(5);
  for (const [from, to] of [
    [0, 100],
    [100, 300],
  ])
    confusion.add(
      Uint8Array.from(sklearn.truth.slice(from, to)),
      Uint8Array.from(sklearn.predicted.slice(from, to)),
    );
  assert.deepEqual([...confusion.counts], sklearn.counts);
  assert.deepEqual([sklearn.recall[4], sklearn.precision[2]], [0, 0]);
  assertNear([confusion.accuracy], [sklearn.accuracy]);
  for (const score of ["precision", "recall", "f1"] as const) assertNear(confusion[score], sklearn[score]);
});

test("nothing counted: 0, not NaN", () => {
  const { accuracy, f1 } = new Confusion(2);
  assert.deepEqual([accuracy, ...f1], [0, 0, 0]);
});
