import { type Holding, holdings } from "../schema/holding.ts";
import { ownValue } from "../schema/text/data-path.ts";
import { checkCommand } from "./command/check-command.ts";
import type { StepKind } from "./step-kind.ts";

export interface CommandParameters {
  readonly run?: readonly (string | number)[];
  readonly shell?: string;
  readonly inputs: readonly string[];
  /** File name by output; with a slash at the end the name of a folder. */
  readonly outputs: Readonly<Record<string, string>>;
  /** By name of an input or output. */
  readonly holds: Readonly<Record<string, Holding>>;
  /** Absolute path by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Name of an output. */
  readonly stdout?: string;
  readonly environment: Readonly<Record<string, string | number | boolean>>;
  readonly programVersion?: string;
}

const portName = "^[A-Za-z_][A-Za-z0-9_]*$";
const portNameInWords = "a name of letters, digits and _";

const holdsOf = (holds: unknown, name: string): { readonly holds?: Holding } => {
  const own = ownValue(holds as CommandParameters["holds"], name);
  return own === undefined ? {} : { holds: own };
};

/** Any program: IMOD, cryoCARE, RELION, a script of one's own. See src/steps/command. */
export const command: StepKind<CommandParameters> = {
  name: "command",
  version: 1,
  summary: "Runs any program with declared inputs and outputs.",
  scope: "row",
  parameters: {
    type: "object",
    additionalProperties: false,
    required: ["outputs"],
    properties: {
      run: {
        description:
          'The program and its arguments, a list without any shell: [newstack, -bin, 2, "{inputs.tomogram}", "{outputs.binned}"]. In braces: inputs.NAME, outputs.NAME, files.NAME (absolute paths), threads, memoryGB, checkpoint.',
        type: "array",
        items: { type: ["string", "number"] },
        minItems: 1,
      },
      shell: {
        description:
          'In place of run a script for bash, which stops at the first command that fails. Files are variables: "$inputs_tomogram", "$outputs_binned", in double quotes.',
        type: "string",
        minLength: 1,
      },
      inputs: {
        description:
          "Names of the files or folders that the program reads of each row: columns, or keys of `with` that name them, as in `tomogram: ${row.raw}`.",
        type: "array",
        items: { type: "string", pattern: portName, "x-pattern": portNameInWords },
        uniqueItems: true,
        default: [],
      },
      outputs: {
        description:
          "The files that the program writes, each with its name in the results folder: {denoised: denoised.mrc}. A slash at the end makes it a folder, which the program makes: {frames: frames/}. They become columns.",
        type: "object",
        propertyNames: { pattern: portName, "x-pattern": portNameInWords },
        additionalProperties: { type: "string", minLength: 1 },
        minProperties: 1,
      },
      holds: {
        description:
          "What inputs and outputs hold, as far as it shall be checked and shown: {denoised: volume}. A picture and metrics (a JSON file) come into the report. It can be changed without running anything again.",
        type: "object",
        propertyNames: { pattern: portName, "x-pattern": portNameInWords },
        additionalProperties: { type: "string", enum: holdings },
        default: {},
        "x-affects-result": false,
      },
      files: {
        description:
          "Other files or folders that the result depends on, the same for all rows: scripts, models, settings. When one changes, the step runs again.",
        type: "object",
        propertyNames: { pattern: portName, "x-pattern": portNameInWords },
        additionalProperties: { type: "string", minLength: 1 },
        default: {},
        "x-file": true,
        "x-folder": true,
      },
      stdout: {
        description: "Name of the output that takes what the program writes to its standard output.",
        type: "string",
      },
      environment: {
        description: "Environment variables for the program, besides those tomoflow was started with.",
        type: "object",
        propertyNames: { pattern: portName, "x-pattern": portNameInWords },
        additionalProperties: { type: ["string", "number", "boolean"] },
        default: {},
      },
      programVersion: {
        description:
          "Version of the program, as free text: tomoflow does not see an installed program change, so change this after an update.",
        type: "string",
      },
    },
  },
  ports: ({ inputs = [], outputs = {}, holds = {} }) => ({
    inputs: (inputs as readonly string[]).map((name) => ({
      name,
      required: true,
      ...holdsOf(holds, name),
      description: `The file ${name} that the program reads.`,
      folders: true,
    })),
    outputs: Object.entries(outputs as Readonly<Record<string, string>>).map(([name, file]) => ({
      name,
      file,
      ...holdsOf(holds, name),
      description: `The file ${name} that the program writes.`,
    })),
    columns: [],
    classFields: [],
  }),
  check: (parameters, context) => checkCommand(parameters as unknown as CommandParameters, context),
  preflight: async (context) => (await import("./command/find-program.ts")).checkProgram(context.parameters),
  run: async (context) => (await import("./command/run-command.ts")).runCommand(context),
};
