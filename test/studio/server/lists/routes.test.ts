import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readObjects, writeObjects } from "../../../../src/objects/formats.ts";
import type { TomogramObject } from "../../../../src/objects/object-list.ts";
import type {
  ClassesAnswer,
  Comparison,
  SnapAnswer,
  TrainingAnswer,
  WriteAnswer,
} from "../../../../src/studio/protocol/list-tools.ts";
import type { ListMessage, OpenedList, Operation } from "../../../../src/studio/protocol/lists.ts";
import { writeVolume } from "../../../../src/volume/formats.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { ask, openServedWindow, serve, serveAlone } from "./served.ts";

const objects: readonly TomogramObject[] = [
  { label: 1, x: 10, y: 20.5, z: 3, score: 0.9 },
  { label: 2, x: 4, y: 5, z: 6, score: 0.4 },
  { label: 2, x: 30, y: 8, z: 9, score: 0.6 },
];

const workflow = `# my workflow
version: 1
name: mine
classes: # what to find
  1: {name: ribosome, radius: 10, color: "#4e79a7"} # large
tomograms:
  - {id: t1, tomogram: t1.mrc, objects: t1.xml, split: test} # the first
steps: {}
`;

/** Holds a tomogram of 12 × 24 × 40 (z, y, x) whose darkest spot is at x 20, y 12, z 6; removed with the server. */
async function project(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "tomoflow-test-"));
  const shape = [12, 24, 40] as const;
  const data = new Float32Array(12 * 24 * 40);
  for (let z = 0; z < 12; z++)
    for (let y = 0; y < 24; y++)
      for (let x = 0; x < 40; x++)
        data[(z * 24 + y) * 40 + x] =
          1000 * z + 10 * y + x - 1e6 * Math.exp(-((x - 20) ** 2 + (y - 12) ** 2 + (z - 6) ** 2) / 8);
  await writeVolume(join(root, "t1.mrc"), {
    data,
    shape,
    voxelSizeAngstrom: [10, 10, 10],
    originAngstrom: [0, 0, 0],
  });
  await writeObjects(join(root, "t1.xml"), objects);
  await writeFile(join(root, "workflow.yaml"), workflow);
  return root;
}

const add = (id: string, x: number): Operation => ({
  type: "add",
  objects: [{ id, order: 1000 + x, label: 1, x, y: 2, z: 3 }],
});
const isApplied = (number: number, session: string) => (message: ListMessage) =>
  message.type === "applied" && message.number === number && message.session === session;
const isSaved = (version: number) => (message: ListMessage) =>
  message.type === "save" && message.save.state === "saved" && message.save.version === version;

test("two windows on one list see each other's edits live, and undo each their own", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const one = await openServedWindow(context, served, { list: "t1.xml", session: "one" });
  const two = await openServedWindow(context, served, { list: "./t1.xml", session: "two" });
  assert.equal(two.opened.list, "t1.xml");
  one.edit(add("one:1", 11));
  two.edit(add("two:1", 12));
  await Promise.all([one.until(isApplied(1, "two")), two.until(isApplied(1, "one"))]);
  one.edit({ type: "remove", ids: ["one:1"] }, "undo");
  await two.until(isApplied(2, "one"));
  const versions = (messages: readonly ListMessage[]) =>
    messages.flatMap((message) => (message.type === "applied" ? [[message.version, message.session]] : []));
  assert.deepEqual(versions(one.messages), versions(two.messages));
  await two.until(
    (message) => message.type === "save" && message.save.state === "saved" && message.save.version === 3,
  );
  assert.deepEqual(
    (await readObjects(join(root, "t1.xml"))).map(({ x }) => x),
    [10, 4, 30, 12],
  );
});

test("killing the server in mid-annotation loses nothing that it told as done", {
  timeout: 60_000,
}, async (context) => {
  const root = await project();
  const served = await serveAlone(context, root);
  const window = await openServedWindow(context, served, { list: "t1.xml", session: "tab" });
  let last = 0;
  for (let x = 1; x <= 40; x++) last = window.edit(add(`tab:${x}`, x));
  await window.until(isApplied(last, "tab"));
  served.process.kill("SIGKILL");
  await once(served.process, "exit");
  const saved = await readObjects(join(root, "t1.xml"));
  assert.ok(saved.length >= 3, "the file is whole");
  const again = await serve(context, root);
  const next = await openServedWindow(context, again, { list: "t1.xml", session: "tab" });
  assert.equal(next.opened.objects.length, 43);
  assert.equal(next.opened.lastNumber, 40);
  assert.equal(next.opened.history.undo.length, 40);
  await next.until((message) => message.type === "save" && message.save.state === "saved");
  assert.equal((await readObjects(join(root, "t1.xml"))).length, 43);
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.includes("t1.xml")),
    ["t1.xml"],
  );
});

