import assert from "node:assert/strict";
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readObjects, writeObjects } from "../../../../src/objects/formats.ts";
import type { TomogramObject } from "../../../../src/objects/object-list.ts";
import type { ListMode, Operation } from "../../../../src/studio/protocol/lists.ts";
import type { ListDocument } from "../../../../src/studio/server/lists/document.ts";
import { journalPath } from "../../../../src/studio/server/lists/journal.ts";
import { openDocument } from "../../../../src/studio/server/lists/open-document.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { openWindow } from "./list-window.ts";

const objects: readonly TomogramObject[] = [
  { label: 1, x: 10.25, y: 20.5, z: 3, score: 0.875, extra: { "2": "zwei", "1": "eins", "<b>": "\"&'" } },
  { label: 2, x: 4, y: 5, z: 6.125, phi: 10, psi: 20, the: 30, tomogramId: "t1" },
  { label: 2, x: 7, y: 8, z: 9, objectId: 12, clusterSize: 40, margin: 0.5 },
];

async function project(context: TestContext, name = "t1.xml") {
  const root = await temporaryFolder(context);
  const path = join(root, "lists", name);
  const open = async (mode: ListMode = "annotate"): Promise<ListDocument> => {
    const document = await openDocument({ root, path, list: `lists/${name}`, mode, options: {} });
    context.after(() => document.close());
    return document;
  };
  const give = (list: readonly TomogramObject[]) => writeObjects(path, list);
  return { root, path, open, give, read: () => readObjects(path) };
}

const add = (id: string, x = 1): Operation => ({
  type: "add",
  objects: [{ id, order: 100, label: 1, x, y: 2, z: 3 }],
});

for (const ending of ["xml", "xlsx", "csv", "tsv", "txt"])
  test(`${ending}: an edit changes what it says and nothing else of the file`, async (context) => {
    const { open, give, read } = await project(context, `t1.${ending}`);
    await give(objects);
    const before = await read();
    const document = await open();
    const window = await openWindow(document);
    await window.edit({ type: "move", id: window.objects[1]!.id, x: 40.5, y: 5, z: 6.125 });
    await document.flush();
    assert.deepEqual(await read(), [before[0], { ...before[1], x: 40.5 }, before[2]]);
    assert.deepEqual(Object.keys((await read())[0]!.extra!).sort(), ["1", "2", "<b>"]);
  });

