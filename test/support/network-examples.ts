/** Every network that there is, with its parameters as they are usually and otherwise. */
import type { Random } from "../../src/core/random.ts";
import { type Architecture, networkParameters, networks } from "../../src/network/networks.ts";
import {
  type Initialization,
  initialParameters,
  type ParameterValues,
} from "../../src/network/parameters.ts";

/** Of the given widths. DeepFinder's is told by having no name. */
export const networkExamples = (filters: readonly number[], classes = 3): readonly Architecture[] =>
  networks.flatMap(({ name, parameters }, index): readonly Architecture[] => {
    const plain = { ...(index > 0 && { name }), classes, filters };
    const others = Object.entries(parameters).map(([key, parameter]) => [
      key,
      Math.min(parameter.maximum, parameter.default + 1),
    ]);
    return others.length === 0 ? [plain] : [plain, { ...plain, settings: Object.fromEntries(others) }];
  });

export const titleOf = ({ name = networks[0].name, settings = {}, filters }: Architecture): string =>
  [name, ...Object.entries(settings).map(([key, value]) => `${key} ${value}`), filters.join(" ")].join(", ");

/** Weights of which none is zero from the start, so that every layer shows in what the network gives; biases are. */
export const drawnParameters = (
  architecture: Architecture,
  random: Random,
  initialization?: Initialization,
): ParameterValues =>
  initialParameters(
    networkParameters(architecture).map(({ name, shape }) => ({ name, shape })),
    random,
    initialization,
  );
