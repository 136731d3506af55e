/** The parameters of `train` that say which loss: made of the losses that there are, so that a new one needs no line here. */
import { losses } from "../../network/losses/registry.ts";
import type { ParameterSchema } from "../../schema/step-description.ts";

const names = [...new Set(losses.flatMap(({ parameters }) => Object.keys(parameters)))];

/** `loss`, what losses have beside it, and `classWeights`, which all have. */
export const lossParameters: Readonly<Record<string, ParameterSchema>> = {
  loss: {
    description: `${losses.map(({ name, summary }) => (summary === undefined ? name : `${name} (${summary})`)).join(", ")}.`,
    type: "string",
    enum: losses.map(({ name }) => name),
    default: losses[0]!.name,
  },
  ...Object.fromEntries(names.map((name) => [name, schemaOf(name)])),
  classWeights: {
    description: "Weight of classes in the loss by label, 0 is the background; 1 where not given.",
    type: "object",
    propertyNames: { pattern: "^[0-9]+$", "x-pattern": "a class label" },
    additionalProperties: { type: "number", minimum: 0 },
    examples: [{ 0: 0.5, 2: 2 }],
  },
};

/** One parameter of all losses that have it: they are told by name, each with what it says. */
function schemaOf(name: string): ParameterSchema {
  const owners = losses.filter(({ parameters }) => Object.hasOwn(parameters, name));
  const { minimum, maximum, default: usual } = owners[0]!.parameters[name]!;
  const texts = new Map<string, string[]>();
  for (const owner of owners) {
    const { description } = owner.parameters[name]!;
    texts.set(description, [...(texts.get(description) ?? []), owner.name]);
  }
  const description = [...texts].map(([text, of]) => `${of.join(", ")}: ${text}`).join("; ");
  return {
    description: `${description.replace(/^./, (first) => first.toUpperCase())}.`,
    type: "number",
    minimum,
    ...(maximum !== undefined && { maximum }),
    default: usual,
  };
}
