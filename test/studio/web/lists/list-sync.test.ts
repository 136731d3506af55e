import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyOperation,
  inFileOrder,
  isSameObject,
} from "../../../../src/studio/protocol/list-operations.ts";
import type {
  ListedObject,
  ListMessage,
  OpenedList,
  Operation,
  Role,
} from "../../../../src/studio/protocol/lists.ts";
import { describeOperation, ListSync, type PendingEdit } from "../../../../src/studio/web/lists/list-sync.ts";

const first: ListedObject = { id: "e.1", order: 1, label: 1, x: 1, y: 2, z: 3 };
const second: ListedObject = { id: "e.2", order: 2, label: 2, x: 4, y: 5, z: 6 };

const opened = (session: string, part: Partial<OpenedList> = {}): OpenedList & { session: string } => ({
  list: "t1.xml",
  mode: "annotate",
  epoch: "e",
  version: 0,
  objects: [first, second],
  history: { undo: [], redo: [] },
  lastNumber: 0,
  save: { state: "kept" },
  isNew: false,
  warnings: [],
  session,
  ...part,
});

/** What the server does with edits: puts them in an order. */
function server() {
  const objects = new Map([first, second].map((object) => [object.id, object]));
  let version = 0;
  const take = (session: string, { number, role, operation }: PendingEdit) => {
    const { leftAlone } = applyOperation(objects, operation);
    version++;
    const applied = { type: "applied", version, session, number, role, operation, leftAlone } as const;
    return { list: "t1.xml", mode: "annotate", ...applied } satisfies ListMessage;
  };
  return { objects, take };
}

const move = (id: string, x: number): Operation => ({ type: "move", id, x, y: 0, z: 0 });

function assertSame(sync: ListSync, objects: ReadonlyMap<string, ListedObject>): void {
  const [here, there] = [inFileOrder(sync.objects.values()), inFileOrder(objects.values())];
  assert.deepEqual(
    here.map(({ id }) => id),
    there.map(({ id }) => id),
  );
  here.forEach((object, index) => {
    assert.ok(isSameObject(object, there[index]!), JSON.stringify([object, there[index]]));
  });
}

test("an edit is seen at once, and confirmed without doing it twice", () => {
  const { objects, take } = server();
  const sync = new ListSync(opened("a"));
  const { sent } = sync.edit(move("e.1", 9))!;
  assert.equal(sync.objects.get("e.1")!.x, 9);
  assert.equal(sync.pending.length, 1);
  assert.equal(sync.receive(take("a", sent)), true);
  assert.deepEqual([sync.pending.length, sync.version], [0, 1]);
  assertSame(sync, objects);
});

test("of two windows that move one object at once the server's order decides, in both", () => {
  const { objects, take } = server();
  const [a, b] = [new ListSync(opened("a")), new ListSync(opened("b"))];
  const ours = a.edit(move("e.1", 10))!.sent;
  const theirs = b.edit(move("e.1", 20))!.sent;
  const order = [take("b", theirs), take("a", ours)];
  for (const message of order) for (const sync of [a, b]) sync.receive(message);
  assert.equal(a.objects.get("e.1")!.x, 10);
  assertSame(a, objects);
  assertSame(b, objects);
  // what a undoes is what it found in the end: the place that b gave
  const undo = a.edit(a.next.undo!, "undo")!.sent;
  assert.equal(a.objects.get("e.1")!.x, 20);
  b.receive(take("a", undo));
  assertSame(b, objects);
});

test("an object removed elsewhere while it is moved here is gone, and its move is not undone", () => {
  const { objects, take } = server();
  const [a, b] = [new ListSync(opened("a")), new ListSync(opened("b"))];
  const moved = a.edit(move("e.1", 10))!.sent;
  const removed = b.edit({ type: "remove", ids: ["e.1"] })!.sent;
  for (const message of [take("b", removed), take("a", moved)])
    for (const sync of [a, b]) sync.receive(message);
  assert.equal(a.next.undo, undefined);
  assertSame(a, objects);
  assertSame(b, objects);
});

test("undo and redo go to both ends, and count in words", () => {
  const sync = new ListSync(opened("a"));
  for (let x = 1; x <= 50; x++) sync.edit(move("e.1", x));
  assert.equal(describeOperation(sync.next.undo!), "move 1 object");
  while (sync.next.undo) sync.edit(sync.next.undo, "undo");
  assert.equal(sync.objects.get("e.1")!.x, 1);
  assert.equal(sync.objects.get("e.1")!.y, 2);
  while (sync.next.redo) sync.edit(sync.next.redo, "redo");
  assert.equal(sync.objects.get("e.1")!.x, 50);
});

