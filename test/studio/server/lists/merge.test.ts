import assert from "node:assert/strict";
import { test } from "node:test";
import type { TomogramObject } from "../../../../src/objects/object-list.ts";
import { applyOperation, inFileOrder } from "../../../../src/studio/protocol/list-operations.ts";
import type { ListedObject } from "../../../../src/studio/protocol/lists.ts";
import { listObjects, toTomogramObject } from "../../../../src/studio/server/lists/listed-objects.ts";
import { mergeFile } from "../../../../src/studio/server/lists/merge.ts";

const [a, b, c, d]: TomogramObject[] = [
  { label: 1, x: 1, y: 2, z: 3 },
  { label: 2, x: 4, y: 5, z: 6, extra: { note: "b" } },
  { label: 1, x: 7, y: 8, z: 9 },
  { label: 3, x: 10, y: 11, z: 12 },
];
const before = [a!, b!, c!];

/** The list after it took over what a file holds; `change` is what was done here. */
function merged(
  rows: readonly TomogramObject[],
  change: (objects: Map<string, ListedObject>) => void = () => undefined,
) {
  const base = listObjects(before, "e");
  const ours = new Map(base.map((object) => [object.id, object]));
  change(ours);
  let next = 0;
  const merge = mergeFile({ base, baseRows: before, rows, ours, newId: () => `new${++next}` });
  for (const operation of merge.operations) applyOperation(ours, operation);
  const list = (objects: Iterable<ListedObject>) => inFileOrder(objects).map(toTomogramObject);
  return { merge, ours, list: list(ours.values()), there: list(merge.there) };
}

const cases: Readonly<Record<string, readonly TomogramObject[]>> = {
  "nothing changed": before,
  "a row was moved": [a!, { ...b!, x: 4.5 }, c!],
  "the first row is gone": [b!, c!],
  "the row in the middle is gone": [a!, c!],
  "the last row is gone": [a!, b!],
  "a row came in front": [d!, a!, b!, c!],
  "a row came between": [a!, d!, b!, c!],
  "a row came at the end": [a!, b!, c!, d!],
  "all is gone": [],
  "the first went and the last changed": [b!, { ...c!, label: 2 }],
};
for (const [what, rows] of Object.entries(cases))
  test(`without changes here the list becomes the file: ${what}`, () => {
    const { list, there, merge } = merged(rows);
    assert.deepEqual(list, rows);
    assert.deepEqual(there, rows);
    assert.deepEqual(merge.conflicts, []);
  });

test("a file in another order is the same list", () => {
  const { merge } = merged([c!, a!, b!]);
  assert.deepEqual(merge.operations, []);
});

test("a row that changed is still the same object", () => {
  const { ours } = merged([a!, { ...b!, x: 4.5 }, c!]);
  assert.equal(ours.get("e.2")!.x, 4.5);
});

test("what changed here and there at different objects is all kept", () => {
  const { list, merge } = merged([a!, { ...b!, label: 7 }, c!, d!], (ours) => {
    applyOperation(ours, { type: "move", id: "e.1", x: 0, y: 0, z: 0 });
    applyOperation(ours, { type: "remove", ids: ["e.3"] });
    applyOperation(ours, { type: "add", objects: [{ id: "mine", order: 4, label: 9, x: 1, y: 1, z: 1 }] });
  });
  assert.deepEqual(merge.conflicts, []);
  assert.deepEqual(
    list.map(({ label, x }) => [label, x]),
    [
      [1, 0],
      [7, 4],
      [9, 1],
      [3, 10],
    ],
  );
});

test("an object changed here and there is asked about, and the file's side can be taken", () => {
  const { list, ours, merge } = merged([{ ...a!, x: 100 }, b!, c!], (here) =>
    applyOperation(here, { type: "move", id: "e.1", x: -1, y: 2, z: 3 }),
  );
  assert.deepEqual(merge.conflicts, ["e.1"]);
  assert.equal(list[0]!.x, -1);
  for (const operation of merge.theirs) applyOperation(ours, operation);
  assert.equal(ours.get("e.1")!.x, 100);
});

test("removed here and changed there, or the reverse, is asked about", () => {
  const removed = merged([{ ...a!, x: 100 }, b!, c!], (here) =>
    applyOperation(here, { type: "remove", ids: ["e.1"] }),
  );
  assert.deepEqual(removed.merge.conflicts, ["e.1"]);
  for (const operation of removed.merge.theirs) applyOperation(removed.ours, operation);
  assert.equal(removed.ours.get("e.1")!.x, 100);
  const changed = merged([b!, c!], (here) =>
    applyOperation(here, { type: "setClass", ids: ["e.1"], label: 2 }),
  );
  assert.deepEqual(changed.merge.conflicts, ["e.1"]);
  assert.equal(changed.list.length, 3);
});

test("the same change on both sides is no conflict, and a reviewer's mark is no change", () => {
  const { merge } = merged([{ ...a!, x: 100 }, b!, c!], (here) =>
    applyOperation(here, { type: "move", id: "e.1", x: 100, y: 2, z: 3 }),
  );
  assert.deepEqual(merge.conflicts, []);
  const marked = merged([{ ...a!, x: 100 }, b!, c!], (here) =>
    applyOperation(here, { type: "mark", ids: ["e.1"], mark: "accepted" }),
  );
  assert.deepEqual(marked.merge.conflicts, []);
  assert.deepEqual([marked.ours.get("e.1")!.x, marked.ours.get("e.1")!.mark], [100, "accepted"]);
});