test("the file follows an edit within a second, no half of it is ever there, and nothing else lies beside it", async (context) => {
  const { path, open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  const start = Date.now();
  await window.edit(add("session1:1"));
  assert.deepEqual(await window.saved(), { state: "saved", version: 1 });
  assert.ok(Date.now() - start < 1500);
  assert.equal((await read()).length, 4);
  assert.deepEqual(await readdir(join(path, "..")), ["t1.xml"]);
});

test("opening and closing writes nothing", async (context) => {
  const { root, path, open, give } = await project(context);
  await give(objects);
  const before = await stat(path);
  const document = await open();
  const window = await openWindow(document);
  window.leave();
  await document.close();
  assert.equal((await stat(path)).mtimeMs, before.mtimeMs);
  assert.equal((await readdir(join(root, ".tomoflow", "studio", "lists"))).length, 0);
});

test("a new list begins where there is no file, and is written with its first object", async (context) => {
  const { path, open, read } = await project(context, "new.csv");
  const document = await open();
  const window = await openWindow(document);
  assert.deepEqual(window.objects, []);
  await document.flush();
  await assert.rejects(stat(path));
  await window.edit(add("session1:1"));
  await document.flush();
  assert.deepEqual(await read(), [{ label: 1, x: 1, y: 2, z: 3 }]);
});

test("the file as it was before the first edit is kept", async (context) => {
  const { root, path, open, give } = await project(context);
  await give(objects);
  const before = await readFile(path);
  const document = await open();
  const window = await openWindow(document);
  await window.edit({ type: "remove", ids: window.objects.map(({ id }) => id) });
  await document.flush();
  await window.edit(add("session1:1"));
  await document.flush();
  const folder = join(root, ".tomoflow", "studio", "originals");
  const names = await readdir(folder);
  assert.equal(names.length, 1);
  assert.match(names[0]!, /^t1-[0-9a-f]{8}\.xml$/);
  assert.deepEqual(await readFile(join(folder, names[0]!)), before);
});

test("two windows see each other's edits in one order; an edit of a removed object is told", async (context) => {
  const { open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const [one, two] = [await openWindow(document, "one"), await openWindow(document, "two")];
  const id = one.objects[0]!.id;
  await one.edit({ type: "remove", ids: [id] });
  assert.deepEqual(await two.edit({ type: "move", id, x: 1, y: 1, z: 1 }), { missing: [id], changed: [] });
  await Promise.all([one.edit(add("one:1", 5)), two.edit(add("two:1", 6)), one.edit(add("one:2", 7))]);
  const seen = (messages: typeof one.messages) =>
    messages.flatMap((message) => (message.type === "applied" ? [message.version] : []));
  assert.deepEqual(seen(one.messages), [1, 2, 3, 4, 5]);
  assert.deepEqual(seen(two.messages), [1, 2, 3, 4, 5]);
  assert.deepEqual(
    one.messages.findLast(({ type }) => type === "others"),
    {
      list: "lists/t1.xml",
      mode: "annotate",
      type: "others",
      count: 1,
    },
  );
  await document.flush();
  assert.deepEqual(
    (await read()).map(({ x }) => x),
    [4, 7, 5, 7, 6],
  );
});

test("a copy of a tab is a session of its own", async (context) => {
  const { open, give } = await project(context);
  await give(objects);
  const document = await open();
  const one = await openWindow(document, "the-same");
  const two = await openWindow(document, "the-same");
  assert.equal(one.session, "the-same");
  assert.notEqual(two.session, "the-same");
});

test("an edit that is sent twice is applied once", async (context) => {
  const { open, give } = await project(context);
  await give(objects);
  const document = await open();
  const { session, epoch, messages } = await openWindow(document);
  const edit = {
    list: "lists/t1.xml",
    mode: "annotate",
    type: "edit",
    session,
    epoch,
    number: 1,
    role: "edit",
    operation: { type: "setClass", ids: [...document.objects.keys()], label: 9 },
  } as const;
  await document.edit(edit, () => undefined);
  await document.edit(edit, () => undefined);
  assert.equal(messages.filter(({ type }) => type === "applied").length, 1);
});

test("an edit that comes before one that is still on its way is not applied: both are sent again in order", async (context) => {
  const { open, give } = await project(context);
  await give(objects);
  const document = await open();
  const { session, epoch, messages } = await openWindow(document);
  const answers: string[] = [];
  const send = (number: number) =>
    document.edit(
      {
        ...({
          list: "lists/t1.xml",
          mode: "annotate",
          type: "edit",
          session,
          epoch,
          number,
          role: "edit",
        } as const),
        operation: add(`session1:${number}`, number),
      },
      ({ type }) => answers.push(type),
    );
  await send(2);
  assert.deepEqual(answers, ["reopen"]);
  assert.equal((await document.open("other")).objects.length, 3);
  await send(1);
  await send(2);
  assert.equal(messages.filter(({ type }) => type === "applied").length, 2);
});

test("what is no edit is refused and changes nothing", async (context) => {
  const { open, give } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  const before = [...document.objects.values()];
  const { id } = window.objects[0]!;
  const wrong: unknown[] = [
    { type: "move", id, x: Number.NaN, y: 1, z: 1 },
    { type: "move", id, x: "1", y: 1, z: 1 },
    { type: "setClass", ids: [id], label: 0 },
    { type: "setClass", ids: [id], label: 256 },
    { type: "setClass", ids: [id], label: 1.5 },
    { type: "setField", ids: [id], field: "x", value: 3 },
    { type: "setField", ids: [id], field: "__proto__", value: 3 },
    { type: "setField", ids: [id], field: "score", value: "high" },
    { type: "setField", ids: [id], field: "clusterSize", value: -1 },
    { type: "add", objects: [{ id: "n", order: 1, label: 1, x: 1, y: 2 }] },
    { type: "add", objects: [{ id: "n", order: 1, label: 1, x: 1, y: 2, z: 3, constructor: 5 }] },
    { type: "mark", ids: [id], mark: "perhaps" },
    { type: "batch", operations: [{ type: "batch", operations: [] }] },
    { type: "format", disk: true },
    null,
  ];
  for (const operation of wrong) await window.edit(operation as Operation);
  assert.deepEqual([...document.objects.values()], before);
  assert.equal(window.messages.filter(({ type }) => type === "refused").length, wrong.length);
});

test("undo goes on after everything was closed, by whoever opens the list next", async (context) => {
  const { open, give, read } = await project(context);
  await give(objects);
  const first = await open();
  const window = await openWindow(first, "yesterday");
  await window.edit({ type: "remove", ids: [window.objects[0]!.id] });
  await window.edit(add("yesterday:1"));
  window.leave();
  await first.close();
  const second = await open();
  const { history, lastNumber } = await second.open("today");
  assert.equal(lastNumber, 0);
  assert.equal(history.undo.length, 2);
  const today = await openWindow(second, "today");
  await today.edit(history.undo[1]!, "undo");
  await today.edit(history.undo[0]!, "undo");
  await second.flush();
  assert.deepEqual(
    (await read()).map(({ x }) => x),
    [10.25, 4, 7],
  );
  today.leave();
  assert.equal((await second.open("today")).history.redo.length, 2);
});

test("edits that were not yet in the file when the server died are in it after the next opening", async (context) => {
  const { root, path, open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  await window.edit(add("session1:1", 50));
  await document.flush();
  await window.edit(add("session1:2", 60));
  // as after kill -9: the journal is there, with a line that was cut off, the claim of a process that is no more, half a file
  const journal = journalPath(root, { list: "lists/t1.xml", mode: "annotate" });
  const lines = await readFile(journal, "utf8");
  const other = await temporaryFolder(context);
  const [killedPath, killedJournal] = [
    join(other, "lists", "t1.xml"),
    journalPath(other, { list: "lists/t1.xml", mode: "annotate" }),
  ];
  await mkdir(join(killedPath, ".."), { recursive: true });
  await mkdir(join(killedJournal, ".."), { recursive: true });
  await writeFile(killedPath, await readFile(path));
  await writeFile(join(other, "lists", ".t1.xml.abcdef01.saving"), "<objlist><obj");
  await writeFile(killedJournal, `${lines}{"type":"edit","version":3,"operation":{"ty`);
  await writeFile(`${killedJournal}.claim`, "999999999 1");
  assert.equal((await read()).length, 4);
  const again = await openDocument({
    root: other,
    path: killedPath,
    list: "lists/t1.xml",
    mode: "annotate",
    options: {},
  });
  context.after(() => again.close());
  await again.open("other");
  await again.flush();
  assert.deepEqual(
    (await readObjects(killedPath)).map(({ x }) => x),
    [10.25, 4, 7, 50, 60],
  );
  assert.deepEqual(await readdir(join(other, "lists")), ["t1.xml"]);
});

test("a file that another program changed is taken over together with what changed here", async (context) => {
  const { open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  await give([objects[0]!, { ...objects[1]!, x: 400 }, objects[2]!]);
  await window.edit({ type: "move", id: window.objects[0]!.id, x: 1, y: 1, z: 1 });
  await document.flush();
  await document.flush();
  assert.deepEqual(
    (await read()).map(({ x }) => x),
    [1, 400, 7],
  );
  const told = await window.until(({ type }) => type === "told");
  assert.match(told.type === "told" ? told.message : "", /^t1\.xml was changed by another program: 1 object/);
});

test("a file changed while nobody edits is noticed by itself", async (context) => {
  const { open, give } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  await give(objects.slice(1));
  const taken = await window.until(({ type }) => type === "applied");
  assert.equal(taken.type === "applied" && taken.role, "disk");
  assert.deepEqual(
    [...document.objects.values()].map(({ x }) => x),
    [4, 7],
  );
});

for (const [choice, x] of [
  ["mine", 1],
  ["theirs", 400],
] as const)
  test(`an object that changed here and in the file is asked about: ${choice}`, async (context) => {
    const { open, give, read } = await project(context);
    await give(objects);
    const document = await open();
    const window = await openWindow(document);
    await give([{ ...objects[0]!, x: 400 }, ...objects.slice(1)]);
    await window.edit({ type: "move", id: window.objects[0]!.id, x: 1, y: 1, z: 1 });
    await document.flush();
    const asked = await window.until(
      (message) => message.type === "save" && message.save.state === "conflict",
    );
    assert.deepEqual(asked.type === "save" && asked.save.state === "conflict" && asked.save.ids, [
      window.objects[0]!.id,
    ]);
    assert.equal((await read())[0]!.x, 400, "nothing is written before somebody chose");
    await document.resolve(choice);
    assert.equal((await read())[0]!.x, x);
    assert.equal([...document.objects.values()].find(({ order }) => order === 1)!.x, x);
  });

test("a file that was removed is asked about, and written again when wanted", async (context) => {
  const { path, open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  await rm(path);
  await window.edit(add("session1:1"));
  await document.flush();
  await assert.rejects(stat(path));
  await window.until((message) => message.type === "save" && message.save.state === "conflict");
  await document.resolve("mine");
  assert.equal((await read()).length, 4);
});

test("a file that became unreadable is asked about, and kept when it is written over", async (context) => {
  const { root, path, open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  await window.edit(add("session1:1"));
  await document.flush();
  await writeFile(path, "<objlist><object class_label='x'/></objlist>");
  await window.until((message) => message.type === "save" && message.save.state === "conflict");
  await document.resolve("mine");
  assert.equal((await read()).length, 4);
  const folder = join(root, ".tomoflow", "studio", "originals");
  const kept = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  assert.ok(kept.some((text) => text.includes("class_label='x'")));
});

test("a file half written by another program is waited for", async (context) => {
  const { path, open, give } = await project(context);
  await give(objects);
  const whole = await readFile(path, "utf8");
  const document = await open();
  const window = await openWindow(document);
  await writeFile(path, whole.slice(0, 90));
  await window.edit(add("session1:1"));
  await document.flush();
  await appendFile(path, whole.slice(90));
  await window.saved();
  assert.equal((await readObjects(path)).length, 4);
  assert.ok(!window.messages.some((message) => message.type === "save" && message.save.state === "conflict"));
});

test("a list that was removed on purpose while the studio was closed begins anew", async (context) => {
  const { path, open, give } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  await window.edit(add("session1:1"));
  await document.close();
  await rm(path);
  const again = await (await open()).open("session2");
  assert.deepEqual([again.objects.length, again.isNew, again.history.undo.length], [0, true, 0]);
});

test("an older file put back while the studio was closed is taken, not written over", async (context) => {
  const { path, open, give, read } = await project(context);
  await give(objects);
  const before = await readFile(path);
  const document = await open();
  const window = await openWindow(document);
  await window.edit(add("session1:1"));
  await document.close();
  await writeFile(`${path}.git`, before);
  await rename(`${path}.git`, path);
  const again = await open();
  assert.equal((await again.open("session2")).objects.length, 3);
  await again.flush();
  assert.equal((await read()).length, 3);
});

test("review leaves the list alone and keeps its decisions, also when the list is made anew", async (context) => {
  const { path, open, give } = await project(context);
  await give(objects);
  const before = await readFile(path);
  const document = await open("review");
  const window = await openWindow(document);
  assert.deepEqual((await document.open("x")).save, { state: "kept" });
  const [one, two] = window.objects;
  await window.edit({ type: "mark", ids: [one!.id], mark: "rejected" });
  await window.edit({ type: "setClass", ids: [two!.id], label: 5 });
  window.leave();
  await document.close();
  assert.deepEqual(await readFile(path), before);
  await give([{ label: 3, x: 0, y: 0, z: 0 }, ...objects]);
  const again = await (await open("review")).open("next");
  assert.deepEqual(
    again.objects.map(({ label, mark }) => [label, mark]),
    [
      [3, undefined],
      [1, "rejected"],
      [5, undefined],
      [2, undefined],
    ],
  );
  assert.equal(again.history.undo.length, 2);
});

test("a list that is read-only, as results are, takes no edits and says why", async (context) => {
  const { path, open, give } = await project(context);
  await give(objects);
  await chmod(path, 0o444);
  const document = await open();
  const window = await openWindow(document);
  await window.edit(add("session1:1"));
  const refused = await window.until(({ type }) => type === "refused");
  assert.match(refused.type === "refused" ? refused.message : "", /read-only.*another name/);
  assert.equal(document.objects.size, 3);
});

test("in a project that cannot keep a journal a list is looked at, takes no edits and says why", async (context) => {
  const { root, open, give, read } = await project(context);
  await give(objects);
  await writeFile(join(root, ".tomoflow"), "in the way");
  for (const mode of ["annotate", "review"] as const) {
    const document = await open(mode);
    const window = await openWindow(document);
    assert.equal(window.objects.length, 3);
    await window.edit(add("session1:1"));
    const refused = await window.until(({ type }) => type === "refused");
    assert.match(
      refused.type === "refused" ? refused.message : "",
      /^no edit can be kept in this project: .*\.tomoflow/,
    );
  }
  assert.equal((await read()).length, 3);
});

test("a file that cannot be written is told, nothing is lost, and it is written when it can be", async (context) => {
  const { path, open, give, read } = await project(context);
  await give(objects);
  const document = await open();
  const window = await openWindow(document);
  const folder = join(path, "..");
  await rename(folder, `${folder}-away`);
  await writeFile(folder, "in the way");
  await window.edit(add("session1:1"));
  await document.flush();
  await window.until(
    (message) => message.type === "save" && ["failed", "conflict"].includes(message.save.state),
  );
  await rm(folder);
  await rename(`${folder}-away`, folder);
  await document.resolve("mine");
  await document.flush();
  assert.equal((await read()).length, 4);
});

test("two servers with one list keep journals of their own and merge through the file", async (context) => {
  const { open, give, read } = await project(context);
  await give(objects);
  const [one, two] = [await open(), await open()];
  const [first, second] = [await openWindow(one, "one"), await openWindow(two, "two")];
  await first.edit(add("one:1", 50));
  await one.flush();
  await second.edit(add("two:1", 60));
  await two.flush();
  await two.flush();
  assert.deepEqual(
    (await read()).map(({ x }) => x).sort((a, b) => a - b),
    [4, 7, 10.25, 50, 60],
  );
});

test("a list with mistakes is not opened, and says each with its place", async (context) => {
  const { root, path, open } = await project(context, "t1.csv");
  await mkdir(join(root, "lists"), { recursive: true });
  await writeFile(path, "class_label,x,y,z\n1,2,three,4\n1,2,3,4\n0,1,1,1\n");
  await assert.rejects(open(), {
    code: "objects-unreadable",
    message: /t1\.csv cannot be read[\s\S]*t1\.csv:2:5: error: y "three"[\s\S]*t1\.csv:4:1/,
  });
  await writeFile(path, "class_label,x,y,z\n1,2,3,4\n");
  assert.equal((await (await open()).open("s")).objects.length, 1);
});

test("a thousand edits take less than two seconds with 50,000 objects", async (context) => {
  const { open, give } = await project(context, "many.csv");
  await give(Array.from({ length: 50_000 }, (_, index) => ({ label: 1, x: index, y: 1, z: 2 })));
  const document = await open();
  const window = await openWindow(document);
  const start = performance.now();
  for (let index = 0; index < 1000; index++)
    await window.edit({ type: "move", id: window.objects[index]!.id, x: index, y: 3, z: 4 });
  assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
});
