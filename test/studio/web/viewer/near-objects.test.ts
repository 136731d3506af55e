import assert from "node:assert/strict";
import { test } from "node:test";
import { nearObjects, objectColumns, strengthAt } from "../../../../src/studio/web/viewer/near-objects.ts";
import { objectUnder } from "../../../../src/studio/web/viewer/picking.ts";
import { createViewerStore } from "../../../../src/studio/web/viewer/viewer-store.ts";

const classes = [
  { label: 1, name: "large", color: "#ff0000", radius: 5 },
  { label: 2, name: "small", color: "#00ff00", radius: 2 },
];
const objects = [
  { id: "a", x: 10, y: 20, z: 10, label: 1 },
  { id: "b", x: 14, y: 20, z: 14, label: 1 },
  { id: "c", x: 30, y: 20, z: 13, label: 2 },
  { id: "d", x: 31, y: 20, z: 11.5, label: 2 },
  { id: "e", x: 50, y: 20, z: 10, label: 9, radius: 1, color: "#0000ff" },
];
const columns = objectColumns(objects, classes);
const options = { at: 10, aspect: [1, 1, 1], thickness: 1, hidden: new Set<number>() } as const;
const idsOf = (found: ReturnType<typeof nearObjects>) => found.map(({ index }) => objects[index]!.id);

test("a slice shows the objects whose sphere it cuts, the nearest last", () => {
  assert.deepEqual(idsOf(nearObjects(columns, "xy", options)), ["b", "d", "a", "e"]);
  assert.deepEqual(idsOf(nearObjects(columns, "xy", { ...options, hidden: new Set([1]) })), ["d", "e"]);
  assert.deepEqual(idsOf(nearObjects(columns, "yz", { ...options, at: 52 })), []);
  assert.deepEqual(idsOf(nearObjects(columns, "yz", { ...options, at: 51 })), ["e"]);
});

test("averaged slices count as one thick slice, long voxels as long as they are", () => {
  assert.deepEqual(idsOf(nearObjects(columns, "xy", { ...options, thickness: 5 })), [
    "b",
    "c",
    "a",
    "d",
    "e",
  ]);
  // 4 voxels of 2 are farther than 5
  assert.deepEqual(idsOf(nearObjects(columns, "xy", { ...options, aspect: [1, 1, 2] })), ["a", "e"]);
});

test("strength falls from 1 in the slice to 0.15 at the sphere's end", () => {
  assert.deepEqual([strengthAt(0, 4), strengthAt(2, 4), strengthAt(4, 4)], [1, 0.575, 0.15000000000000002]);
});

test("what has a colour or radius of its own keeps it", () => {
  assert.deepEqual([...columns.colors.slice(12)], [0, 0, 1]);
  assert.equal(columns.radii[4], 1);
});

test("a click takes the object whose middle is nearest, and none beside them or while they are hidden", () => {
  const store = createViewerStore();
  store
    .getState()
    .show({ shape: [100, 100, 100], voxelSizeAngstrom: null, yUp: false, contrast: { low: 0, high: 1 } });
  store.setState(({ view }) => ({ position: [0, 0, 10], view: { ...view, zoom: 4, centre: [20, 20, 10] } }));
  const size = { width: 400, height: 400 };
  const pick = (x: number, y: number) =>
    objectUnder({ left: 200 + (x - 20) * 4, top: 200 + (y - 20) * 4 }, "xy", {
      columns,
      state: store.getState(),
      size,
    })?.id;
  assert.deepEqual([pick(9, 20), pick(15, 20), pick(11, 20), pick(22, 30)], ["a", "b", "a", undefined]);
  store.setState(({ objects: look }) => ({ objects: { ...look, shown: false } }));
  assert.equal(pick(9, 20), undefined);
});
