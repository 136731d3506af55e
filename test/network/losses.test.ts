/** Losses as data: against their published formulas, written out here, and their derivative in its shortest form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { derivativeOf, log, over, plus, times, variable } from "../../src/network/losses/expression.ts";
import { type ClassTerm, classSlopes, type VoxelTerm, voxelSlope } from "../../src/network/losses/loss.ts";
import { losses } from "../../src/network/losses/registry.ts";
import { type LossChoice, lossFormula } from "../../src/network/losses.ts";
import { lossGraph } from "../support/feeds.ts";
import { runOracle } from "../support/oracle.ts";

const classes = 4;
const voxels = 2 * 3 * 5;
const weights = [0.2, 1, 0.7, 2.3];

/** Probabilities by voxel and class, and the true class of each voxel. */
function example() {
  const random = new Random(3);
  const logits = Array.from({ length: voxels }, () => Array.from({ length: classes }, () => random.normal()));
  const p = logits.map((row) => {
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / sum);
  });
  return { logits, p, truth: logits.map(() => random.integer(0, classes - 1)) };
}

const { logits, p, truth } = example();

/** The loss of the formula, as the oracle computes it. */
function computed(loss: LossChoice, trueLabels: readonly number[] = truth): number {
  const { forward } = lossGraph((builder) => builder.input("x", [1, classes, 2, 3, 5]), loss);
  const data = Float32Array.from(
    { length: classes * voxels },
    (_, i) => logits[i % voxels]![Math.floor(i / voxels)]!,
  );
  const x = { shape: [1, classes, 2, 3, 5], data };
  const labels = { shape: [1, 2, 3, 5], data: Uint8Array.from(trueLabels) };
  return runOracle(forward, { x, labels }).loss![0]!;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** TP / (TP + αFP + βFN) of each class. */
const tversky = (alpha: number, beta: number): number[] =>
  Array.from({ length: classes }, (_, c) => {
    const inside = sum(p.map((row, i) => (truth[i] === c ? row[c]! : 0)));
    const outside = sum(p.map((row, i) => (truth[i] === c ? 0 : row[c]!)));
    const missed = sum(p.map((row, i) => (truth[i] === c ? 1 - row[c]! : 0)));
    return inside / (inside + alpha * outside + beta * missed);
  });

const focal = (gamma: number): number =>
  -sum(p.map((row, i) => weights[truth[i]!]! * (1 - row[truth[i]!]!) ** gamma * Math.log(row[truth[i]!]!))) /
  voxels;

const dice = (): number => classes - sum(tversky(0.5, 0.5).map((index, c) => weights[c]! * index));

const published: Readonly<Record<string, () => number>> = {
  tversky: () => classes - sum(tversky(0.3, 0.6).map((index, c) => weights[c]! * index)),
  dice,
  "cross-entropy": () => focal(0),
  focal: () => focal(1.7),
  "dice-cross-entropy": () => dice() + focal(0),
  "focal-tversky": () => sum(tversky(0.3, 0.6).map((index, c) => weights[c]! * (1 - index) ** 1.7)),
};

for (const { name, parameters } of losses)
  test(`${name} is what was published`, () => {
    const values = { alpha: 0.3, beta: 0.6, gamma: 1.7 };
    const own = Object.entries(values).filter(([key]) => Object.hasOwn(parameters, key));
    const loss = { name, parameters: Object.fromEntries(own), classWeights: weights };
    const expected = published[name]!();
    assert.ok(Math.abs(computed(loss) - expected) < 1e-6 * expected, `${computed(loss)}, not ${expected}`);
  });

/** Of the voxels with these indices, or all: dice and cross-entropy, where voxel i counts `counts(i)` and is of the class `known(i)`. */
function weightedDiceCrossEntropy(counts: (i: number) => number, known: (i: number) => number): number {
  const of = (value: (row: readonly number[], i: number) => number) =>
    sum(p.map((row, i) => counts(i) * value(row, i)));
  const indices = Array.from({ length: classes }, (_, c) => {
    const overlap = of((row, i) => (known(i) === c ? row[c]! : 0));
    return (2 * overlap) / (of((row) => row[c]!) + of((_, i) => (known(i) === c ? 1 : 0)));
  });
  const entropy = of((row, i) => -Math.log(row[known(i)]!)) / sum(p.map((_, i) => counts(i)));
  return classes - sum(indices) + entropy;
}

for (const unknownWeight of [0, 0.05, 1])
  test(`unknown voxels are background that counts ${unknownWeight}, in sums and in the mean`, () => {
    const isUnknown = (i: number) => i % 4 === 1;
    const loss = { name: "dice-cross-entropy", unknownWeight };
    const labels = truth.map((label, i) => (isUnknown(i) ? 255 : label));
    const expected = weightedDiceCrossEntropy(
      (i) => (isUnknown(i) ? unknownWeight : 1),
      (i) => (isUnknown(i) ? 0 : truth[i]!),
    );
    assert.ok(Math.abs(computed(loss, labels) - expected) < 1e-6 * expected);
    // without any the loss is what it always was
    assert.ok(Math.abs(computed(loss) - computed({ name: "dice-cross-entropy" })) < 1e-6);
  });

test("the derivative is as short as by hand, and no floor is in its way", () => {
  const [entropy] = lossFormula({ name: "cross-entropy" }) as [VoxelTerm];
  const chosen = { type: "atLeast", of: variable("p"), least: 1e-30 };
  assert.deepEqual(voxelSlope(entropy), { type: "over", a: { type: "number", value: -1 }, b: chosen });
  // of the three sums, that of the truth does not depend on the probabilities
  const [overlap] = lossFormula({ name: "dice" }) as [ClassTerm];
  const slopes = classSlopes(overlap);
  assert.deepEqual(
    slopes.map(({ inner }) => inner),
    [variable("g"), { type: "number", value: 1 }],
  );
  // α = β = ½: 1 − α − β is 0, and its product is not there
  assert.equal(JSON.stringify(slopes[0]!.outer).includes('"minus"'), false);
});

test("rules of the derivative", () => {
  const [x, y] = [variable("x"), variable("y")];
  assert.deepEqual(derivativeOf(times(x, y), "x"), y);
  assert.deepEqual(derivativeOf(plus(x, y), "z"), { type: "number", value: 0 });
  assert.deepEqual(derivativeOf(log(y), "y"), over(1, y));
  assert.deepEqual(derivativeOf(over(y, x), "y"), over(1, x));
});

test("parameters of one name are the same in every loss, since `train` has one of the name", () => {
  const known = new Map<string, string>();
  for (const { name, parameters } of losses)
    for (const [key, { description: _, ...bounds }] of Object.entries(parameters)) {
      const text = JSON.stringify(bounds);
      assert.equal(known.get(key) ?? text, text, `${key} of ${name}`);
      known.set(key, text);
    }
  assert.deepEqual([...known.keys()], ["alpha", "beta", "gamma"]);
});

test("a loss that is not there is told", () => {
  assert.throws(() => lossFormula({ name: "lovasz" }), { code: "loss-unknown", hint: /tversky, dice/ });
});
