/** Flags of `tomoflow step KIND`, made from the kind's parameter schema and ports. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parse as parseYaml } from "yaml";
import { describeSchema, showValue } from "../../schema/shape/schema-words.ts";
import type { InputPort, OutputPort, ParameterSchema, Parameters } from "../../schema/step-description.ts";
import { possibleInputs, withDefaults } from "../../schema/values/input-ports.ts";
import { flagName } from "../../session/single-step/flag-name.ts";
import type { StepKind } from "../../steps/step-kind.ts";

/** What was typed, by flag as written without dashes: `patch-size`. Flags that were not given are absent. */
export type FlagValues = ReadonlyMap<string, unknown>;

/** An output whose name is taken gets a prefix: `--out-weights`. */
export interface KindFlags {
  readonly inputs: ReadonlyMap<string, InputPort>;
  readonly parameters: ReadonlyMap<string, { readonly name: string; readonly schema: ParameterSchema }>;
  readonly outputs: ReadonlyMap<string, OutputPort>;
  /** Parameters can name ports of their own: `--input name=path`, `--output name=path`. */
  readonly open: boolean;
}

/** Flags that every kind has; see `step.ts`. */
const commonFlags: ReadonlySet<string> = new Set([
  "class",
  "classes",
  "table",
  "id",
  "tomogram-index",
  "json",
  "help",
  "input",
  "output",
]);

/** The flags that a kind has for some value of its parameters. */
export function flagsOf(kind: StepKind<Parameters>): KindFlags {
  const { ports, open } = possibleInputs(kind);
  const inputs = new Map(ports.map((port) => [flagName(port.name), port]));
  const parameters = new Map(
    Object.entries(kind.parameters.properties).map(([name, schema]) => [flagName(name), { name, schema }]),
  );
  const outputs = new Map(
    possibleOutputs(kind).map((port) => {
      const flag = flagName(port.name);
      const taken = inputs.has(flag) || parameters.has(flag) || commonFlags.has(flag);
      return [taken ? `out-${flag}` : flag, port];
    }),
  );
  return { inputs, parameters, outputs, open };
}

/** The outputs with default parameters, and those that switching a boolean on adds (`scores`). */
function possibleOutputs(kind: StepKind<Parameters>): OutputPort[] {
  const defaults = withDefaults(kind, {});
  const switches = Object.entries(kind.parameters.properties)
    .filter(([, schema]) => schema.type === "boolean")
    .map(([name]) => ({ ...defaults, [name]: true }));
  const ports = new Map<string, OutputPort>();
  for (const parameters of [defaults, ...switches])
    for (const port of kind.ports(parameters).outputs) ports.set(port.name, port);
  return [...ports.values()];
}

/** Adds the flags to the kind's command, under a heading each. */
export function addFlags(command: Command, flags: KindFlags): void {
  for (const [flag, port] of flags.inputs)
    command.addOption(
      new Option(`--${flag} <file>`, describeInput(port)).helpGroup("Input files:").argParser(once),
    );
  if (flags.open)
    command.addOption(repeatable("--input <name=file>", "an input that the parameters name", "Input files:"));
  for (const [flag, { schema }] of flags.parameters)
    for (const option of parameterOptions(flag, schema)) command.addOption(option);
  for (const [flag, port] of flags.outputs) {
    const help = `${port.description} (default: ${port.file})`;
    command.addOption(new Option(`--${flag} <file>`, help).helpGroup("Output files:").argParser(once));
  }
  if (flags.open)
    command.addOption(
      repeatable("--output <name=file>", "an output that the parameters name", "Output files:"),
    );
}

const describeInput = ({ description, required }: InputPort): string =>
  required ? `${description} (required)` : description;

/** An option that may be given more than once; its value is the list of what was given. */
export function repeatable(flags: string, description: string, group: string): Option {
  return new Option(flags, description)
    .helpGroup(group)
    .argParser((value: string, previous: readonly string[] = []) => [...previous, value]);
}

