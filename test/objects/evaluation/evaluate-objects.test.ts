import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../../src/core/random.ts";
import { averagePrecision, bestPoint } from "../../../src/objects/evaluation/curves.ts";
import { type EvaluatedTomogram, evaluateObjects } from "../../../src/objects/evaluation/evaluate-objects.ts";
import { metricsDocument } from "../../../src/objects/evaluation/metrics.ts";
import { macroScores, scoresOf } from "../../../src/objects/evaluation/scores.ts";
import { confusionTable, matchesTable } from "../../../src/objects/evaluation/tables.ts";

const at = (label: number, x: number, score?: number) => ({
  label,
  z: 5,
  y: 7,
  x,
  ...(score === undefined ? {} : { score }),
});

// t0: class 1 found twice of three, one of them as class 2, and one out of nothing; t1: class 2 alone, found.
const tomograms: readonly EvaluatedTomogram[] = [
  {
    id: "t0",
    truth: [at(1, 10), at(1, 50), at(1, 90), at(2, 130)],
    detections: [at(1, 12, 0.9), at(2, 51, 0.8), at(1, 200, 0.7), at(2, 131, 0.6), at(2, 134, 0.95)],
  },
  { id: "t1", truth: [at(2, 30)], detections: [at(2, 33, 0.5)] },
];
const evaluation = await evaluateObjects(tomograms, {
  rule: { type: "distance", distance: 5 },
  beta: 2,
  labels: [1, 2, 4],
});
const { overall } = evaluation;

const counts = ({ tp, fp, fn }: { tp: number; fp: number; fn: number }) => [tp, fp, fn];

describe("scores", () => {
  test("by class, pooled over the tomograms", () => {
    assert.deepEqual(counts(overall.classes.get(1)!), [1, 1, 2]);
    assert.deepEqual(counts(overall.classes.get(2)!), [2, 2, 0]);
    assert.deepEqual(overall.classes.get(1), {
      f1: 0.4,
      precision: 0.5,
      recall: 1 / 3,
      fbeta: 5 / (5 + 4 * 2 + 1),
      tp: 1,
      fp: 1,
      fn: 2,
      meanDistanceVoxels: 2,
    });
  });

  test("micro counts all, macro averages the classes that have something to score", () => {
    assert.deepEqual(counts(overall.micro), [3, 3, 2]);
    assert.equal(overall.micro.f1, 6 / 11);
    assert.equal(overall.micro.meanDistanceVoxels, (2 + 1 + 3) / 3);
    assert.equal(overall.macro.f1, (0.4 + 2 / 3) / 2);
    assert.deepEqual(counts(overall.macro), [3, 3, 2]);
  });

  test("localization asks for the place alone", () => {
    assert.deepEqual(counts(overall.localization), [4, 2, 1]);
    assert.equal(overall.localization.meanDistanceVoxels, (2 + 1 + 1 + 3) / 4);
  });

  test("each tomogram by itself", () => {
    assert.deepEqual([...evaluation.tomograms.keys()], ["t0", "t1"]);
    assert.deepEqual(counts(evaluation.tomograms.get("t0")!.classes.get(2)!), [1, 2, 0]);
    assert.equal(evaluation.tomograms.get("t1")!.macro.f1, 1);
  });

  test("neither truth nor detections: null, and left out of the mean", () => {
    const nothing = {
      f1: null,
      precision: null,
      recall: null,
      fbeta: null,
      tp: 0,
      fp: 0,
      fn: 0,
      meanDistanceVoxels: null,
    };
    assert.deepEqual(overall.classes.get(4), nothing);
    assert.deepEqual(evaluation.tomograms.get("t1")!.classes.get(1), nothing);
    assert.deepEqual(macroScores([nothing]), nothing);
  });

  test("truth alone, or detections alone: zero", () => {
    for (const [tp, fp, fn] of [
      [0, 0, 3],
      [0, 3, 0],
    ]) {
      const { f1, precision, recall, fbeta } = scoresOf({ tp, fp, fn }, 4);
      assert.deepEqual([f1, precision, recall, fbeta], [0, 0, 0, 0]);
    }
  });
});

test("the confusion matrix is by place: what it is, what it was called, missed, out of nothing", () => {
  assert.deepEqual(evaluation.labels, [1, 2, 4]);
  assert.deepEqual(evaluation.confusion, [
    [1, 1, 0, 1],
    [0, 2, 0, 0],
    [0, 0, 0, 0],
    [1, 1, 0, 0],
  ]);
  assert.equal(
    confusionTable(evaluation, new Map([[1, 'a, "b"']])),
    'truth \\ detection,"a, ""b""",2,4,(missed)\n"a, ""b""",1,1,0,1\n2,0,2,0,0\n4,0,0,0,0\n(spurious),1,1,0,0\n',
  );
});

