import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { objectsOfTomogram, type TomogramChoice } from "../../../src/objects/operations/of-tomogram.ts";

const object = (objectId: number, more: object = {}) => ({ objectId, label: 1, x: 1, y: 2, z: 3, ...more });
const named = [
  object(0, { tomogramId: "t0", tomogramIndex: 5 }),
  object(1, { tomogramId: "t1", tomogramIndex: 6 }),
  object(2, { tomogramId: "t0", tomogramIndex: 5 }),
];
const numbered = [
  object(0, { tomogramIndex: 0 }),
  object(1, { tomogramIndex: 1 }),
  object(2, { tomogramIndex: 0 }),
];
const plain = [object(0), object(1)];

/** The object ids and whether the list said whose they are; or the code, message and hint of what is wrong. */
function chosen(list: ObjectList, choice: Partial<TomogramChoice>): unknown {
  const found = objectsOfTomogram(list, { id: undefined, index: undefined, ...choice });
  if (found.ok) return [found.value.objects.map(({ objectId }) => objectId), found.value.selected];
  return found.diagnostics.map(({ code, message, hint }) => `${code}: ${message} (${hint})`);
}

test("a list that names tomograms gives those of the row, by name before number", () => {
  assert.deepEqual(chosen(named, { id: "t0" }), [[0, 2], true]);
  assert.deepEqual(chosen(named, { id: "t1", index: 5 }), [[1], true]);
  assert.deepEqual(chosen(named.slice(1, 2), { id: "t1" }), [[1], true]);
});

test("names that do not fit are a mistake, also where there is one alone", () => {
  const hint =
    "(call the row as the list does, or change tomo_id there; a tomogram without objects needs an empty list of its own)";
  assert.deepEqual(chosen(named, { id: "t9" }), [
    `objects-other-tomogram: the list has no objects of tomo_id t9: it holds those of t0, t1 ${hint}`,
  ]);
  assert.deepEqual(chosen(named.slice(0, 1), { id: "t1" }), [
    `objects-other-tomogram: the list has no objects of tomo_id t1: it holds those of t0 ${hint}`,
  ]);
  assert.deepEqual(chosen([...named, object(3)], { id: "t0" }), [
    "objects-tomogram-missing: 1 of the 4 objects in the list have no tomo_id, while others have one (give it to all of them, or to none where the list is of one tomogram)",
  ]);
});

test("numbers select where the row says its own; one number alone says nothing", () => {
  assert.deepEqual(chosen(numbered, { id: "t0", index: 0 }), [[0, 2], true]);
  assert.deepEqual(chosen(numbered, { id: "t0" }), [
    "objects-several-tomograms: the list holds objects of several tomograms (tomo_idx 0, 1) (give the rows a column tomo_idx with their numbers; or split the list with `tomoflow objects split --by tomogram`)",
  ]);
  assert.deepEqual(chosen(numbered, { id: "t0", index: 2 }), [
    "objects-other-tomogram: the list has no objects of tomo_idx 2: it holds those of 0, 1 (give the row the number that the list has for it, in the column tomo_idx)",
  ]);
  assert.deepEqual(chosen(numbered.slice(0, 1), { id: "t0" }), [[0], false]);
  assert.match(
    String(chosen([...numbered, object(3)], { id: "t0", index: 0 })),
    /^objects-tomogram-missing: 1 of the 4/,
  );
});

test("a list without names or numbers is the row's as a whole", () => {
  assert.deepEqual(chosen(plain, { id: "t0" }), [[0, 1], false]);
  assert.deepEqual(chosen(plain, { id: "t0", index: 3 }), [[0, 1], false]);
  assert.deepEqual(chosen([], { id: "t0" }), [[], false]);
});

test("without a name the user is asked for one, with the flag", () => {
  assert.deepEqual(chosen(named, {}), [
    "objects-several-tomograms: the list holds objects of several tomograms: t0, t1 (say which is meant with --id)",
  ]);
  assert.match(String(chosen(named, { idFlag: "--tomogram" })), /say which is meant with --tomogram\)$/);
  assert.deepEqual(chosen(named.slice(0, 1), {}), [[0], true]);
  assert.deepEqual(chosen(named, { index: 6 }), [[1], true]);
  assert.match(String(chosen(numbered, {})), /\(say which is meant with --tomogram-index\)$/);
});
