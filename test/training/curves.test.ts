import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLValidator } from "fast-xml-parser";
import { pathOf, smooth, thin } from "../../src/training/curves/line.ts";
import { epochScale, scaleOf } from "../../src/training/curves/scale.ts";
import { drawCurves } from "../../src/training/curves.ts";
import type { EpochRecord } from "../../src/training/history.ts";

/** Three classes; the loss falls from 3 to 0, the F1 of the classes rises from 0 to 1. */
function makeHistory(epochs: number): EpochRecord[] {
  return Array.from({ length: epochs }, (_, index) => {
    const done = epochs === 1 ? 1 : index / (epochs - 1);
    return {
      epoch: index + 1,
      loss: 3 * (1 - done),
      accuracy: 0.9 + 0.1 * done,
      validationLoss: 3 - 2 * done,
      validationAccuracy: 0.9 + 0.05 * done,
      f1: [0.99, done, done / 2],
      precision: [1, done, 0.5],
      recall: [0.98, 0.25, done],
      learningRate: 1e-4,
    };
  });
}

const names = ["background", "ribosome", "proteasome"];

const textsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, content]) =>
    content!.replace(/<[^>]*>/g, " ").trim(),
  );

/** Points of the paths of one color, in order of drawing. */
function pathsOf(svg: string, color: string): string[] {
  return [...svg.matchAll(/<path ([^>]*)>/g)]
    .filter(([, attributes]) => attributes!.includes(`stroke="${color}"`))
    .map(([, attributes]) => /d="([^"]*)"/.exec(attributes!)![1]!);
}

