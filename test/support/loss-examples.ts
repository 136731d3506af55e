/** Every loss that there is, with its usual parameters and with others, with and without weights of four classes, with unknown voxels. */

import { losses } from "../../src/network/losses/registry.ts";
import type { LossChoice } from "../../src/network/losses.ts";

/** Values that hide nothing: unequal, no power of two. */
const unusual: Readonly<Record<string, number>> = { alpha: 0.3, beta: 0.6, gamma: 1.7 };

export const lossExamples: readonly LossChoice[] = losses.flatMap(({ name, parameters }) => {
  const changed = Object.keys(parameters).map((key) => [key, unusual[key] ?? 1.3]);
  const weighted = { name, parameters: Object.fromEntries(changed), classWeights: [0.2, 1, 0.7, 2.3] };
  return [{ name }, weighted, { name, unknownWeight: 0.3 }, { ...weighted, unknownWeight: 0 }];
});

export const nameOf = ({ name, parameters = {}, classWeights, unknownWeight }: LossChoice): string =>
  [
    name,
    ...Object.entries(parameters).map(([key, value]) => `${key} ${value}`),
    classWeights && "weighted",
    unknownWeight !== undefined && `unknown voxels ${unknownWeight}`,
  ]
    .filter(Boolean)
    .join(", ");