test("an edit that the server refuses is taken back, those after it stay", () => {
  const sync = new ListSync(opened("a"));
  const { number } = sync.edit(move("e.1", 10))!.sent;
  sync.edit(move("e.2", 20));
  sync.refuse(number);
  assert.deepEqual([sync.objects.get("e.1")!.x, sync.objects.get("e.2")!.x], [1, 20]);
  sync.edit(sync.next.undo!, "undo");
  assert.equal(sync.objects.get("e.2")!.x, 4);
  assert.equal(sync.next.undo, undefined);
});

test("edits kept over a crash of the page are made again, but for those that had arrived", () => {
  const kept: PendingEdit[] = [
    { number: 3, role: "edit", operation: move("e.1", 3) },
    { number: 4, role: "edit", operation: move("e.2", 4.5) },
  ];
  const sync = new ListSync(opened("a", { lastNumber: 3, version: 3 }), kept);
  assert.deepEqual(
    sync.pending.map(({ number }) => number),
    [4],
  );
  assert.deepEqual([sync.objects.get("e.1")!.x, sync.objects.get("e.2")!.x], [1, 4.5]);
  assert.equal(sync.edit(move("e.1", 7))!.sent.number, 5);
});

test("edits for a list that the server began anew are counted anew, and names of objects are not given twice", () => {
  const kept: PendingEdit[] = [57, 58].map((number) => ({
    number,
    role: "edit",
    operation: move("e.1", number),
  }));
  const sync = new ListSync(opened("a"), kept);
  assert.deepEqual(
    sync.pending.map(({ number }) => number),
    [1, 2],
  );
  const ids = [...sync.newIds(2).ids, ...sync.newIds(1).ids, ...new ListSync(opened("a")).newIds(1).ids];
  assert.equal(new Set(ids).size, 4);
});

test("a version that is missing is noticed, one that comes twice is not done twice", () => {
  const { take } = server();
  const sync = new ListSync(opened("a"));
  const [one, two] = [1, 2].map((number) =>
    take("b", { number, role: "edit", operation: move("e.1", number) }),
  );
  assert.equal(sync.receive(two!), false);
  assert.equal(sync.receive(one!), true);
  assert.equal(sync.receive(one!), true);
  assert.equal(sync.version, 1);
  assert.equal(sync.receive(two!), true);
});

test("three windows that edit at random, with messages late, end with the server's list", () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const { objects, take } = server();
  const windows = ["a", "b", "c"].map((session) => ({
    session,
    sync: new ListSync(opened(session)),
    out: [] as PendingEdit[],
    in: [] as Extract<ListMessage, { type: "applied" }>[],
  }));
  const edit = ({ session, sync }: (typeof windows)[number]): [Operation, Exclude<Role, "disk">] => {
    const ids = [...sync.objects.keys()];
    const id = ids[random(ids.length)] ?? "none";
    const kind = random(7);
    const { undo, redo } = sync.next;
    if (kind === 0 && undo) return [undo, "undo"];
    if (kind === 1 && redo) return [redo, "redo"];
    if (kind === 2) return [{ type: "remove", ids: [id] }, "edit"];
    if (kind === 3) return [{ type: "setClass", ids: ids.slice(0, 3), label: 1 + random(4) }, "edit"];
    if (kind === 4) return [move(id, random(100)), "edit"];
    const fresh = sync.newIds(1);
    return [
      {
        type: "add",
        objects: [{ id: fresh.ids[0]!, order: fresh.order, label: 1, x: random(9), y: 0, z: session.length }],
      },
      "edit",
    ];
  };
  for (let step = 0; step < 3000; step++) {
    const window = windows[random(3)]!;
    const what = random(3);
    if (what === 0) {
      const sent = window.sync.edit(...edit(window))?.sent;
      if (sent) window.out.push(sent);
    } else if (what === 1) {
      const sent = window.out.shift();
      if (!sent) continue;
      const message = take(window.session, sent);
      for (const one of windows) one.in.push(message);
    } else {
      const message = window.in.shift();
      if (message) assert.ok(window.sync.receive(message));
    }
  }
  for (const window of windows)
    for (let sent = window.out.shift(); sent; sent = window.out.shift()) {
      const message = take(window.session, sent);
      for (const one of windows) one.in.push(message);
    }
  for (const window of windows) {
    for (const message of window.in) assert.ok(window.sync.receive(message));
    assert.equal(window.sync.pending.length, 0);
    assertSame(window.sync, objects);
  }
  assert.ok(objects.size > 3);
});