/** One option, or for a yes-or-no parameter the pair `--x` and `--no-x`, of which help shows the one that changes something. */
function parameterOptions(flag: string, schema: ParameterSchema): Option[] {
  const group = "Parameters:";
  const help = describeParameter(schema);
  if (schema.type !== "boolean")
    return [
      new Option(`--${flag} <${schema["x-unit"] ?? placeholder(schema)}>`, help)
        .helpGroup(group)
        .argParser((text: string, previous?: string) => {
          checkNamedOnce(schema, text);
          return once(text, previous);
        }),
    ];
  const on = new Option(`--${flag} [true|false]`, help)
    .helpGroup(group)
    .hideHelp(schema.default === true)
    .argParser((text: string) => yesOrNo(flag, text));
  const off = new Option(`--no-${flag}`, `Turns off: ${schema.description}`)
    .helpGroup(group)
    .hideHelp(schema.default !== true);
  return [on, off];
}

/** `--per-class false` means what it says, and is not a file of that name or a word too many. */
function yesOrNo(flag: string, text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new InvalidArgumentError(`Write --${flag} or --no-${flag}, or give it true or false.`);
}

/** Of two values one would be dropped without a word. */
function once(text: string, previous?: string): string {
  if (previous !== undefined) throw new InvalidArgumentError(`It was given before, as ${previous}.`);
  return text;
}

/** `1=10,2=6,1=7` has two values for one class. */
function checkNamedOnce(schema: ParameterSchema, text: string): void {
  if (!typesOf(schema).has("object") || !isWrittenMap(text)) return;
  const keys = text.split(",").map((entry) => entry.split("=")[0]!.trim());
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`It has two values for ${twice}.`);
}

function placeholder(schema: ParameterSchema): string {
  if (schema["x-file"]) return schema.type === "array" ? "files" : "file";
  return typeof schema.type === "string" ? schema.type : "value";
}

/** Description, what values are allowed, and the default. */
function describeParameter(schema: ParameterSchema): string {
  const notes: string[] = [];
  if (schema.type !== "boolean" && !schema["x-file"]) notes.push(describeSchema(schema));
  if (schema.default !== undefined && schema.default !== null)
    notes.push(`default: ${showValue(schema.default)}`);
  return notes.length > 0 ? `${schema.description} (${notes.join("; ")})` : schema.description;
}

/**
 * The value that a text stands for, as YAML would read it: `5`, `true`, `[64, 128, 128]`, `{1: 10, 2: 6}`; lists may be
 * written `64,128,128`, maps `1=10,2=6`. A text that fits no type stays a text, for the schema to refuse.
 */
export function parseFlagValue(schema: ParameterSchema, text: unknown): unknown {
  if (typeof text !== "string") return text;
  const types = typesOf(schema);
  if (types.has("object") && isWrittenMap(text)) return parseMap(text);
  const isList = text.includes(",") || !["string", "number", "integer"].some((type) => types.has(type));
  if (types.has("array") && !text.startsWith("[") && isList)
    return text.split(",").map((item) => parseScalar(item.trim()));
  if (types.size === 1 && types.has("string")) return text;
  return parseScalar(text);
}

const isWrittenMap = (text: string): boolean => /^[^={[]+=/.test(text);

const parseMap = (text: string): Record<string, unknown> =>
  Object.fromEntries(
    text.split(",").map((entry) => {
      const [key, ...value] = entry.split("=");
      return [key.trim(), parseScalar(value.join("=").trim())];
    }),
  );

function parseScalar(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return text;
  }
}

/** Every type that the schema or one of its branches allows. */
function typesOf(schema: Readonly<Record<string, unknown>>): Set<string> {
  const types = [schema.type ?? []].flat() as string[];
  const values = [schema.enum ?? [], schema.const ?? []].flat().map((value) => typeof value as string);
  const branches = [schema.anyOf ?? [], schema.oneOf ?? []].flat() as Readonly<Record<string, unknown>>[];
  return new Set([
    ...types,
    ...(types.length ? [] : values),
    ...branches.flatMap((branch) => [...typesOf(branch)]),
  ]);
}
