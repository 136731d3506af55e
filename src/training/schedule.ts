/** Learning rates by step, and Adam's bias correction. */

export interface LearningRate {
  readonly initial: number;
  readonly schedule: "constant" | "cosine" | "exponential";
  /** Factor from the first to the last step, for `cosine` and `exponential`. */
  readonly final: number;
  /** Steps over which the rate rises linearly from 0. */
  readonly warmupSteps: number;
}

/** The learning rate of step `step` (from 0) of `total`. */
export function learningRateAt(
  { initial, schedule, final, warmupSteps }: LearningRate,
  step: number,
  total: number,
): number {
  const warm = step < warmupSteps ? (step + 1) / warmupSteps : 1;
  const progress = total <= 1 ? 0 : Math.min(1, step / (total - 1));
  switch (schedule) {
    case "constant":
      return initial * warm;
    case "cosine":
      return initial * warm * (final + (1 - final) * 0.5 * (1 + Math.cos(Math.PI * progress)));
    case "exponential":
      return initial * warm * final ** progress;
  }
}

/** rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) for step t (from 1), as Keras 2's Adam. */
export const biasCorrectedRate = (
  rate: number,
  t: number,
  { beta1, beta2 }: { beta1: number; beta2: number },
): number => (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
