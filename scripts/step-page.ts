/** The reference page of a step kind, in Markdown. */

import { describeSchema, showValue } from "../src/schema/shape/schema-words.ts";
import type { OutputPort, ParameterSchema, Parameters } from "../src/schema/step-description.ts";
import { possiblePorts, withDefaults } from "../src/schema/values/input-ports.ts";
import type { StepKind } from "../src/steps/step-kind.ts";

const notice = "<!-- Made by `npm run docs:steps` from the step's own schema: change it there. -->";

/** One page: what the step does, its files, its parameters. */
export function stepPage(kind: StepKind<Parameters>): string {
  const ports = kind.ports(withDefaults(kind, exampleParameters(kind)));
  const { open } = possiblePorts(kind);
  const parts = [
    notice,
    `# ${kind.name}`,
    sentence(kind.summary),
    kind.scope === "row"
      ? "One task for each tomogram; its outputs become columns of the table."
      : `One task over all tomograms; its outputs are used as \`\${${kind.name}.${ports.outputs[0]?.name}}\`.`,
    section(
      "Inputs",
      ports.inputs.length === 0
        ? open
          ? "Those that `inputs` names."
          : "None."
        : table(
            ["input", "", "what"],
            ports.inputs.map(({ name, required, description }) => [
              code(name),
              required ? "required" : "optional",
              sentence(description),
            ]),
          ),
    ),
    section(
      "Outputs",
      open
        ? "Those that `outputs` names."
        : table(["output", "file", "what"], outputsOf(kind).map(outputRow)),
    ),
    ports.columns.length > 0 ? `It also reads the plain columns ${ports.columns.map(code).join(", ")}.` : "",
    ports.classFields.length > 0
      ? `From the class table it uses ${ports.classFields.map(code).join(", ")}.`
      : "",
    section("Parameters", table(["parameter", "values", "default", "what"], parameterRows(kind))),
    section("On its own", `\`\`\`sh\ntomoflow step ${kind.name} --help\n\`\`\``),
    `Version ${kind.version}: raised when results change for the same inputs and parameters.`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** The list of all steps. */
export function indexPage(kinds: readonly StepKind<Parameters>[]): string {
  const rows = kinds.map(({ name, scope, summary }) => [
    `[${name}](${name}.md)`,
    scope === "row" ? "each tomogram" : "all tomograms",
    sentence(summary),
  ]);
  return `${notice}\n\n# Steps\n\n${table(["step", "a task for", "what"], rows)}\n`;
}

const section = (title: string, content: string): string => `## ${title}\n\n${content}`;
const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function sentence(text: string): string {
  const start = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A required parameter needs some value for the ports to be asked; which one does not matter for the page. */
function exampleParameters(kind: StepKind<Parameters>): Parameters {
  const required = kind.parameters.required ?? [];
  return Object.fromEntries(required.map((name) => [name, exampleOf(kind.parameters.properties[name])]));
}

function exampleOf(schema: ParameterSchema): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const type = [schema.type].flat()[0];
  return type === "array" ? [] : type === "object" ? {} : type === "string" ? "example" : 1;
}

/** The outputs there are by default, and those that a switch adds, which say so. */
function outputsOf(kind: StepKind<Parameters>): (OutputPort & { readonly when?: string })[] {
  const defaults = withDefaults(kind, exampleParameters(kind));
  const always = kind.ports(defaults).outputs;
  const names = new Set(always.map(({ name }) => name));
  const more = Object.entries(kind.parameters.properties)
    .filter(([, schema]) => schema.type === "boolean")
    .flatMap(([parameter]) =>
      kind
        .ports({ ...defaults, [parameter]: true })
        .outputs.filter(({ name }) => !names.has(name))
        .map((port) => ({ ...port, when: `${parameter}: true` })),
    );
  return [...always, ...more];
}

const outputRow = ({ name, file, description, when }: OutputPort & { readonly when?: string }): string[] => [
  code(name),
  code(file),
  `${sentence(description)}${when ? ` Only with \`${when}\`.` : ""}`,
];

function parameterRows(kind: StepKind<Parameters>): string[][] {
  return Object.entries(kind.parameters.properties).map(([name, schema]) => [
    code(name),
    `${describeSchema(schema)}${schema["x-unit"] ? `, ${schema["x-unit"]}` : ""}`,
    schema.default === undefined
      ? kind.parameters.required?.includes(name)
        ? "required"
        : ""
      : code(showValue(schema.default)),
    sentence(schema.description),
  ]);
}
