import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ObjectList, TomogramObject } from "../../../src/objects/object-list.ts";
import { mergeFragments, suppressOverlap } from "../../../src/objects/operations/overlap.ts";

const object = (label: number, x: number, more: Partial<TomogramObject> = {}): TomogramObject => ({
  ...{ label, x, y: 5, z: 5 },
  ...more,
});

describe("objects of different classes that overlap", () => {
  const radius = { 1: 10, 2: 5 };
  const list: ObjectList = [
    object(1, 0, { score: 0.8, clusterSize: 400 }),
    object(2, 4, { score: 0.9, clusterSize: 20 }),
    object(2, 4.1, { score: 0.85, clusterSize: 30 }),
    object(1, 50, { score: 0.1, clusterSize: 10 }),
    object(2, 54.01, { score: 0.2, clusterSize: 400 }),
  ];
  const kept = (by: "score" | "size") =>
    suppressOverlap(list, { radius, share: 0.8, by }).map((each) => list.indexOf(each));

  test("the higher score is kept, and objects of one class leave one another alone", () => {
    assert.deepEqual(kept("score"), [1, 2, 3, 4]);
  });

  test("without scores it is the one that fills more of a ball of its class", () => {
    // 400/10³ is more than 20/5³ and 30/5³; 4.01 is more than 0.8 of the smaller radius
    assert.deepEqual(kept("size"), [0, 2, 3, 4]);
  });

  test("tomograms are kept apart, and what was suppressed suppresses nothing", () => {
    const chain: ObjectList = [
      object(1, 0, { score: 0.9, tomogramId: "a" }),
      object(2, 3, { score: 0.8, tomogramId: "a" }),
      object(1, 6, { score: 0.7, tomogramId: "a" }),
      object(2, 0, { score: 0.1, tomogramId: "b" }),
    ];
    const { length } = suppressOverlap(chain, { radius: 5, share: 0.8, by: "score" });
    assert.equal(length, 3);
  });
});

describe("pieces of one object", () => {
  test("they lie at their centre of mass, with all their voxels", () => {
    const list = [
      object(1, 10, { clusterSize: 30, score: 0.9, margin: 0.6 }),
      object(1, 16, { clusterSize: 10, score: 0.5, margin: 0.2 }),
      object(2, 12, { clusterSize: 10 }),
      object(1, 40, { clusterSize: 10, score: 0.5, margin: 0.2 }),
    ];
    const merged = mergeFragments(list, { radius: 8, share: 0.8 });
    assert.deepEqual(merged.length, 3);
    assert.deepEqual(merged[0], {
      ...list[0],
      x: 11.5,
      clusterSize: 40,
      score: 0.8,
      margin: merged[0]!.margin,
    });
    assert.ok(Math.abs(merged[0]!.margin! - 0.5) < 1e-12);
    assert.equal(merged[1], list[2]);
    assert.equal(merged[2], list[3]);
  });

  test("a row of particles is not drawn together: distances count from the largest alone", () => {
    const row = [5, 4, 3, 2].map((clusterSize, index) => object(1, 6 * index, { clusterSize }));
    const merged = mergeFragments(row, { radius: 7, share: 1 });
    assert.deepEqual(
      merged.map(({ clusterSize }) => clusterSize),
      [9, 5],
    );
  });
});