test("a window that lost its connection gets what it missed once, and what it sends again is applied once", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const one = await openServedWindow(context, served, { list: "t1.xml", session: "one" });
  one.edit(add("one:1", 11));
  await one.until(isApplied(1, "one"));
  one.socket.terminate();
  await once(one.socket, "close");
  const two = await openServedWindow(context, served, { list: "t1.xml", session: "two" });
  two.edit(add("two:1", 12));
  await two.until(isApplied(1, "two"));
  const { epoch } = one.opened;
  const back = await openServedWindow(context, served, { list: "t1.xml", session: "three" });
  back.send({ type: "follow", session: "one", epoch, since: 1 });
  await back.until(isApplied(1, "two"));
  const resent = { type: "edit", session: "one", epoch, role: "edit" };
  back.send({ ...resent, number: 1, operation: add("one:1", 11) });
  back.send({ ...resent, number: 2, operation: add("one:2", 13) });
  await back.until(isApplied(2, "one"));
  assert.deepEqual(
    back.messages.flatMap((message) => (message.type === "applied" ? [message.version] : [])),
    [2, 3],
  );
  back.send({ type: "follow", session: "one", epoch: "another", since: 1 });
  await back.until(({ type }) => type === "reopen");
});

test("script in names, classes and columns stays text, in the answer and in the file", async (context) => {
  const root = await project();
  const script = `"><script>alert(1)</script><img src=x onerror=alert(1)>&'`;
  const list = "<img src=x>.csv";
  const served = await serve(context, root);
  const window = await openServedWindow(context, served, { list, session: "one" });
  window.edit({
    type: "add",
    objects: [
      { id: "one:1", order: 1, label: 1, x: 1, y: 2, z: 3, tomogramId: script, extra: [[script, script]] },
    ],
  });
  await window.until(isApplied(1, "one"));
  window.send({ type: "save" });
  await window.until(isSaved(1));
  assert.deepEqual(await readObjects(join(root, list)), [
    { label: 1, x: 1, y: 2, z: 3, tomogramId: script, extra: { [script]: script } },
  ]);
  const { answer } = await ask<WriteAnswer>(served, "/api/lists/write", {
    body: { list, mode: "annotate", to: "copy.xml", keep: "all" },
  });
  assert.equal(answer.written, 1);
  assert.deepEqual((await readObjects(join(root, "copy.xml")))[0]!.extra, { [script]: script });
  const { answer: changed } = await ask<ClassesAnswer>(served, "/api/lists/classes", {
    method: "PUT",
    body: { workflow: "workflow.yaml", change: { label: 2, name: script } },
  });
  assert.equal(changed.classes[1]!.name, script);
});

test("lists outside of the project, in the cache, or of no known format are refused", async (context) => {
  const root = await project();
  const elsewhere = await temporaryFolder(context);
  await writeObjects(join(elsewhere, "secret.xml"), objects);
  await symlink(elsewhere, join(root, "link"));
  await mkdir(join(root, ".tomoflow"), { recursive: true });
  await writeObjects(join(root, ".tomoflow", "blob.xml"), objects);
  const served = await serve(context, root);
  const open = async (list: string) =>
    ask<{ error: { code: string } }>(served, "/api/lists/open", {
      body: { list, mode: "annotate", session: "one" },
    });
  for (const [list, code] of [
    ["../secret.xml", "outside-project"],
    [join(elsewhere, "secret.xml"), "outside-project"],
    ["link/secret.xml", "outside-project"],
    ["link/new.xml", "outside-project"],
    [".tomoflow/blob.xml", "list-in-cache"],
    ["workflow.yaml", "objects-format-unknown"],
    ["t1.xml\0.csv", "outside-project"],
  ] as const) {
    const { status, answer } = await open(list);
    assert.equal(answer.error.code, code, list);
    assert.ok(status >= 400 && status < 500);
  }
  const { answer } = await ask<{ error: { code: string } }>(served, "/api/lists/write", {
    body: { list: "t1.xml", mode: "annotate", to: "../out.xml", keep: "all" },
  });
  assert.equal(answer.error.code, "outside-project");
});

test("a list is compared with its tomogram when it is opened", async (context) => {
  const root = await project();
  await writeFile(join(root, "binned.csv"), "class_label,x,y,z,pixel_size\n1,100,1,1,5\n1,2,3,4,5\n");
  const served = await serve(context, root);
  const { answer } = await ask<OpenedList>(served, "/api/lists/open", {
    body: { list: "binned.csv", mode: "annotate", session: "one", tomogram: "t1.mrc" },
  });
  assert.deepEqual(
    answer.warnings.map(({ code, severity }) => [code, severity]),
    [
      ["voxel-size-differs", "warning"],
      ["object-outside", "warning"],
    ],
  );
  assert.match(answer.warnings[0]!.message, /for voxels of 5 Å, the tomogram has 10 Å/);
});

