/** −mean over voxels of w_c (1 − p_c)^γ log p_c for the true class c (Lin et al. 2017). */
import { atLeast, log, minus, negated, power, times } from "./expression.ts";
import { type Loss, p } from "./loss.ts";

/** Keeps the logarithm finite; so small that a voxel which is utterly wrong still gets its full gradient. */
const leastProbability = 1e-30;

/** Keeps (1 − p) to a negative power finite where p is rounded to 1. */
const leastRest = 1e-8;

export const focal: Loss = {
  name: "focal",
  parameters: { gamma: { description: "exponent", minimum: 0, default: 2 } },
  terms: ({ gamma }) => {
    const chosen = atLeast(p, leastProbability);
    const rest = atLeast(minus(1, chosen), leastRest);
    return [{ over: "voxels", value: negated(times(power(rest, gamma!), log(chosen))) }];
  },
};
