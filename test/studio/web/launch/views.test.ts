import assert from "node:assert/strict";
import { test } from "node:test";
import { durationWords, numberWords } from "../../../../src/studio/web/launch/amounts.ts";
import { chartsOf, withLive } from "../../../../src/studio/web/launch/curves/curve-data.ts";
import { addLogText } from "../../../../src/studio/web/launch/details/log-text.ts";
import { layOutSteps, nodeSize, pathThrough } from "../../../../src/studio/web/launch/graph/graph-layout.ts";
import { comparedSides } from "../../../../src/studio/web/launch/history/compared-sides.ts";
import { lookOfFile } from "../../../../src/studio/web/launch/results/look-of-file.ts";
import { classScores, scoresOf } from "../../../../src/studio/web/launch/results/scores.ts";
import type { CurvePoint } from "../../../../src/studio/web/launch/run-model.ts";
import type { ShownTask } from "../../../../src/studio/web/launch/task-view.ts";
import { filterTasks, sortTasks } from "../../../../src/studio/web/launch/tasks/task-filter.ts";

test("charts pair training with validation, and have a line a class in the colours' order", () => {
  const points: CurvePoint[] = [
    {
      step: 1,
      values: {
        loss: 2,
        validationLoss: 2.5,
        accuracy: 0.5,
        "f1.b": 0.1,
        "f1.a": 0.2,
        "recall.a": 0.3,
        learningRate: 0.1,
      },
    },
    { step: 2, values: { loss: 1, "f1.b": 0.4 } },
  ];
  const charts = chartsOf([{ points }, { points: [{ step: 3, values: { loss: 0.5 } }] }], ["a", "b"]);
  assert.deepEqual(
    charts.map(({ title, isScore }) => [title, isScore]),
    [
      ["Loss", false],
      ["Accuracy", true],
      ["F1 of each class", true],
      ["Recall of each class", true],
      ["Learning rate", false],
    ],
  );
  const [loss, , f1] = charts;
  assert.deepEqual(loss!.steps, [1, 2, 3]);
  assert.deepEqual(
    loss!.lines.map(({ training, name, values }) => [training, name, values]),
    [
      [0, "training", [2, 1, null]],
      [0, "validation", [2.5, null, null]],
      [1, "training", [null, null, 0.5]],
    ],
  );
  assert.deepEqual(
    f1!.lines.map(({ name, classIndex, values }) => [name, classIndex, values]),
    [
      ["a", 0, [0.2, null, null]],
      ["b", 1, [0.1, 0.4, null]],
    ],
  );
});

test("what the run at work tells goes on with the curve that it took up, and replaces what is known of itself", () => {
  const point = (step: number, loss: number) => ({ step, values: { loss } });
  const before = { run: "1", task: "train", started: "s", points: [point(1, 9), point(2, 8)] };
  const live = { run: "2", started: "t", curves: new Map([["train", [point(3, 7)]]]) };
  assert.deepEqual(withLive([before], live), [
    { run: "2", task: "train", started: "s", points: [point(1, 9), point(2, 8), point(3, 7)] },
  ]);
  const anew = { ...live, curves: new Map([["train", [point(1, 5)]]]) };
  assert.deepEqual(
    withLive([before], anew).map(({ run, points }) => [run, points.length]),
    [
      ["2", 1],
      ["1", 2],
    ],
  );
  const own = { ...before, run: "2", points: [point(1, 9), point(2, 8)] };
  assert.deepEqual(
    withLive([own], { ...live, curves: new Map([["train", [point(2, 8), point(3, 7)]]]) })[0]!.points,
    [point(1, 9), point(2, 8), point(3, 7)],
  );
  assert.deepEqual(withLive([before], null), [before]);
});

test("steps lie below what they read, none over another, and arrows go from one to the other", () => {
  const steps = [
    { id: "a", dependsOn: [] },
    { id: "b", dependsOn: ["a"] },
    { id: "c", dependsOn: ["a", "b", "gone"] },
    { id: "d", dependsOn: ["a"] },
  ];
  const { places, arrows } = layOutSteps(steps);
  const at = new Map(places.map((place) => [place.id, place]));
  assert.deepEqual(
    arrows.map(({ from, to }) => `${from}${to}`),
    ["ab", "ac", "bc", "ad"],
  );
  for (const { from, to, points } of arrows) {
    assert.ok(at.get(from)!.y + nodeSize.height <= at.get(to)!.y);
    assert.ok(points[0]!.y <= at.get(from)!.y + nodeSize.height && points.at(-1)!.y >= at.get(to)!.y - 1);
  }
  for (const one of places)
    for (const other of places)
      assert.ok(
        one === other ||
          Math.abs(one.x - other.x) >= nodeSize.width ||
          Math.abs(one.y - other.y) >= nodeSize.height,
        `${one.id} lies over ${other.id}`,
      );
  assert.equal(
    pathThrough([
      { x: 0, y: 0 },
      { x: 4, y: 8 },
    ]),
    "M0,0 L4,8",
  );
  assert.equal(
    pathThrough([
      { x: 0, y: 0 },
      { x: 4, y: 8 },
      { x: 4, y: 16 },
    ]),
    "M0,0 Q4,8 4,16",
  );
});

