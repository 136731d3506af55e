import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { countByLabel, mergeObjects, splitObjects } from "../../../src/objects/operations/combine.ts";
import { deduplicateObjects } from "../../../src/objects/operations/deduplicate.ts";
import { filterObjects, type ObjectCriteria, removeObjects } from "../../../src/objects/operations/filter.ts";
import { clipObjects, keepInsideMask } from "../../../src/objects/operations/region.ts";
import { scaleObjects } from "../../../src/objects/operations/scale.ts";

const list: ObjectList = [
  {
    objectId: 0,
    label: 1,
    x: 1,
    y: 2,
    z: 3,
    clusterSize: 100,
    score: 0.9,
    margin: 0.5,
    tomogramId: "t0",
    tomogramIndex: 0,
  },
  {
    objectId: 1,
    label: 2,
    x: 4,
    y: 5,
    z: 6,
    clusterSize: 50,
    score: 0.4,
    margin: 0.1,
    tomogramId: "t0",
    tomogramIndex: 0,
  },
  {
    objectId: 2,
    label: 1,
    x: 7,
    y: 8,
    z: 9,
    clusterSize: 20,
    score: 0.7,
    margin: 0.3,
    tomogramId: "t1",
    tomogramIndex: 1,
  },
  { objectId: 3, label: 3, x: 0, y: 0, z: 0 },
];
const ids = (some: ObjectList) => some.map(({ objectId }) => objectId);

const criteria: readonly (readonly [name: string, criteria: ObjectCriteria, kept: readonly number[]])[] = [
  ["class", { labels: [1, 3] }, [0, 2, 3]],
  ["tomogram id", { tomogramIds: ["t0"] }, [0, 1]],
  ["tomogram number", { tomogramIndices: [1, 7] }, [2]],
  ["object id", { objectIds: [3, 1] }, [1, 3]],
  ["least size", { minSize: 50 }, [0, 1]],
  ["least size by class", { minSize: { 1: 21 } }, [0, 1, 3]],
  ["greatest size", { maxSize: { 1: 99, 2: 50 } }, [1, 2, 3]],
  ["least score", { minScore: 0.7 }, [0, 2]],
  ["least score by class", { minScore: { 2: 0.5 } }, [0, 2, 3]],
  ["least margin", { minMargin: 0.3 }, [0, 2]],
  ["several at once", { labels: [1], minScore: 0.8 }, [0]],
  ["nothing", {}, [0, 1, 2, 3]],
];
for (const [name, wanted, kept] of criteria)
  test(`filter by ${name}; remove gives the rest`, () => {
    assert.deepEqual(ids(filterObjects(list, wanted)), kept);
    assert.deepEqual(
      ids(removeObjects(list, wanted)),
      [0, 1, 2, 3].filter((id) => !kept.includes(id)),
    );
  });

test("scaling by a factor keeps the first voxel's centre at 0, as DeepFinder does", () => {
  const [scaled] = scaleObjects([{ label: 1, x: 10, y: 4.5, z: 0, phi: 30, clusterSize: 100 }], 0.5);
  assert.deepEqual(scaled, { label: 1, x: 5, y: 2.25, z: 0, phi: 30, clusterSize: 13 });
});

test("scaling about the corner is what binning by averaging does, and undoes itself", () => {
  // The binned voxel 3 is made of the voxels 12, 13, 14, 15, whose centre is 13.5.
  const object = { label: 1, x: 13.5, y: 1.5, z: -0.5 };
  const [binned] = scaleObjects([object], 1 / 4, "corner");
  assert.deepEqual(binned, { label: 1, x: 3, y: 0, z: -0.5 });
  assert.deepEqual(scaleObjects([binned], 4, "corner"), [object]);
});

test("merge, split and count", () => {
  assert.deepEqual(ids(mergeObjects([list.slice(2), [], list.slice(0, 1)])), [2, 3, 0]);
  assert.deepEqual(
    [...splitObjects(list, "class")].map(([name, part]) => [name, ids(part)]),
    [
      ["1", [0, 2]],
      ["2", [1]],
      ["3", [3]],
    ],
  );
  assert.deepEqual([...splitObjects(list, "tomogram").keys()], ["t0", "t1", "none"]);
  assert.deepEqual(
    [...countByLabel([list[3], ...list])],
    [
      [1, 2],
      [2, 1],
      [3, 2],
    ],
  );
});

test("the best of near objects is kept: higher score, larger cluster, earlier in the list", () => {
  const at = (objectId: number, x: number, more: object = {}) => ({
    objectId,
    label: 1,
    x,
    y: 0,
    z: 0,
    ...more,
  });
  const near = [
    at(0, 0, { score: 0.5 }),
    at(1, 3, { score: 0.9 }),
    at(2, 6, { score: 0.6 }),
    at(3, 9.5, { score: 0.1 }),
  ];
  assert.deepEqual(ids(deduplicateObjects(near, { distance: 3 })), [1, 3]);
  assert.deepEqual(
    ids(deduplicateObjects([at(0, 0, { clusterSize: 5 }), at(1, 1, { clusterSize: 6 })], { distance: 1 })),
    [1],
  );
  assert.deepEqual(ids(deduplicateObjects([at(0, -1), at(1, 1)], { distance: 2 })), [0]);
  assert.deepEqual(ids(deduplicateObjects([at(0, -1), at(1, 1)], { distance: 1.99 })), [0, 1]);
});

test("objects of other classes and tomograms are left alone, unless asked", () => {
  const at = (objectId: number, label: number, tomogramId: string) => ({
    objectId,
    label,
    tomogramId,
    x: 0,
    y: 0,
    z: 0,
  });
  const same = [at(0, 1, "a"), at(1, 2, "a"), at(2, 1, "b"), at(3, 1, "a")];
  assert.deepEqual(ids(deduplicateObjects(same, { distance: 5 })), [0, 1, 2]);
  assert.deepEqual(ids(deduplicateObjects(same, { distance: 5, acrossClasses: true })), [0, 2]);
  assert.deepEqual(ids(deduplicateObjects(same, { distance: { 2: 5 } })), [0, 1, 2, 3]);
});

test("clipping goes by the nearest voxel, with a margin", () => {
  const at = (objectId: number, z: number, y: number, x: number) => ({ objectId, label: 1, x, y, z });
  const some = [
    at(0, -0.4, 0, 0),
    at(1, -0.6, 0, 0),
    at(2, 4.4, 5.4, 6.4),
    at(3, 0, 5.6, 0),
    at(4, 0, 0, 6.6),
    at(5, 2, 2, 2),
  ];
  assert.deepEqual(ids(clipObjects(some, [5, 6, 7])), [0, 2, 5]);
  assert.deepEqual(ids(clipObjects(some, [5, 6, 7], 2)), [5]);
});

test("a mask keeps what is inside it, and drops what is outside its volume", () => {
  const data = new Uint8Array(5 * 6 * 7);
  data[(1 * 6 + 2) * 7 + 3] = 1;
  const mask = { data, shape: [5, 6, 7] as const };
  const at = (objectId: number, z: number, y: number, x: number) => ({ objectId, label: 1, x, y, z });
  assert.deepEqual(
    ids(keepInsideMask([at(0, 1, 2, 3), at(1, 1.4, 1.6, 3.2), at(2, 3, 2, 1), at(3, 1, 2, 10)], mask)),
    [0, 1],
  );
  assert.throws(() => keepInsideMask([], { data, shape: [5, 6, 8] }), { code: "mask-size" });
});