test("the table of matches tells every object once", () => {
  const lines = matchesTable(evaluation).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(",").slice(0, 6).join(",")),
    [
      "tomogram,status,truth_label,detection_label,confused_with,distance",
      "t0,matched,1,1,,2",
      "t0,missed,1,,,",
      "t0,missed,1,,,",
      "t0,matched,2,2,,1",
      "t0,spurious,,2,1,",
      "t0,spurious,,1,,",
      "t0,spurious,,2,,",
      "t1,matched,2,2,,3",
    ],
  );
  assert.equal(lines[1], "t0,matched,1,1,,2,10,7,5,12,7,5,,0.9,");
});

describe("curves", () => {
  const points = evaluation.curves.get(2)!.points;

  test("one point a threshold, each matched anew among what is kept", () => {
    assert.deepEqual(
      points.map(({ threshold, scores: { tp, fp, fn } }) => [threshold, tp, fp, fn]),
      [
        [0.95, 1, 0, 1],
        [0.8, 1, 1, 1],
        [0.6, 1, 2, 1],
        [0.5, 2, 2, 0],
      ],
    );
    assert.equal(evaluation.curves.get(2)!.rankBy, "score");
  });

  test("best thresholds and average precision", () => {
    assert.equal(bestPoint(points, "f1")?.threshold, 0.95);
    assert.equal(bestPoint(points, "fbeta")?.threshold, 0.5);
    assert.equal(averagePrecision(points), 0.5 * 1 + 0.5 * 0.5);
  });

  test("the last point is the matching of all detections", () => {
    for (const [label, { points: all }] of evaluation.curves)
      if (all.length > 0)
        assert.deepEqual(counts(all[all.length - 1].scores), counts(overall.classes.get(label)!));
  });

  test("equal values enter together; a later detection may push an earlier one on", async () => {
    const truth = [at(1, 10), at(1, 14)];
    const detections = [
      { ...at(1, 12), clusterSize: 50 },
      { ...at(1, 7), clusterSize: 50 },
      { ...at(1, 18), clusterSize: 9 },
    ];
    const { curves } = await evaluateObjects([{ id: "t", truth, detections }], {
      rule: { type: "distance", distance: 4 },
      beta: 1,
    });
    assert.equal(curves.get(1)?.rankBy, "size");
    assert.deepEqual(
      curves.get(1)?.points.map(({ threshold, scores: { tp, fp, fn } }) => [threshold, tp, fp, fn]),
      [
        [50, 2, 0, 0],
        [9, 2, 1, 0],
      ],
    );
  });

  test("none without a score or a size for every detection", async () => {
    const plain = [{ id: "t", truth: [at(1, 1)], detections: [at(1, 1, 0.5), at(1, 9)] }];
    const { curves } = await evaluateObjects(plain, { rule: { type: "distance", distance: 4 }, beta: 1 });
    assert.equal(curves.size, 0);
  });
});

test("metrics.json", () => {
  const document = metricsDocument(evaluation, {
    names: new Map([[1, "ribosome"]]),
    beta: 2,
    match: "distance",
  });
  const { macro, classes, tomograms: rows } = JSON.parse(JSON.stringify(document));
  assert.deepEqual(Object.keys(document), [
    "macro",
    "micro",
    "localization",
    "classes",
    "tomograms",
    "match",
    "beta",
  ]);
  assert.equal(macro.f1, 0.533333);
  assert.equal(classes["1"].name, "ribosome");
  assert.deepEqual(classes["2"].bestF1, {
    rankBy: "score",
    threshold: 0.95,
    f1: 0.666667,
    precision: 1,
    recall: 0.5,
    fbeta: 0.555556,
  });
  assert.deepEqual(Object.keys(rows.t1), ["macro", "micro", "localization", "classes"]);
  assert.equal(rows.t1.classes["1"].f1, null);
  assert.deepEqual(counts(rows.t0.localization), [3, 2, 1]);
});

test("stops when asked, in the midst of a dense blob", async () => {
  const random = new Random(2);
  const place = () => ({
    label: 1,
    x: 9 * random.uniform(),
    y: 9 * random.uniform(),
    z: 9 * random.uniform(),
  });
  const list = () => Array.from({ length: 4000 }, place);
  const stop = new AbortController();
  const work = evaluateObjects([{ id: "t", truth: list(), detections: list() }], {
    rule: { type: "distance", distance: 20 },
    beta: 1,
    signal: stop.signal,
  });
  setImmediate(() => stop.abort());
  await assert.rejects(work, { name: "AbortError" });
});
