/**
 * What stands in braces in a command: `{inputs.tomogram}`, `{outputs.denoised}`, `{files.script}` are absolute paths,
 * `{threads}` and `{memoryGB}` what the task may use, `{checkpoint}` a folder that survives failure. `{{name}}` is a literal
 * `{name}`; braces around anything but a name (JSON, awk) are left alone.
 */
export interface CommandValues {
  /** Absolute path by name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly memoryBytes: number;
  /** Absolute path of a folder. */
  readonly checkpoint: string;
}

const placeholder = /\{\{([A-Za-z][\w.-]*)\}\}|\{([A-Za-z][\w.-]*)\}/g;

/** The names in braces, in order. */
export const placeholdersOf = (text: string): readonly string[] =>
  [...text.matchAll(placeholder)].flatMap(([, , name]) => (name === undefined ? [] : [name]));

/** The word with every placeholder replaced; one that is not known stays as it is. */
export function fillPlaceholders(word: string, values: CommandValues): string {
  const known = new Map(namedValues(values).map(([group, name, value]) => [joined(group, name, "."), value]));
  return word.replace(placeholder, (whole, literal: string | undefined, name: string) =>
    literal === undefined ? (known.get(name) ?? whole) : `{${literal}}`,
  );
}

/** The same values as environment variables: `inputs_tomogram`, `threads`, … */
export const commandVariables = (values: CommandValues): Record<string, string> =>
  Object.fromEntries(namedValues(values).map(([group, name, value]) => [joined(group, name, "_"), value]));

/** The names that may stand in braces. */
export const knownPlaceholders = (names: {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly files: readonly string[];
}): readonly string[] => [
  ...names.inputs.map((name) => `inputs.${name}`),
  ...names.outputs.map((name) => `outputs.${name}`),
  ...names.files.map((name) => `files.${name}`),
  ...["threads", "memoryGB", "checkpoint"],
];

type NamedValue = readonly [group: string, name: string | undefined, value: string];

function namedValues({ threads, memoryBytes, checkpoint, ...files }: CommandValues): NamedValue[] {
  return [
    ...(["inputs", "outputs", "files"] as const).flatMap((group) =>
      Object.entries(files[group]).map(([name, path]): NamedValue => [group, name, path]),
    ),
    ["threads", undefined, String(threads)],
    ["memoryGB", undefined, String(Math.max(1, Math.floor(memoryBytes / 1e9)))],
    ["checkpoint", undefined, checkpoint],
  ];
}

const joined = (group: string, name: string | undefined, gap: string): string =>
  name === undefined ? group : `${group}${gap}${name}`;
