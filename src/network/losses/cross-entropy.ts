/** −mean over voxels of w_c log p_c for the true class c: focal with γ = 0. */
import { focal } from "./focal.ts";
import type { Loss } from "./loss.ts";

export const crossEntropy: Loss = {
  name: "cross-entropy",
  parameters: {},
  terms: () => focal.terms({ gamma: 0 }),
};
