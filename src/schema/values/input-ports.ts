/** Which inputs a kind of step has: its ports follow from its parameters. */

import type { InputPort, ParameterSchema, Parameters, Ports, StepDescription } from "../step-description.ts";
import { asMap } from "../text/data-path.ts";

/** `with` as written, with the default of every parameter that is left out. */
export function withDefaults(kind: StepDescription, written: Parameters): Parameters {
  const defaults = Object.entries(kind.parameters.properties)
    .filter(([, schema]) => schema.default !== undefined)
    .map(([name, schema]) => [name, schema.default]);
  return { ...Object.fromEntries(defaults), ...written };
}

/** The kind's ports, or undefined when these parameters are too wrong for it to tell. */
export function portsOrNothing(kind: StepDescription, parameters: Parameters): Ports | undefined {
  try {
    return kind.ports(parameters);
  } catch {
    return undefined;
  }
}

export interface PossiblePorts {
  readonly inputs: readonly InputPort[];
  /** Names. */
  readonly outputs: readonly string[];
  /** Parameters can name ports of their own. */
  readonly open: boolean;
}

/** Every port the kind has for some value of a parameter. */
export function possiblePorts(kind: StepDescription): PossiblePorts {
  const defaults = withDefaults(kind, {});
  const inputs = new Map<string, InputPort>();
  const outputs = new Set<string>();
  const trials = [defaults, ...Object.entries(kind.parameters.properties).flatMap(variations(defaults))];
  for (const parameters of trials) {
    const ports = portsOrNothing(kind, parameters);
    for (const { name } of ports?.outputs ?? []) outputs.add(name);
    for (const port of ports?.inputs ?? [])
      if (!Object.hasOwn(kind.parameters.properties, port.name) && !inputs.has(port.name))
        inputs.set(port.name, port);
  }
  const open = ["inputs", "outputs"].some((name) => Object.hasOwn(kind.parameters.properties, name));
  return { inputs: [...inputs.values()], outputs: [...outputs], open };
}

/** Every input port the kind has for some value of a parameter; `open` when parameters can name more. */
export function possibleInputs(kind: StepDescription): {
  readonly ports: readonly InputPort[];
  readonly open: boolean;
} {
  const { inputs, open } = possiblePorts(kind);
  return { ports: inputs, open };
}

const variations =
  (defaults: Parameters) =>
  ([name, schema]: [string, ParameterSchema]): Parameters[] =>
    choices(schema).map((value) => ({ ...defaults, [name]: value }));

function choices(schema: ParameterSchema): readonly unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum;
  if (schema.type === "boolean") return [true, false];
  const branches = [schema.anyOf, schema.oneOf].flat().filter((branch) => branch !== undefined);
  return branches.flatMap((branch) => choices(asMap(branch) as ParameterSchema));
}