test("a gallery's pictures are the voxels around the places, grey outside", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const gallery = async (plane: string, points: object[]) =>
    (
      await ask(served, "/api/lists/gallery", {
        body: { tomogram: "t1.mrc", points, side: 4, slices: 1, plane, range: [0, 255] },
      })
    ).bytes;
  // of slice z 0, far from the spot, the value is 10 y + x
  assert.deepEqual(
    [...(await gallery("xy", [{ x: 2, y: 2, z: 0 }]))],
    [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33],
  );
  const corner = [...(await gallery("xy", [{ x: 0, y: 0, z: 0 }]))];
  assert.deepEqual(corner, [128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 128, 128, 10, 11]);
  // rows of xz are z: 1000 more each, white
  assert.deepEqual(
    [...(await gallery("xz", [{ x: 2, y: 1, z: 1 }]))].slice(0, 12),
    [128, 128, 128, 128, 10, 11, 12, 13, 255, 255, 255, 255],
  );
  assert.equal(
    (
      await gallery("yz", [
        { x: 5, y: 5, z: 0 },
        { x: 500, y: 5, z: 0 },
      ])
    ).length,
    32,
  );
});

test("places snap to the darkest spot near them", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const { answer } = await ask<SnapAnswer>(served, "/api/lists/snap", {
    body: { tomogram: "t1.mrc", points: [{ x: 17.5, y: 14, z: 5 }], radius: 6, to: "minimum" },
  });
  const [point] = answer.points;
  assert.ok(Math.hypot(point!.x - 20, point!.y - 12, point!.z - 6) < 0.3, JSON.stringify(point));
});

test("a list against a truth: who matches, what is missed, and a step of the curve for each score", async (context) => {
  const root = await project();
  await writeObjects(join(root, "truth.csv"), [
    { label: 1, x: 11, y: 20, z: 3 },
    { label: 2, x: 30, y: 8, z: 8 },
    { label: 1, x: 4, y: 5, z: 6 },
    { label: 2, x: 1, y: 20, z: 1 },
  ]);
  const served = await serve(context, root);
  const { answer } = await ask<Comparison>(served, "/api/lists/compare", {
    body: { list: "t1.xml", mode: "review", truth: "truth.csv", distance: 3, rankBy: "score" },
  });
  const { opened } = await openServedWindow(context, served, {
    list: "t1.xml",
    session: "one",
    mode: "review",
  });
  const [a, b, c] = opened.objects.map(({ id }) => id);
  assert.deepEqual(
    answer.matches.map(({ id, truth }) => [id, truth]),
    [
      [a, 0],
      [c, 1],
    ],
  );
  assert.deepEqual(answer.spurious, [{ id: b, confusedWith: 1 }]);
  assert.deepEqual(answer.missed, [2, 3]);
  assert.deepEqual(
    answer.curves
      .find(({ label }) => label === 2)!
      .steps.map(({ threshold, tp, fp, fn }) => [threshold, tp, fp, fn]),
    [
      [0.6, 1, 0, 1],
      [0.4, 1, 1, 1],
    ],
  );
});

test("the corrected list leaves out what was rejected or is below its class's threshold, but for what was accepted", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const before = await readFile(join(root, "t1.xml"));
  const window = await openServedWindow(context, served, { list: "t1.xml", session: "one", mode: "review" });
  const [a, b] = window.opened.objects.map(({ id }) => id) as [string, string];
  window.edit({ type: "mark", ids: [a], mark: "rejected" });
  await window.until(isApplied(window.edit({ type: "mark", ids: [b], mark: "accepted" }), "one"));
  const body = {
    list: "t1.xml",
    mode: "review",
    to: "new/corrected.csv",
    keep: "not-rejected",
    least: { 2: 0.7 },
  };
  const { answer } = await ask<WriteAnswer>(served, "/api/lists/write", { body });
  assert.deepEqual(answer, { written: 1, leftOut: 2, warnings: [] });
  assert.deepEqual(await readObjects(join(root, "new", "corrected.csv")), [objects[1]]);
  assert.deepEqual(await readFile(join(root, "t1.xml")), before);
  const again = await ask<{ error: { code: string } }>(served, "/api/lists/write", { body });
  assert.equal(again.answer.error.code, "file-exists");
  const over = await ask<WriteAnswer>(served, "/api/lists/write", {
    body: { ...body, keep: "accepted", overwrite: true },
  });
  assert.equal(over.answer.written, 1);
});