test("values lie where the axes say", () => {
  const resumed = makeHistory(3).map((record) => ({ ...record, epoch: record.epoch + 10 }));
  const svg = drawCurves(resumed, names);
  assert.equal(XMLValidator.validate(svg), true);
  const labels = textsOf(svg);
  const tickAt = (label: string) => {
    const [, x, y] = new RegExp(`<text x="([\\d.]+)" y="([\\d.]+)"[^>]*>${label}</text>`).exec(svg)!;
    return [Number(x), Number(y)] as const;
  };
  const [, zero] = tickAt("0");
  const [, three] = tickAt("3");
  const [first] = tickAt("11");
  const [last] = tickAt("13");
  assert.ok(labels.includes("training 0.000") && labels.includes("validation 1.000"), labels.join("|"));
  const [loss, accuracy] = pathsOf(svg, "#4e79a7");
  const points = [...loss!.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  const expected = [
    [first, three - 4],
    [(first + last) / 2, (three + zero) / 2 - 4],
    [last, zero - 4],
  ];
  points.forEach(([x, y], index) => {
    assert.ok(Math.abs(x! - expected[index]![0]!) < 0.1, `x of epoch ${index + 1}: ${x}`);
    assert.ok(Math.abs(y! - expected[index]![1]!) < 0.1, `y of epoch ${index + 1}: ${y}`);
  });
  assert.equal(points.length, 3);
  assert.notEqual(accuracy, undefined);
  assert.equal(
    pathsOf(svg, "#f28e2b").length,
    3,
    "one curve of the class in each of F1, precision and recall",
  );
});

test("the head names the best epoch, the legend the last F1 of every class", () => {
  const history = makeHistory(5);
  history[3] = { ...history[3]!, f1: [0, 1, 0.875] };
  const labels = textsOf(drawCurves(history, ["background", 'a < b & "c"', "proteasome"]));
  assert.ok(labels.includes("Training, 5 epochs"));
  assert.ok(labels.includes("best mean F1 0.938 after epoch 4 · dotted line: that epoch"), labels.join("|"));
  assert.ok(labels.includes("a &lt; b &amp; &quot;c&quot;  F1 1.000"), labels.join("|"));
  assert.ok(labels.includes("proteasome  F1 0.500"));
});

test("one epoch is drawn as dots, none at all as empty panels", () => {
  const one = drawCurves(makeHistory(1), names);
  assert.equal(XMLValidator.validate(one), true);
  assert.equal([...one.matchAll(/<circle /g)].length, 2 + 2 + 3 * 3);
  assert.ok(textsOf(one).includes("Training, 1 epoch"));
  const none = drawCurves([], names);
  assert.equal(XMLValidator.validate(none), true);
  assert.equal(textsOf(none).filter((label) => label === "no values").length, 5);
});

test("a thousand epochs stay small, with running means over the single values", () => {
  const many = makeHistory(1000);
  const svg = drawCurves(many, names);
  assert.equal(XMLValidator.validate(svg), true);
  assert.ok(!svg.includes("<circle"));
  assert.equal(
    pathsOf(svg, "#4e79a7").length,
    2 * 2 + 3 * 2,
    "training twice and the first class thrice, each twice",
  );
  assert.ok(svg.length < 150_000, `${svg.length} characters`);
  assert.ok(textsOf(svg).some((label) => label.endsWith("strong lines: means over 35 epochs")));
  assert.equal(svg, drawCurves(many, names));
});

test("values that are not numbers leave gaps and never reach the picture", () => {
  const history = makeHistory(5);
  history[2] = { ...history[2]!, loss: Number.NaN, f1: [Number.NaN, Number.NaN, Number.NaN] };
  history[4] = { ...history[4]!, loss: Number.POSITIVE_INFINITY };
  const svg = drawCurves(history, names);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  const [loss] = pathsOf(svg, "#4e79a7");
  assert.equal([...loss!.matchAll(/M/g)].length, 2);
  const [diverged] = textsOf(drawCurves(history, names)).filter((label) => label.startsWith("training"));
  assert.equal(diverged, "training –");
});

test("axes span the values at round numbers", () => {
  const ticks = (scale: { ticks: readonly number[]; format: (tick: number) => string } | null) =>
    scale?.ticks.map(scale.format);
  assert.deepEqual(ticks(scaleOf([0.93, 0.987], { most: 1 })), ["0.92", "0.94", "0.96", "0.98", "1.00"]);
  assert.deepEqual(ticks(scaleOf([1.2, 11.8])), ["0", "5", "10", "15"]);
  assert.deepEqual(ticks(scaleOf([11, 11.8], { fromZero: true })), ["0", "5", "10", "15"]);
  assert.deepEqual(ticks(scaleOf([-2, 3.5])), ["-2", "0", "2", "4"]);
  assert.deepEqual(ticks(scaleOf([0.5, Number.NaN, 0.5])), ["0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]);
  assert.deepEqual(ticks(scaleOf([0, 0])), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
  assert.equal(scaleOf([Number.NaN]), null);
  assert.deepEqual(epochScale(1, 1), { low: 0.5, high: 1.5, ticks: [1], format: String });
  assert.deepEqual(epochScale(1, 4).ticks, [1, 2, 3, 4]);
  assert.deepEqual(epochScale(1, 1000).ticks, [1, 200, 400, 600, 800, 1000]);
  assert.deepEqual(epochScale(101, 130).ticks, [101, 105, 110, 115, 120, 125, 130]);
});

test("paths break at gaps, thinning keeps extremes, smoothing keeps the length", () => {
  assert.equal(
    pathOf([
      [1, 2],
      [2, Number.NaN],
      [3.04, 4.06],
      [4, 5],
    ]),
    "M1 2h0M3 4.1L4 5",
  );
  const points = Array.from({ length: 100 }, (_, index) => [index / 10, index === 57 ? 9 : 1] as const);
  const kept = thin(points, 10);
  assert.ok(kept.length <= 10, `${kept.length} points`);
  assert.ok(kept.some(([x, y]) => x === 5.7 && y === 9));
  assert.deepEqual(thin(points, 100), points);
  assert.deepEqual(smooth([0, 3, Number.NaN, 9], 3), [1.5, 1.5, 6, 9]);
});
