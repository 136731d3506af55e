/** The parameters of `train` that say which network: made of the networks that there are, so that a new one needs no line here. */
import { networks } from "../../network/networks/registry.ts";
import type { ParameterMistake, ParameterSchema, Parameters } from "../../schema/step-description.ts";

const [usual] = networks;

/** `network`, and what single networks have beside it. None has a default: keys of tasks that name none stay as they were. */
export const networkParameters: Readonly<Record<string, ParameterSchema>> = {
  network: {
    description: `Which network: ${networks.map(({ name, summary }) => `${name} (${summary})`).join(", ")}; ${usual.name} when not given. With \`initialWeights\` it is theirs.`,
    type: "string",
    enum: networks.map(({ name }) => name),
  },
  ...Object.fromEntries(
    networks.flatMap(({ name, parameters }) =>
      Object.entries(parameters).map(([key, parameter]) => [
        key,
        {
          description: `${name}: ${parameter.description.replace(/^./, (first) => first.toLowerCase()).replace(/\.$/, "")}; ${parameter.default} when not given.`,
          type: "integer",
          minimum: parameter.minimum,
          maximum: parameter.maximum,
        },
      ]),
    ),
  ),
};

/** Names of parameters that one network has and others do not. */
const ownNames = networks.flatMap(({ parameters }) => Object.keys(parameters));

/** Values that are still expressions are left to the preflight. */
export const networkMistakes = (parameters: Parameters): readonly ParameterMistake[] => [
  ...patchSizeMistakes(parameters),
  ...strayMistakes(parameters),
];

const networkNamed = (name: unknown) => networks.find((network) => network.name === (name ?? usual.name));

/** A patch is halved once for each resolution below the full one. */
export function patchSizeMistakes({ patchSize, filters, network }: Parameters): readonly ParameterMistake[] {
  const known = networkNamed(network);
  if (typeof patchSize !== "number" || !Array.isArray(filters) || known === undefined) return [];
  const multiple = known.sideMultiple({ classes: 2, filters });
  if (patchSize % multiple === 0) return [];
  const fitting = [patchSize - (patchSize % multiple), patchSize - (patchSize % multiple) + multiple];
  return [
    {
      path: ["patchSize"],
      message: `patchSize must be a multiple of ${multiple} for a network of ${filters.length} resolutions: ${patchSize} is not`,
      hint: `use ${fitting.filter((size) => size > 0).join(" or ")}`,
    },
  ];
}

/** What another network alone has would be passed over without a word. */
function strayMistakes(parameters: Parameters): readonly ParameterMistake[] {
  const known = networkNamed(parameters.network);
  if (known === undefined || parameters.initialWeights !== undefined) return [];
  return ownNames
    .filter((name) => parameters[name] !== undefined && !Object.hasOwn(known.parameters, name))
    .map((name) => {
      const owners = networks.filter((network) => Object.hasOwn(network.parameters, name));
      return {
        path: [name],
        message: `${known.name} has no \`${name}\``,
        hint: `leave it out, or set \`network: ${owners.map((owner) => owner.name).join("` or `")}\``,
      };
    });
}
