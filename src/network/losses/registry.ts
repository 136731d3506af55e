/** The losses that there are; adding one is a file of this folder and a line here. Nothing heavy: `train` lists them at once. */
import { crossEntropy } from "./cross-entropy.ts";
import { dice } from "./dice.ts";
import { diceCrossEntropy } from "./dice-cross-entropy.ts";
import { focal } from "./focal.ts";
import { focalTversky } from "./focal-tversky.ts";
import type { Loss } from "./loss.ts";
import { tversky } from "./tversky.ts";

export const losses: readonly Loss[] = [tversky, dice, crossEntropy, focal, diceCrossEntropy, focalTversky];
