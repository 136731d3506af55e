/** Dice with cross-entropy (Isensee et al., nnU-Net, 2021). */
import { crossEntropy } from "./cross-entropy.ts";
import { dice } from "./dice.ts";
import type { Loss } from "./loss.ts";

export const diceCrossEntropy: Loss = {
  name: "dice-cross-entropy",
  summary: "the sum of two, which learns fastest from random weights and with many classes",
  parameters: {},
  terms: () => [...dice.terms({}), ...crossEntropy.terms({})],
};
