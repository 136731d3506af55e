/** Σ_c w_c (1 − T_c)^γ with T Tversky's index of the class (Abraham and Khan 2019): classes that are found badly weigh more, or less. */
import { atLeast, minus, power } from "./expression.ts";
import { type Loss, overlapSums } from "./loss.ts";
import { alpha, beta, tverskyIndex } from "./tversky.ts";

/** Keeps the derivative finite where a class is found wholly and γ is below 1. */
const leastRest = 1e-7;

export const focalTversky: Loss = {
  name: "focal-tversky",
  summary: "1 − Tversky's index of each class, to the power of γ",
  parameters: {
    alpha,
    beta,
    gamma: { description: "exponent, ¾ where the loss was published", minimum: 0, default: 2 },
  },
  terms: (parameters) => {
    const rest = atLeast(minus(1, tverskyIndex(parameters.alpha!, parameters.beta!)), leastRest);
    return [{ over: "classes", sums: overlapSums, value: power(rest, parameters.gamma!), offset: 0 }];
  },
};
