/** The Dice loss of Milletari et al. (2016), without squares: Tversky with α = β = ½. */
import type { Loss } from "./loss.ts";
import { tversky } from "./tversky.ts";

export const dice: Loss = {
  name: "dice",
  summary: "Tversky with α = β = ½",
  parameters: {},
  terms: () => tversky.terms({ alpha: 0.5, beta: 0.5 }),
};
