import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyOperation,
  inFileOrder,
  isSameObject,
  newHistory,
  recordEdit,
} from "../../../src/studio/protocol/list-operations.ts";
import type { ListedObject, ObjectId, Operation } from "../../../src/studio/protocol/lists.ts";

const ribosome: ListedObject = { id: "a", order: 1, label: 1, x: 10, y: 20.5, z: 3, score: 0.9 };
const proteasome: ListedObject = {
  id: "b",
  order: 2,
  label: 2,
  x: 4,
  y: 5,
  z: 6,
  extra: [
    ["2", "two"],
    ["1", "one"],
  ],
};
const listOf = (...objects: ListedObject[]): Map<ObjectId, ListedObject> =>
  new Map(objects.map((object) => [object.id, object]));

const edits: readonly Operation[] = [
  { type: "add", objects: [{ id: "c", order: 3, label: 1, x: 1, y: 2, z: 3 }] },
  { type: "move", id: "a", x: 11, y: 21, z: 3.25 },
  { type: "remove", ids: ["a", "b"] },
  { type: "setClass", ids: ["a", "b"], label: 3 },
  { type: "setField", ids: ["a", "b"], field: "score", value: 0.5 },
  { type: "setField", ids: ["a", "b"], field: "score", value: null },
  { type: "setField", ids: ["a", "b"], field: "extra:2", value: "zwei" },
  { type: "setField", ids: ["b"], field: "extra:2", value: null },
  { type: "mark", ids: ["a", "b"], mark: "rejected" },
  {
    type: "batch",
    operations: [
      { type: "move", id: "a", x: 0, y: 0, z: 0 },
      { type: "setClass", ids: ["a"], label: 2 },
      { type: "remove", ids: ["a"] },
    ],
  },
];

for (const edit of edits)
  test(`what ${JSON.stringify(edit)} did is taken back by its inverse, and done again by the inverse of that`, () => {
    const list = listOf(ribosome, proteasome);
    const { inverse, leftAlone } = applyOperation(list, edit);
    assert.deepEqual(leftAlone, { missing: [], changed: [] });
    const done = inFileOrder(list.values());
    const back = applyOperation(list, inverse!);
    assert.ok(
      inFileOrder(list.values()).every((object, i) => isSameObject(object, [ribosome, proteasome][i]!)),
    );
    assert.equal(list.size, 2);
    applyOperation(list, back.inverse!);
    const again = inFileOrder(list.values());
    assert.equal(again.length, done.length);
    assert.ok(again.every((object, index) => isSameObject(object, done[index]!)));
  });

test("an object that comes back has its old place in the file", () => {
  const list = listOf(ribosome, proteasome);
  const { inverse } = applyOperation(list, { type: "remove", ids: ["a"] });
  applyOperation(list, inverse!);
  assert.deepEqual([...list.keys()], ["b", "a"]);
  assert.deepEqual(
    inFileOrder(list.values()).map(({ id }) => id),
    ["a", "b"],
  );
});

test("edits of an object that was removed elsewhere do nothing and are told", () => {
  const list = listOf(proteasome);
  for (const edit of [
    { type: "move", id: "a", x: 1, y: 1, z: 1 },
    { type: "setClass", ids: ["a"], label: 1 },
    { type: "remove", ids: ["a"] },
  ] as const) {
    const { inverse, leftAlone } = applyOperation(list, edit);
    assert.equal(inverse, undefined);
    assert.deepEqual(leftAlone, { missing: ["a"], changed: [] });
  }
  const half = applyOperation(list, { type: "setClass", ids: ["a", "b"], label: 7 });
  assert.deepEqual(half.leftAlone.missing, ["a"]);
  assert.equal(list.get("b")!.label, 7);
});

test("undo leaves alone what another window changed since", () => {
  const list = listOf(ribosome);
  const added: ListedObject = { id: "c", order: 3, label: 1, x: 1, y: 2, z: 3 };
  const adding = applyOperation(list, { type: "add", objects: [added] });
  const moving = applyOperation(list, { type: "move", id: "a", x: 0, y: 0, z: 0 });
  const naming = applyOperation(list, { type: "setClass", ids: ["a"], label: 5 });
  applyOperation(list, { type: "move", id: "c", x: 9, y: 9, z: 9 });
  applyOperation(list, { type: "move", id: "a", x: 7, y: 7, z: 7 });
  applyOperation(list, { type: "setClass", ids: ["a"], label: 6 });
  assert.deepEqual(applyOperation(list, adding.inverse!).leftAlone.changed, ["c"]);
  assert.deepEqual(applyOperation(list, moving.inverse!).leftAlone.changed, ["a"]);
  assert.deepEqual(applyOperation(list, naming.inverse!).leftAlone.changed, ["a"]);
  assert.deepEqual(list.get("a"), { ...ribosome, x: 7, y: 7, z: 7, label: 6 });
  assert.equal(list.get("c")!.x, 9);
});

test("a hundred edits are undone to the beginning and redone to the end; a new edit ends redo", () => {
  const list = listOf(ribosome);
  const history = newHistory();
  const run = (role: "edit" | "undo" | "redo", operation: Operation) =>
    recordEdit(history, role, applyOperation(list, operation).inverse);
  for (let x = 1; x <= 100; x++) run("edit", { type: "move", id: "a", x, y: 0, z: 0 });
  run("edit", { type: "move", id: "a", x: 100, y: 0, z: 0 });
  assert.equal(history.undo.length, 100, "an edit that did nothing is not undone");
  for (let step = 0; step < 100; step++) run("undo", history.undo.at(-1)!);
  assert.deepEqual(list.get("a"), ribosome);
  for (let step = 0; step < 99; step++) run("redo", history.redo.at(-1)!);
  assert.equal(list.get("a")!.x, 99);
  assert.deepEqual([history.undo.length, history.redo.length], [99, 1]);
  run("edit", { type: "setClass", ids: ["a"], label: 2 });
  assert.deepEqual([history.undo.length, history.redo.length], [100, 0]);
});

test("columns keep their order when one is changed, and take a new one at the end", () => {
  const list = listOf(proteasome);
  applyOperation(list, { type: "setField", ids: ["b"], field: "extra:2", value: "zwei" });
  applyOperation(list, { type: "setField", ids: ["b"], field: "extra:0", value: "null" });
  assert.deepEqual(list.get("b")!.extra, [
    ["2", "zwei"],
    ["1", "one"],
    ["0", "null"],
  ]);
});
