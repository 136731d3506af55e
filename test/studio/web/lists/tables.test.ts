/** What the table, the filter, the ranking and the tool decide, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedObject } from "../../../../src/studio/protocol/lists.ts";
import { createAnnotateTool } from "../../../../src/studio/web/annotate/annotate-tool.ts";
import { objectsOfPart, partFor, partsOf } from "../../../../src/studio/web/lists/list-part.ts";
import { columnsOf, parseCell, showCell } from "../../../../src/studio/web/lists/object-columns.ts";
import { parseFilter } from "../../../../src/studio/web/lists/object-filter.ts";
import { choose, neighbour } from "../../../../src/studio/web/lists/selection.ts";
import { nextSorting, sortObjects } from "../../../../src/studio/web/lists/sorting.ts";
import {
  isKept,
  nextUndecided,
  progressOf,
  rangeOf,
  rankingsOf,
  rankObjects,
} from "../../../../src/studio/web/review/review-order.ts";
import type { PanePointer } from "../../../../src/studio/web/viewer/viewer-props.ts";

const object = (id: string, part: Partial<ListedObject> = {}): ListedObject => ({
  id,
  order: Number(id),
  label: 1,
  x: 0,
  y: 0,
  z: 0,
  ...part,
});
const ids = (objects: readonly ListedObject[]): string => objects.map(({ id }) => id).join("");

test("a filter compares numbers, finds words, and tells what it does not understand", () => {
  const names = new Map([
    [1, "ribosome"],
    [2, "proteasome"],
  ]);
  const objects = [
    object("1", { score: 0.9, z: 50, mark: "rejected" }),
    object("2", { score: 0.4, label: 2, tomogramId: "T1" }),
    object("3", { z: 120, extra: [["note", "near the membrane"]] }),
  ];
  const found = (line: string) => ids(objects.filter(parseFilter(line, names).test));
  assert.equal(found(""), "123");
  assert.equal(found("score>0.5"), "1");
  assert.equal(found("score <= 0.4"), "2", "blanks around the sign; an object without a score has none");
  assert.equal(found("z>=50 z<120"), "1");
  assert.equal(found("RIBO"), "13");
  assert.equal(found("2"), "2", "a class by its number");
  assert.equal(found("class=2"), "2");
  assert.equal(found("membrane"), "3");
  assert.equal(found("t1"), "2");
  assert.equal(found("undecided"), "23");
  assert.equal(found("rejected ribosome"), "1");
  assert.deepEqual(parseFilter("size>x constructor>1 score>0.5", names).unknown, ["size>x", "constructor>1"]);
});

test("rows are chosen as files are", () => {
  const shown = ["a", "b", "c", "d", "e"];
  let now = { selected: new Set<string>() as ReadonlySet<string>, anchor: null as string | null };
  const click = (id: string, how: { more?: boolean; range?: boolean } = {}) => {
    now = choose({ ids: shown, ...now }, id, { more: false, range: false, ...how });
    return [...now.selected].sort().join("");
  };
  assert.equal(click("b"), "b");
  assert.equal(click("d", { range: true }), "bcd");
  assert.equal(click("a", { range: true }), "ab", "from where the last click without shift was");
  assert.equal(click("e", { more: true }), "abe");
  assert.equal(click("a", { more: true }), "be");
  assert.equal(click("c"), "c");
  assert.equal(click("zz", { range: true }), "zz", "a row that is filtered away begins anew");
  assert.equal(neighbour(shown, "b", 1), "c");
  assert.equal(neighbour(shown, "b", -9), "a");
  assert.equal(neighbour(shown, null, 1), "a");
  assert.equal(neighbour([], null, 1), undefined);
});

test("columns are those that have values; cells say what cannot be", () => {
  const objects = [
    object("1", { score: 0.5 }),
    object("2", { phi: 10, extra: [["note", "x"]], tomogramId: "t1" }),
  ];
  const columns = columnsOf(objects);
  assert.deepEqual(
    columns.map(({ title, kind }) => `${title}:${kind}`),
    [
      "class:label",
      "x:place",
      "y:place",
      "z:place",
      "score:number",
      "phi:number",
      "tomogram:text",
      "note:text",
    ],
  );
  assert.deepEqual(
    columns.map((column) => showCell(column.read(objects[1]!))),
    ["1", "0", "0", "0", "", "10", "t1", "x"],
  );
  assert.equal(showCell(1.23456), "1.235");
  assert.equal(showCell(-0.0001), "0");
  assert.deepEqual(parseCell({ kind: "place", title: "x" }, " 4.5 "), { value: 4.5 });
  assert.deepEqual(parseCell({ kind: "place", title: "x" }, ""), { fault: "every object has a x" });
  assert.deepEqual(parseCell({ kind: "number", title: "score" }, ""), { value: null });
  assert.deepEqual(parseCell({ kind: "number", title: "score" }, "1,5"), { fault: "score is a number" });
  assert.ok("fault" in parseCell({ kind: "label", title: "class" }, "0"));
  assert.ok("fault" in parseCell({ kind: "count", title: "size" }, "1.5"));
  assert.deepEqual(parseCell({ kind: "text", title: "note" }, "0"), { value: "0" });
});

test("a click on a title sorts upwards, then downwards, then as in the file; what has no value comes last", () => {
  const objects = [
    object("1", { score: 0.5 }),
    object("2"),
    object("3", { score: 0.1 }),
    object("4", { score: 0.5 }),
  ];
  const columns = columnsOf(objects);
  const once = nextSorting(null, "score");
  const twice = nextSorting(once, "score");
  assert.equal(ids(sortObjects(objects, columns, once)), "3142");
  assert.equal(ids(sortObjects(objects, columns, twice)), "1432");
  assert.equal(nextSorting(twice, "score"), null);
  assert.equal(ids(sortObjects(objects, columns, null)), "1234");
  assert.deepEqual(nextSorting(twice, "x"), { column: "x", direction: "ascending" });
  assert.equal(ids(sortObjects(objects, columns, { column: "gone", direction: "ascending" })), "1234");
});

test("the most doubtful first, equal ones as in the file; only what all have ranks", () => {
  const objects = [
    object("1", { score: 0.9, margin: 0.2 }),
    object("2", { score: 0.4, margin: 0.1 }),
    object("3", { score: 0.4, margin: 0.3 }),
  ];
  assert.deepEqual(rankingsOf(objects), ["margin", "score", "file"]);
  assert.deepEqual(rankingsOf([...objects, object("4")]), ["file"]);
  assert.equal(ids(rankObjects(objects, { by: "score", bestFirst: false })), "231");
  assert.equal(ids(rankObjects(objects, { by: "margin", bestFirst: true })), "312");
});

test("the next undecided comes behind the one decided, and from the beginning at the end", () => {
  const objects = [
    object("1"),
    object("2", { mark: "accepted" }),
    object("3", { mark: "rejected" }),
    object("4"),
  ];
  assert.deepEqual(progressOf(objects), { accepted: 1, rejected: 1, undecided: 2 });
  assert.equal(nextUndecided(objects, "1")!.id, "4");
  assert.equal(nextUndecided(objects, "4")!.id, "1");
  assert.equal(nextUndecided(objects, null)!.id, "1");
  assert.equal(nextUndecided([objects[1]!], "2"), undefined);
});

test("thresholds keep what reaches them, decisions count more", () => {
  const thresholds = { least: { 1: 0.5 }, by: "score" as const };
  assert.equal(isKept(object("1", { score: 0.5 }), thresholds), true);
  assert.equal(isKept(object("1", { score: 0.49 }), thresholds), false);
  assert.equal(isKept(object("1"), thresholds), false);
  assert.equal(isKept(object("1", { score: 0.1, mark: "accepted" }), thresholds), true);
  assert.equal(isKept(object("1", { score: 0.9, mark: "rejected" }), thresholds), false);
  assert.equal(isKept(object("1", { label: 2, score: 0.1 }), thresholds), true);
  assert.deepEqual(
    rangeOf([object("1", { score: 0.2 }), object("2", { score: 0.8 })], 1, "score"),
    [0.2, 0.8],
  );
  assert.equal(rangeOf([object("1")], 1, "score"), undefined);
});

test("of a list for several tomograms one is shown, and what is added says the same as its objects", () => {
  const objects = [
    object("1", { tomogramIndex: 0 }),
    object("2", { tomogramIndex: 1 }),
    object("3", { tomogramIndex: 1 }),
  ];
  const parts = partsOf(objects);
  assert.deepEqual(
    parts.map(({ value, count, fields }) => [value, count, fields]),
    [
      [1, 2, { tomogramIndex: 1 }],
      [0, 1, { tomogramIndex: 0 }],
    ],
  );
  assert.equal(ids(objectsOfPart(objects, parts, parts[1])), "1");
  const named = partsOf([
    object("1", { tomogramId: "a", tomogramIndex: 0 }),
    object("2", { tomogramId: "b", tomogramIndex: 1 }),
    object("3", { tomogramId: "b", tomogramIndex: 2 }),
  ]);
  assert.equal(partFor(named, "a")!.value, "a");
  assert.equal(partFor(named, "elsewhere")!.value, "b");
  assert.deepEqual(partFor(named, "b")!.fields, { tomogramId: "b" });
  const plain = partsOf([object("1")]);
  assert.deepEqual(plain[0]!.fields, {});
  assert.equal(ids(objectsOfPart([object("1")], plain, plain[0])), "1");
  assert.deepEqual(partsOf([]), []);
});

test("a drag moves along the plane and keeps its grip; a trembling click moves nothing", () => {
  const told: unknown[] = [];
  const tool = createAnnotateTool({
    add: (place) => told.push(["add", place]),
    select: (id, { more }) => told.push(["select", id, more]),
    preview: (moved) => told.push(["preview", moved?.place ?? null]),
    move: (id, place) => told.push(["move", id, place]),
    isReadOnly: () => false,
  });
  const at = (kind: PanePointer["kind"], left: number, part: Partial<PanePointer> = {}): boolean =>
    tool.onPointer({
      kind,
      plane: "xz",
      position: [left / 10, 7, 30],
      object: null,
      voxelsPerPixel: 0.1,
      event: { clientX: left, clientY: 0, ctrlKey: false, metaKey: false } as unknown as PanePointer["event"],
      ...part,
    });
  const shown = { id: "o", x: 10, y: 5, z: 30.5, label: 1 };
  assert.equal(at("down", 101), false, "beside every object the viewer moves its cross-hair");
  assert.equal(at("down", 102, { object: shown }), true);
  at("move", 103);
  at("up", 103);
  assert.deepEqual(told, [
    ["select", "o", false],
    ["preview", null],
  ]);
  told.length = 0;
  at("down", 102, { object: shown });
  at("move", 150);
  at("up", 200);
  // y, through the plane, stays 5 though the slice is 7; grip of -0.2 in x, 0.5 in z
  assert.deepEqual(told, [
    ["select", "o", false],
    ["preview", { x: 14.8, y: 5, z: 30.5 }],
    ["preview", null],
    ["move", "o", { x: 19.8, y: 5, z: 30.5 }],
  ]);
  told.length = 0;
  at("down", 102, { object: shown });
  at("move", 150);
  at("cancel", 150);
  at("double", 123.4, { position: [12.34, 7, 30.26] });
  assert.deepEqual(told.slice(-1), [["add", { x: 12.3, y: 7, z: 30.3 }]]);
  assert.ok(!told.some((one) => (one as unknown[])[0] === "move"));
});
