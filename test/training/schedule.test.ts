import assert from "node:assert/strict";
import { test } from "node:test";
import { biasCorrectedRate, type LearningRate, learningRateAt } from "../../src/training/schedule.ts";

const rate = (changes: Partial<LearningRate>): LearningRate => ({
  initial: 0.02,
  schedule: "constant",
  final: 0.1,
  warmupSteps: 0,
  ...changes,
});

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

test("constant, whatever the number of steps", () => {
  for (const step of [0, 7, 99]) near(learningRateAt(rate({}), step, 100), 0.02);
  near(learningRateAt(rate({}), 500, 100), 0.02);
});

test("cosine: from the first to the last, halfway between in the middle", () => {
  const cosine = rate({ schedule: "cosine" });
  near(learningRateAt(cosine, 0, 101), 0.02);
  near(learningRateAt(cosine, 50, 101), 0.02 * 0.55);
  near(learningRateAt(cosine, 25, 101), 0.02 * (0.1 + 0.9 * 0.5 * (1 + Math.SQRT1_2)));
  near(learningRateAt(cosine, 100, 101), 0.002);
  near(learningRateAt(cosine, 300, 101), 0.002);
});

test("exponential: equal ratios", () => {
  const exponential = rate({ schedule: "exponential" });
  near(learningRateAt(exponential, 0, 11), 0.02);
  near(learningRateAt(exponential, 5, 11), 0.02 * Math.sqrt(0.1));
  near(learningRateAt(exponential, 10, 11), 0.002);
  near(learningRateAt(exponential, 0, 1), 0.02);
});

test("warm-up: linear to the full rate, over any schedule", () => {
  const warm = rate({ warmupSteps: 4 });
  for (const [step, share] of [0.25, 0.5, 0.75, 1, 1].entries())
    near(learningRateAt(warm, step, 10), 0.02 * share);
  near(learningRateAt(rate({ warmupSteps: 4, schedule: "exponential" }), 1, 11), 0.02 * 0.5 * 0.1 ** 0.1);
});

test("bias correction: that of the textbook, which divides the moments", () => {
  const [beta1, beta2] = [0.9, 0.999];
  // of a constant gradient g, m = g (1 − β₁ᵗ) and v = g² (1 − β₂ᵗ): the corrected step is the rate itself
  const gradient = 0.37;
  for (const t of [1, 2, 10, 5000]) {
    const mean = gradient * (1 - beta1 ** t);
    const variance = gradient ** 2 * (1 - beta2 ** t);
    near((biasCorrectedRate(0.02, t, { beta1, beta2 }) * mean) / Math.sqrt(variance), 0.02);
  }
  near(biasCorrectedRate(1, 1, { beta1, beta2 }), Math.sqrt(0.001) / 0.1);
});
