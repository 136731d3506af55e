/** Losses by name, as data that engines print (see losses/loss.ts for what a loss says of itself). */
import { TomoflowError } from "../core/error.ts";
import type { LossFormula } from "./losses/loss.ts";
import { losses } from "./losses/registry.ts";

/** Which loss: plain data. */
export interface LossChoice {
  readonly name: string;
  /** Their defaults where not given. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** w_c by label, of every term; 1 where not given. */
  readonly classWeights?: readonly number[];
  /** Voxels of the label 255 are background that counts so much, 0…1, where others count 1; none has it when not given. */
  readonly unknownWeight?: number;
}

/** @throws TomoflowError `loss-unknown` */
export function lossFormula({ name, parameters, classWeights, unknownWeight }: LossChoice): LossFormula {
  const loss = losses.find((known) => known.name === name);
  if (loss === undefined)
    throw new TomoflowError("loss-unknown", `there is no loss named ${name}`, {
      hint: `there are ${losses.map((known) => known.name).join(", ")}`,
    });
  const usual = Object.entries(loss.parameters).map(([key, parameter]) => [key, parameter.default]);
  const terms = loss.terms({ ...Object.fromEntries(usual), ...parameters });
  return terms.map((term) => ({
    ...term,
    ...(classWeights !== undefined && { classWeights }),
    ...(unknownWeight !== undefined && { unknownWeight }),
  }));
}