test("tasks are found by name and state, and sorted by numbers in their names", () => {
  const task = (id: string, shown: ShownTask["shown"], seconds?: number): ShownTask => ({
    id,
    step: "s",
    state: "run",
    reasons: [],
    shown,
    ...(seconds !== undefined && { lastDurationSeconds: seconds }),
  });
  const tasks = [task("s@t10", "run", 2), task("s@t2", "failed"), task("s@t1", "run", 5)];
  const ids = (list: readonly ShownTask[]) => list.map(({ id }) => id.slice(3)).join();
  assert.equal(ids(filterTasks(tasks, { text: " T1", states: new Set() })), "10,1");
  assert.equal(ids(filterTasks(tasks, { text: "", states: new Set(["failed"]) })), "2");
  assert.equal(ids(sortTasks(tasks, "name")), "1,2,10");
  assert.equal(ids(sortTasks(tasks, "state")), "2,10,1");
  assert.equal(ids(sortTasks(tasks, "time", true)), "2,10,1");
  assert.equal(ids(sortTasks(tasks, "plan")), "10,2,1");
});

test("results open in Look with the tomogram of their row", () => {
  const file = (row: string, port: string, kind: "volume" | "labels" | "objects" | "other") => ({
    task: `s@${row}`,
    step: "s",
    row,
    port,
    description: "",
    path: `out/${row}/${port}.mrc`,
    kind,
    bytes: 1,
    changedMs: 0,
  });
  const files = [file("a", "tomogram", "volume"), file("a", "labels", "labels")];
  const rows = [{ id: "b", tomogram: "data/b.mrc" }];
  const look = (one: ReturnType<typeof file>) =>
    decodeURIComponent(lookOfFile(one, { files, rows }) ?? "none");
  assert.equal(look(files[1]!), "#/look?volume=out/a/tomogram.mrc&labels=out/a/labels.mrc");
  assert.equal(look(file("b", "objects", "objects")), "#/look?volume=data/b.mrc&objects=out/b/objects.mrc");
  assert.equal(look(file("c", "objects", "objects")), "none");
  assert.equal(look(file("a", "weights", "other")), "none");
});

test("scores are the few numbers of a metrics file, and a line a class", () => {
  const metrics = {
    macro: { f1: 0.9 },
    classes: { "1": { name: "ribosome", f1: 0.8, precision: 0.7, recall: null, tp: 3 } },
    beta: 1,
  };
  const tasks = [{ task: "evaluate", step: "evaluate", seconds: 1, metrics: { metrics } }];
  assert.deepEqual(scoresOf(tasks), [
    { name: "evaluate", values: { "macro.f1": 0.9, "ribosome f1": 0.8, "ribosome precision": 0.7 } },
  ]);
  assert.deepEqual(classScores(metrics), [{ name: "ribosome", values: { f1: 0.8, precision: 0.7, tp: 3 } }]);
  assert.deepEqual(scoresOf([{ ...tasks[0]!, metrics: { m: { rows: 2, word: "x" } } }])[0]!.values, {
    rows: 2,
  });
});

test("what is picked to compare asks for revisions or for variants, never for both", () => {
  const revisions = [
    { metrics: {}, changed: [] },
    { commit: "c".repeat(40), date: "2026-11-27T10:00:00Z", subject: "two", metrics: {}, changed: [] },
    { commit: "d".repeat(40), date: "2026-11-26T10:00:00Z", subject: "one", metrics: {}, changed: [] },
  ];
  const ask = (picked: readonly string[], variant?: string) => {
    const choice = { path: "w.yaml", ...(variant !== undefined && { variant }) };
    const { ask: asked, advice } = comparedSides(choice, { picked, variants: ["x", "y"], revisions });
    return asked ? [asked.revisions.map((name) => name[0]), asked.variants] : advice;
  };
  const [c, d] = [`commit ${"c".repeat(40)}`, `commit ${"d".repeat(40)}`];
  assert.deepEqual(ask(["now", c]), [["c"], []]);
  assert.deepEqual(ask([c, d]), [["d", "c"], []], "the older first, as they are listed the newest first");
  assert.deepEqual(ask(["now", "variant y"], "x"), [[], ["x", "y"]]);
  assert.deepEqual(ask(["now", "variant x"]), [[], ["x"]]);
  assert.equal(ask([c, "variant x"]), "Pick revisions or variants, not both.");
  assert.equal(ask(["now"]), "Pick one more.");
});

test("a log line that is written over shows its last text; numbers and times are short", () => {
  assert.equal(addLogText("a\n10 %\r", "20 %\rdone\nb"), "a\ndone\nb");
  assert.equal(addLogText("", "x\r\ny"), "x\ny");
  assert.deepEqual([0.04, 3.12, 75, 7325, 180_000].map(durationWords), [
    "40 ms",
    "3.1 s",
    "1 min 15 s",
    "2 h 02 min",
    "2 d 2 h",
  ]);
  assert.deepEqual([0.123456, 12, 0.00001, 1234567.8].map(numberWords), [
    "0.1235",
    "12",
    "1.00e-5",
    "1.23e+6",
  ]);
});
