/**
 * classes − Σ_c w_c T_c with T = Σpg / (Σpg + αΣp(1−g) + βΣ(1−p)g), over all voxels of the batch (Salehi et al. 2017):
 * DeepFinder's loss, α = β = ½.
 */
import { atLeast, type Expression, negated, over, plus, times, variable } from "./expression.ts";
import { type Loss, overlapSums } from "./loss.ts";

/** Denominators below this are a class that is neither there nor predicted: its index is 0, not 0/0. */
const smallest = 1e-7;

/** T, with the denominator as (1−α−β)Σpg + αΣp + βΣg. */
export function tverskyIndex(alpha: number, beta: number): Expression {
  const overlap = variable("overlap");
  const sides = plus(times(alpha, variable("predicted")), times(beta, variable("present")));
  return over(overlap, atLeast(plus(times(1 - alpha - beta, overlap), sides), smallest));
}

export const alpha = { description: "weight of false positives", minimum: 0, maximum: 1, default: 0.5 };
export const beta = { description: "weight of false negatives", minimum: 0, maximum: 1, default: 0.5 };

export const tversky: Loss = {
  name: "tversky",
  summary: "DeepFinder's",
  parameters: { alpha, beta },
  terms: (parameters) => [
    {
      over: "classes",
      sums: overlapSums,
      value: negated(tverskyIndex(parameters.alpha!, parameters.beta!)),
      offset: 1,
    },
  ],
};
