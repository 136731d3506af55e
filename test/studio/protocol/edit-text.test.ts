import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { starterWorkflow } from "../../../src/session/starter-workflow.ts";
import { editText } from "../../../src/studio/protocol/workflow-text/edit-text.ts";
import type { EditPath, Operation } from "../../../src/studio/protocol/workflow-text/operation.ts";
import { pathAt, rangeAt } from "../../../src/studio/protocol/workflow-text/path-at.ts";
import { repositoryRoot } from "../../support/source-tree.ts";

const files = [
  "workflows/deepfinder.yaml",
  "examples/quickstart/workflow.yaml",
  "examples/external-program/workflow.yaml",
];
const texts = new Map([
  ...files.map((file): [string, string] => [file, readFileSync(join(repositoryRoot, file), "utf8")]),
  ["starter", starterWorkflow("starter", "schema.json")],
]);
texts.set("starter with CRLF", texts.get("starter")!.replaceAll("\n", "\r\n"));

function edited(text: string, ...operations: Operation[]): string {
  const result = editText(text, operations);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** Every path to a value, and the value. */
function* places(value: unknown, path: EditPath = []): Generator<[EditPath, unknown]> {
  if (path.length > 0) yield [path, value];
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* places(item, [...path, index]);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) yield* places(item, [...path, key]);
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

/** Lines that one text has and the other has not. */
function changedLines(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const take = (from: string[], out: string[]) => {
    const left = [...out];
    return from.filter((line) => {
      const at = left.indexOf(line);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  return { gone: take(old, now), come: take(now, old) };
}

for (const [name, text] of texts) {
  const data = parse(text);

  test(`${name}: another value and back again leaves every byte`, () => {
    let count = 0;
    for (const [path, value] of places(data)) {
      if (!isPlain(value)) continue;
      for (const other of [7, -1.5, true, "a text", "${params.epochs}", "#4e79a7", "007", ""]) {
        const there = edited(text, { type: "set", path, value: other });
        const { gone, come } = changedLines(text, there);
        assert.ok(gone.length <= 1 && come.length <= 1, `${path} = ${other}: ${gone} -> ${come}`);
        if (gone.length === 1)
          assert.equal(come[0]!.split(" #").slice(1).join(), gone[0]!.split(" #").slice(1).join());
        const back = edited(there, { type: "set", path, value });
        assert.deepEqual(parse(back), data);
        // a text in quotes may lose them where a number stood in between
        if (back !== text) assert.equal(back.replace(/["']/g, ""), text.replace(/["']/g, ""), String(path));
        count++;
      }
    }
    assert.ok(count > 50);
  });

  test(`${name}: a value added to any map and taken out again leaves every byte`, () => {
    let count = 0;
    for (const [path, value] of places(data)) {
      if (isPlain(value) || Array.isArray(value) || path.join() === "steps") continue;
      for (const added of [5, "${train.best}", [64, 128, 128], { 1: 6, 2: 5 }]) {
        const there = edited(text, { type: "set", path: [...path, "added"], value: added });
        const { gone, come } = changedLines(text, there);
        assert.ok(gone.length <= 1 && come.length <= 1 + gone.length, `${path}: ${come}`);
        assert.equal(edited(there, { type: "remove", path: [...path, "added"] }), text, String(path));
        count++;
      }
    }
    assert.ok(count > 20);
  });

  test(`${name}: a parameter where there was no \`with\` brings it, and takes it along again`, () => {
    for (const step of Object.keys(data.steps)) {
      const path = ["steps", step, "resources", "cpus"];
      if (data.steps[step].resources) continue;
      const there = edited(text, { type: "set", path, value: 2 });
      assert.deepEqual(changedLines(text, there), {
        gone: [],
        come: [`    resources: {cpus: 2}${text.includes("\r\n") ? "\r" : ""}`],
      });
      assert.equal(edited(there, { type: "remove", path }), text);
    }
  });

  test(`${name}: a step by another name is named so everywhere, and back again every byte is there`, () => {
    for (const step of Object.keys(data.steps)) {
      const there = edited(text, { type: "rename-step", step, name: "other-name" });
      assert.ok(!new RegExp(`from: ${step}\\b|\\$\\{\\s*${step}\\.`).test(there.replace(/#.*/g, "")));
      assert.equal(edited(there, { type: "rename-step", step: "other-name", name: step }), text);
    }
  });

  test(`${name}: rows added, moved and taken out again leave every byte`, () => {
    const rows = data.tomograms.length;
    for (let index = 0; index <= rows; index++) {
      const row = { id: "new", tomogram: "data/new one.mrc", split: "train" };
      const there = edited(text, { type: "insert", path: ["tomograms"], index, value: row });
      assert.deepEqual(parse(there).tomograms[index], row);
      const { gone, come } = changedLines(text, there);
      assert.deepEqual([gone.length, come.length], [0, 1]);
      assert.equal(edited(there, { type: "remove", path: ["tomograms", index] }), text);
    }
    for (let from = 0; from < rows; from++)
      for (let to = 0; to < rows; to++) {
        const there = edited(text, { type: "move", path: ["tomograms", from], to });
        assert.deepEqual(parse(there).tomograms[to], data.tomograms[from]);
        assert.deepEqual(changedLines(text, there), { gone: [], come: [] });
        assert.equal(edited(there, { type: "move", path: ["tomograms", to], to: from }), text);
      }
  });

  test(`${name}: steps change places with their comments, and back again every byte is there`, () => {
    const steps = Object.keys(data.steps);
    for (const [from, step] of steps.entries())
      for (let to = 0; to < steps.length; to++) {
        const there = edited(text, { type: "move", path: ["steps", step], to });
        assert.equal(Object.keys(parse(there).steps)[to], step);
        assert.deepEqual(changedLines(text, there).gone.length, 0);
        assert.equal(edited(there, { type: "move", path: ["steps", step], to: from }), text);
      }
  });

  test(`${name}: a step taken out takes its comments along and no others`, () => {
    for (const step of Object.keys(data.steps)) {
      const there = edited(text, { type: "remove", path: ["steps", step] });
      const { come, gone } = changedLines(text, there);
      assert.deepEqual(come, []);
      for (const line of gone.filter((each) => each.trim() !== "")) assert.ok(line.startsWith("  "), line);
      const kept = Object.keys(data.steps).filter((id) => id !== step);
      assert.deepEqual(Object.keys(parse(there).steps), kept);
    }
  });

  test(`${name}: a step added is one more, at the end`, () => {
    const value = { uses: "cluster", from: "segment", with: { radius: 5 } };
    const there = edited(text, { type: "set", path: ["steps", "added"], value });
    assert.deepEqual(changedLines(text, there).gone, []);
    assert.equal(Object.keys(parse(there).steps).at(-1), "added");
    assert.equal(edited(there, { type: "remove", path: ["steps", "added"] }), text);
  });

  test(`${name}: every place in the text leads back to its value`, () => {
    for (const [path] of places(data)) {
      const { from } = rangeAt(text, path)!;
      const before = text.slice(0, from).split("\n");
      const there = pathAt(text, before.length, before.at(-1)!.length + 1).map(String);
      assert.deepEqual(there.slice(0, path.length), path.map(String));
    }
  });
}

test("a list by anchors, merge keys and odd layouts: what is shared is refused, what is own is changed", () => {
  const text = `x-base: &base {epochs: 5, batchSize: 2}
steps:
  a:
    uses: train
    with: *base # shared
  b:
    uses: train
    with:
      <<: *base
      epochs: 7
`;
  const shared = editText(text, [{ type: "set", path: ["steps", "a", "with", "epochs"], value: 9 }]);
  assert.equal(shared.ok, false);
  assert.equal(shared.diagnostics[0]!.code, "edit-refused");
  assert.equal(
    edited(text, { type: "set", path: ["steps", "b", "with", "batchSize"], value: 4 }),
    text.replace("epochs: 7\n", "epochs: 7\n      batchSize: 4\n"),
  );
  assert.equal(
    edited(text, { type: "set", path: ["steps", "a", "with"], value: { epochs: 1 } }),
    text.replace("with: *base", "with: {epochs: 1}"),
  );
  assert.equal(editText(text, [{ type: "set", path: ["x-base", "epochs"], value: 6 }]).ok, false);
});

test("lists over several lines keep the comments of the other lines", () => {
  const text = `run: [
  node, # the program
  "{files.script}", # what it runs
  out # where to
]
`;
  assert.equal(
    edited(text, { type: "remove", path: ["run", 1] }),
    text.replace('  "{files.script}", # what it runs\n', ""),
  );
  assert.equal(edited(text, { type: "remove", path: ["run", 2] }), text.replace("  out # where to\n", ""));
  assert.equal(
    edited(text, { type: "insert", path: ["run"], index: 3, value: "more, of it" }),
    text.replace("  out #", '  out, "more, of it" #'),
  );
});

test("texts of several lines, files without an end, marks at the start", () => {
  const text = "\uFEFFdescription: |\n  one\n  two\nname: x # name\nsteps:";
  assert.equal(
    edited(text, { type: "set", path: ["description"], value: "three\n\nfour\n" }),
    "\uFEFFdescription: |\n  three\n\n  four\nname: x # name\nsteps:",
  );
  assert.equal(
    edited(text, { type: "set", path: ["description"], value: "one line" }),
    "\uFEFFdescription: one line\nname: x # name\nsteps:",
  );
  assert.equal(
    edited(text, { type: "set", path: ["steps", "a"], value: { uses: "cluster" } }),
    `${text}\n  a: {uses: cluster}`.replace("  a: {uses: cluster}", "  a:\n    uses: cluster"),
  );
  assert.equal(edited("a: 1", { type: "set", path: ["b"], value: 2 }), "a: 1\nb: 2");
});

test("the last of what must stay leaves nothing written, the last of a step's parameters takes `with` along", () => {
  const text =
    "tomograms:\n  - {id: t1} # one\nsteps:\n  a:\n    uses: cluster\n    with:\n      radius: 5\n";
  assert.equal(
    edited(text, { type: "remove", path: ["tomograms", 0] }),
    text.replace("\n  - {id: t1} # one", " [] # one"),
  );
  assert.equal(
    edited(text, { type: "remove", path: ["steps", "a", "with", "radius"] }),
    text.replace("    with:\n      radius: 5\n", ""),
  );
  assert.equal(editText("a: [1, 2", [{ type: "remove", path: ["a"] }]).ok, false);
});

test("a map by another value changes only the entries that differ", () => {
  const text =
    "with:\n  radii:\n    1: 6 # ribosome\n    2: 5 # proteasome\n  size: [64, 128, 128] # voxels\n";
  assert.equal(
    edited(text, { type: "set", path: ["with", "radii"], value: { 1: 6, 2: 5.5, 3: 4 } }),
    text.replace("2: 5 # proteasome", "2: 5.5 # proteasome\n    3: 4"),
  );
  assert.equal(
    edited(text, { type: "set", path: ["with", "size"], value: [64, 130, 128] }),
    text.replace("128, 128]", "130, 128]"),
  );
});

test("rows that come first go on lines of their own, whatever stood there", () => {
  const rows = [{ id: "t1" }, { id: "t2" }];
  const lines = "tomograms:\n  - {id: t1}\n  - {id: t2}\n";
  for (const [text, wanted] of [
    ["version: 1\n", `version: 1\n${lines}`],
    ["tomograms:\nversion: 1\n", `${lines}version: 1\n`],
    ["tomograms: [] # none yet\n", `${lines.trimEnd()} # none yet\n`],
    ["tomograms: rows.csv # a table\n", `${lines.trimEnd()} # a table\n`],
  ] as const)
    assert.equal(edited(text, { type: "set", path: ["tomograms"], value: rows }), wanted);
  assert.equal(
    edited("tomograms: []\n", { type: "insert", path: ["tomograms"], index: 0, value: rows[0] }),
    "tomograms:\n  - {id: t1}\n",
  );
});

test("many edits at once are what they are one after another", () => {
  const rows = Array.from({ length: 40 }, (_, index) => `  - {id: t${index}, tilt: ${index}} # row ${index}`);
  const text = `tomograms:\n${rows.join("\n")}\nsteps: {}\n`;
  const batches: readonly (readonly Operation[])[] = [
    rows.map((_, index) => ({ type: "set", path: ["tomograms", index, "split"], value: "train" })),
    rows.map((_, index) => ({ type: "remove", path: ["tomograms", 39 - index] })).slice(0, 20) as Operation[],
    rows.flatMap((_, index): Operation[] => [
      { type: "set", path: ["tomograms", index, "tilt"], value: index * 2 },
      { type: "set", path: ["tomograms", index, "split"], value: "test" },
      { type: "remove", path: ["tomograms", index, "id"] },
    ]),
    [0, 1, 2].map((index) => ({
      type: "insert",
      path: ["tomograms"],
      index: 40 + index,
      value: { id: `new${index}` },
    })),
    [0, 1, 2].map((index) => ({ type: "insert", path: ["tomograms"], index, value: { id: `new${index}` } })),
    [
      { type: "set", path: ["steps", "a"], value: { uses: "cluster" } },
      { type: "set", path: ["steps", "a", "from"], value: "tomograms" },
      { type: "rename", path: ["steps", "a"], name: "b" },
    ],
  ];
  for (const batch of batches) {
    const one = batch.reduce((done, operation) => edited(done, operation), text);
    assert.equal(edited(text, ...batch), one);
  }
});
