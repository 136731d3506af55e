/** Every network that there is, with its parameters as they are usually and otherwise. */
import { type Architecture, networks } from "../../src/network/networks.ts";

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