test("a class made here is in the workflow, every other byte as it was", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const put = (change: object) =>
    ask<ClassesAnswer & { error: { code: string } }>(served, "/api/lists/classes", {
      method: "PUT",
      body: { workflow: "workflow.yaml", change },
    });
  const { answer } = await put({ label: 2, name: "proteasome", radius: 6.5, color: "#f28e2b" });
  assert.deepEqual(answer.classes[1], { label: 2, name: "proteasome", color: "#f28e2b", radius: 6.5 });
  await put({ label: 1, name: "ribosome", radius: 12, color: "#4e79a7" });
  const text = await readFile(join(root, "workflow.yaml"), "utf8");
  assert.equal(
    text,
    workflow.replace(
      'radius: 10, color: "#4e79a7"} # large\n',
      'radius: 12, color: "#4e79a7"} # large\n  2: {name: proteasome, radius: 6.5, color: "#f28e2b"}\n',
    ),
  );
  for (const wrong of [
    { label: 3, name: "proteasome" },
    { label: 7, name: "gap" },
    { label: 3, name: " " },
    { label: 3, name: "x", color: "red" },
    { label: 3, name: "x", radius: -1 },
  ])
    assert.equal((await put(wrong)).answer.error.code, "class-refused", JSON.stringify(wrong));
  assert.equal(await readFile(join(root, "workflow.yaml"), "utf8"), text);
});

test("without a workflow classes are kept by the studio", async (context) => {
  const root = await project();
  const served = await serve(context, root);
  const first = await ask<ClassesAnswer>(served, "/api/lists/classes");
  assert.deepEqual(first.answer, { classes: [] });
  await ask(served, "/api/lists/classes", { method: "PUT", body: { change: { label: 1, name: "a" } } });
  await ask(served, "/api/lists/classes", {
    method: "PUT",
    body: { change: { label: 2, name: "b", radius: 4 } },
  });
  const { answer } = await ask<ClassesAnswer>(served, "/api/lists/classes");
  assert.deepEqual(answer.classes, [
    { label: 1, name: "a" },
    { label: 2, name: "b", radius: 4 },
  ]);
});

test("a list becomes the training objects of its tomogram's row, or of a new one", async (context) => {
  const root = await project();
  await writeVolume(join(root, "t2.mrc"), {
    data: new Float32Array(24),
    shape: [2, 3, 4],
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
  });
  const served = await serve(context, root);
  const use = (tomogram: string, list: string) =>
    ask<TrainingAnswer>(served, "/api/lists/use-for-training", {
      body: { workflow: "workflow.yaml", tomogram, list, split: "train" },
    });
  assert.deepEqual((await use("t1.mrc", "corrected.xml")).answer, { row: "t1", isNew: false });
  assert.deepEqual((await use("t2.mrc", "lists/t2.csv")).answer, { row: "t2", isNew: true });
  assert.equal(
    await readFile(join(root, "workflow.yaml"), "utf8"),
    workflow.replace(
      "objects: t1.xml, split: test} # the first\n",
      "objects: corrected.xml, split: train} # the first\n  - {id: t2, tomogram: t2.mrc, objects: lists/t2.csv, split: train}\n",
    ),
  );
  await writeFile(
    join(root, "workflow.yaml"),
    workflow.replace(/tomograms:\n.*\n/, "tomograms: table.csv\n"),
  );
  const { answer } = await ask<{ error: { code: string; hint: string } }>(
    served,
    "/api/lists/use-for-training",
    {
      body: { workflow: "workflow.yaml", tomogram: "t1.mrc", list: "corrected.xml", split: "train" },
    },
  );
  assert.equal(answer.error.code, "table-elsewhere");
});

test("of lists for several tomograms the objects of one are compared", async (context) => {
  const root = await project();
  const places = [5, 15, 25].map((x) => ({ label: 1, x, y: 5, z: 5, score: x / 100 }));
  const found = places.map((place, index) => ({ ...place, tomogramId: index === 0 ? "t2" : "t1" }));
  await writeObjects(join(root, "found.csv"), found);
  await writeObjects(
    join(root, "truth.csv"),
    found.map(({ score: _, ...object }) => object),
  );
  const served = await serve(context, root);
  const body = { list: "found.csv", mode: "review", truth: "truth.csv", distance: 3, rankBy: "score" };
  const { answer } = await ask<Comparison>(served, "/api/lists/compare", {
    body: { ...body, tomogramId: "t1" },
  });
  assert.deepEqual(
    [answer.overall.tp, answer.overall.fp, answer.overall.fn, answer.truth.map(({ x }) => x)],
    [2, 0, 0, [15, 25]],
  );
  const unnamed = await ask<{ diagnostics: { code: string }[] }>(served, "/api/lists/compare", { body });
  assert.deepEqual([unnamed.status, unnamed.answer.diagnostics[0]!.code], [422, "objects-several-tomograms"]);
});
