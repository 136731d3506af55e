import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../../src/core/random.ts";
import { createMatchGraph, maskHolds } from "../../../src/objects/evaluation/candidates.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { rotationOf } from "../../../src/volume/rotation.ts";
import { findTurnedVoxels, prepareMask } from "../../../src/volume/turned-mask.ts";
import { pairsOfGraph } from "../../support/listed-pairs.ts";

const at = (label: number, z: number, y: number, x: number) => ({ label, z, y, x });

describe("by distance", () => {
  test("within the distance of the truth's class, ends included, whatever the detection's class", () => {
    const truth: ObjectList = [at(1, 10, 20, 30), at(2, 10, 20, 36)];
    const detections: ObjectList = [at(2, 10, 23, 34), at(1, 10, 20, 38.5)];
    const graph = createMatchGraph(truth, detections, {
      type: "distance",
      distance: { 1: 5, 2: 2.5 },
    });
    assert.deepEqual(pairsOfGraph(graph), [
      { row: 0, column: 0, distance: 5 },
      { row: 1, column: 1, distance: 2.5 },
    ]);
  });

  test("finds what a plain search finds, across cells and below zero", () => {
    const random = new Random(3);
    const list = (): ObjectList =>
      Array.from({ length: 150 }, () =>
        at(1, random.uniform() * 30 - 5, random.uniform() * 40, random.uniform() * 50),
      );
    const [truth, detections] = [list(), list()];
    const expected = truth.flatMap((a, row) =>
      detections.flatMap((b, column) =>
        Math.sqrt((a.z - b.z) ** 2 + (a.y - b.y) ** 2 + (a.x - b.x) ** 2) <= 7.5 ? [`${row} ${column}`] : [],
      ),
    );
    const graph = createMatchGraph(truth, detections, { type: "distance", distance: 7.5 });
    assert.ok(expected.length > 100);
    for (const side of ["rows", "columns"] as const)
      assert.deepEqual(
        pairsOfGraph(graph, side).map(({ row, column }) => `${row} ${column}`),
        expected,
        `as the ${side} tell them`,
      );
  });

  test("a class without a distance is an error", () => {
    assert.throws(() => createMatchGraph([at(4, 0, 0, 0)], [], { type: "distance", distance: { 1: 5 } }), {
      code: "distance-missing",
      message: /class 4/,
    });
  });
});

describe("by shape", () => {
  for (const side of [12, 13])
    test(`a mask of side ${side} holds exactly the voxels that a shape target paints`, () => {
      const random = new Random(side);
      const data = Float32Array.from({ length: side ** 3 }, (_, index) => {
        const [z, y, x] = [Math.floor(index / side ** 2), Math.floor(index / side) % side, index % side];
        return (z - 5) ** 2 / 20 + (y - 6) ** 2 / 9 + (x - 7) ** 2 / 4 <= 1 || random.uniform() < 0.02
          ? 1
          : 0;
      });
      const mask = prepareMask({ data, shape: [side, side, side] });
      for (const [phi, psi, the] of [
        [0, 0, 0],
        [30, -142, 83],
        [90, 0, 180],
        [12.5, 77, 45],
      ]) {
        const rotation = rotationOf({ phi, psi, the });
        const painted = new Int32Array(side ** 3);
        const expected = new Set(painted.subarray(0, findTurnedVoxels(mask, rotation, painted)));
        const half = Math.floor(side / 2);
        for (let index = 0; index < side ** 3; index++) {
          const offset = [Math.floor(index / side ** 2), Math.floor(index / side) % side, index % side];
          const [z, y, x] = offset.map((value) => value - half);
          assert.equal(
            maskHolds(mask, rotation, [z, y, x]),
            expected.has(index),
            `${phi} ${psi} ${the} at ${offset}`,
          );
        }
        assert.equal(maskHolds(mask, rotation, [-half - 1, 0, 0]), false);
      }
    });

  const rod = new Float32Array(11 ** 3);
  for (let x = 1; x < 10; x++)
    for (const y of [4, 5, 6]) for (const z of [4, 5, 6]) rod[(z * 11 + y) * 11 + x] = 1;
  const masks = new Map([[1, prepareMask({ data: rod, shape: [11, 11, 11] })]]);

  test("a detection matches inside the turned mask, however far from the centre", () => {
    const angles = { phi: 90, psi: 0, the: 0 };
    const along = createMatchGraph(
      [{ ...at(1, 20, 20, 20), ...angles }],
      [at(1, 20, 23, 20), at(1, 20, 20, 23)],
      {
        type: "shapes",
        masks,
      },
    );
    for (const side of ["rows", "columns"] as const)
      assert.deepEqual(pairsOfGraph(along, side), [{ row: 0, column: 0, distance: 3 }]);
  });

  test("truth without angles, or a class without a mask, is an error", () => {
    const detections = [at(1, 20, 20, 20)];
    assert.throws(() => createMatchGraph([at(1, 20, 20, 20)], detections, { type: "shapes", masks }), {
      code: "angles-missing",
    });
    assert.throws(() => createMatchGraph([at(2, 20, 20, 20)], detections, { type: "shapes", masks }), {
      code: "mask-missing",
    });
  });
});
