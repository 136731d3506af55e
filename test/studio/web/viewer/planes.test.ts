import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aspectOf,
  type Plane,
  panBy,
  pointOf,
  positionAt,
  type View,
  within,
  zoomAt,
  zoomToFit,
} from "../../../../src/studio/web/viewer/planes.ts";

const view: View = { centre: [30, 20, 10], zoom: 4, aspect: [1, 1, 2], yUp: false };
const size = { width: 300, height: 200 };

for (const yUp of [false, true])
  for (const plane of ["xy", "xz", "yz"] as Plane[])
    test(`a point of ${plane} is where its position says, ${yUp ? "y upwards" : "y downwards"}`, () => {
      const turned = { ...view, yUp };
      const point = pointOf([33, 19, 11.5], plane, turned, size);
      const expected = {
        xy: { left: 150 + 3 * 4, top: 100 + (yUp ? 4 : -4) },
        xz: { left: 162, top: 100 + 1.5 * 8 },
        yz: { left: 150 + 1.5 * 8, top: 100 + (yUp ? 4 : -4) },
      }[plane];
      assert.deepEqual(point, expected);
      assert.deepEqual(positionAt(point, plane, turned, { size, position: [33, 19, 11.5] }), [33, 19, 11.5]);
    });

test("zooming keeps what is under the pointer", () => {
  const point = { left: 40, top: 170 };
  for (const plane of ["xy", "xz", "yz"] as Plane[]) {
    const before = positionAt(point, plane, view, { size, position: [0, 0, 0] });
    const next = zoomAt(view, 1.7, { plane, point, size });
    const after = positionAt(point, plane, next, { size, position: [0, 0, 0] });
    assert.ok(before.every((value, axis) => Math.abs(value - after[axis]!) < 1e-9));
    assert.equal(next.zoom, 4 * 1.7);
  }
  assert.equal(zoomAt(view, 1e9, { plane: "xy", point, size }).zoom, 64);
});

test("a drag takes along what is under the pointer", () => {
  const point = { left: 40, top: 170 };
  const before = positionAt(point, "yz", { ...view, yUp: true }, { size, position: [0, 0, 0] });
  const moved = panBy({ ...view, yUp: true }, "yz", { left: 16, top: -12 });
  assert.deepEqual(positionAt({ left: 56, top: 158 }, "yz", moved, { size, position: [0, 0, 0] }), before);
});

test("what fits is what the tightest pane allows; voxels that are no cubes count as long as they are", () => {
  assert.equal(
    zoomToFit([100, 50, 20], [1, 1, 1], [{ plane: "xy", size: { width: 400, height: 400 } }]),
    0.96 * 4,
  );
  assert.equal(
    zoomToFit([100, 50, 20], [1, 1, 10], [{ plane: "xz", size: { width: 400, height: 400 } }]),
    0.96 * 2,
  );
  assert.deepEqual(aspectOf([10, 10, 25]), [1, 1, 2.5]);
  assert.deepEqual(aspectOf(null), [1, 1, 1]);
  assert.deepEqual(aspectOf([10, 0, 10]), [1, 1, 1]);
});

test("the cross-hair stays in the volume", () => {
  assert.deepEqual(within([-4, 3.5, 900], [10, 20, 30]), [0, 3.5, 29]);
});
