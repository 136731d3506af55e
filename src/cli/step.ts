import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { TomoflowError } from "../core/error.ts";
import { engineNames } from "../schema/shape/field-schemas.ts";
import type { Parameters } from "../schema/step-description.ts";
import { withDefaults } from "../schema/values/input-ports.ts";
import { checkSingleStep } from "../session/single-step/check.ts";
import { readClasses } from "../session/single-step/classes.ts";
import { flagName } from "../session/single-step/flag-name.ts";
import { rowOfFlags, rowsOfTable } from "../session/single-step/rows.ts";
import { stepKinds } from "../steps/catalog.ts";
import { type StepKind, tomogramIndexColumn } from "../steps/step-kind.ts";
import { exitCode } from "./exit-code.ts";
import { writeDiagnostics } from "./output.ts";
import { addFlags, flagsOf, type KindFlags, parseFlagValue, repeatable } from "./single-step/flags.ts";
import { runStep } from "./single-step/run-step.ts";

/** `tomoflow step KIND`: a subcommand a kind, its flags made from the kind's schema and ports. */
export function registerStepCommand(program: Command): void {
  const step = program
    .command("step")
    .description("Run one step on files, without a workflow. The flags follow from the step's schema.")
    .usage("KIND [options]")
    .addHelpText("after", stepExamples);
  for (const kind of stepKinds.values()) registerKind(step, kind);
}

const stepExamples = `
Examples:
  tomoflow step cluster --help
  tomoflow step cluster --labels labels.mrc --class 1:ribosome:10 --detections found.xml
  tomoflow step segment --tomogram t2.mrc --weights train.h5 --classes workflow.yaml --out-dir found`;

/** Flags that every kind has. */
interface CommonFlags {
  readonly class?: readonly string[];
  readonly classes?: string;
  readonly table?: string;
  readonly id?: string;
  readonly tomogramIndex?: string;
  readonly outDir: string;
  readonly engine: string;
  readonly threads: string;
  readonly json?: boolean;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
}

function registerKind(step: Command, kind: StepKind<Parameters>): void {
  const command = step.command(kind.name).description(kind.summary);
  const flags = flagsOf(kind);
  addFlags(command, flags);
  const general = "Running:";
  command
    .addOption(
      repeatable("--class <label:name:radius>", "a class, e.g. 1:ribosome:10 (repeatable)", "Classes:"),
    )
    .optionsGroup("Classes:")
    .option("--classes <file>", "the classes of a workflow, or a YAML file of its own")
    .optionsGroup(general)
    .option("--out-dir <folder>", "where outputs without a flag of their own go", ".")
    .option("--engine <name>", `what computes: ${engineNames.join(", ")}`, "auto")
    .option("--threads <number>", "processor threads", String(availableParallelism()))
    .option(
      "--id <name>",
      "id of the row, by which its objects are taken from a list of several tomograms; the base name of its first file when not given",
    )
    .option("--table <file>", "rows for a step that reads many: .csv, .tsv or .xlsx, a column an input")
    .option("--json", "print the outputs as JSON")
    .action((_options, self: Command) => runKind(kind, flags, self));
  if (kind.ports(withDefaults(kind, {})).columns.includes(tomogramIndexColumn))
    command.option(
      "--tomogram-index <number>",
      "number of the row (tomo_idx) in a list of several tomograms that names none",
    );
}

async function runKind(kind: StepKind<Parameters>, flags: KindFlags, command: Command): Promise<void> {
  const common = command.opts() as CommonFlags;
  const given = givenFlags(command);
  const outputs = filesOf(flags.outputs, given, common.output);
  const step = await checkSingleStep({
    kind,
    parameters: writtenParameters(flags, given),
    folder: process.cwd(),
    rows: ({ inputs }) =>
      common.table
        ? rowsOfTable(common.table, inputs)
        : rowOfFlags(inputs, filesOf(flags.inputs, given, common.input), common),
    classes: await readClasses({ file: common.classes, flags: common.class }),
    outputs,
    parameterHint: (name) => `the flag is --${flagName(name)}`,
  });
  writeDiagnostics(step.diagnostics);
  if (!step.ok) {
    process.exitCode = exitCode.wrongInput;
    return;
  }
  await runStep(step.value, {
    given: outputs,
    folder: common.outDir,
    engine: checkedEngine(common.engine),
    threads: checkedThreads(common.threads),
    json: common.json === true,
  });
}

/** What stands on the command line, by flag name; defaults are left to the schema. */
function givenFlags(command: Command): ReadonlyMap<string, unknown> {
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
    .map((option): [string, unknown] => [
      option.name().replace(/^no-/, ""),
      command.getOptionValue(option.attributeName()),
    ]);
  return new Map(given);
}

/** Values of the parameters that are given, by their own names. */
const writtenParameters = (flags: KindFlags, given: ReadonlyMap<string, unknown>): Parameters =>
  Object.fromEntries(
    [...flags.parameters]
      .filter(([flag]) => given.has(flag))
      .map(([flag, { name, schema }]) => [name, parseFlagValue(schema, given.get(flag))]),
  );

/** Paths by port name: from the port's own flag, and from `name=path` pairs. */
function filesOf(
  ports: ReadonlyMap<string, { readonly name: string }>,
  given: ReadonlyMap<string, unknown>,
  pairs: readonly string[] = [],
): ReadonlyMap<string, string> {
  const own = [...ports]
    .filter(([flag]) => given.has(flag))
    .map(([flag, { name }]): [string, string] => [name, String(given.get(flag))]);
  return new Map([...own, ...pairs.map(splitPair)]);
}

function splitPair(pair: string): [string, string] {
  const [name, ...path] = pair.split("=");
  if (path.length > 0 && name) return [name, path.join("=")];
  throw new TomoflowError("bad-pair", `${pair} does not name a port and a file`, { hint: "write name=path" });
}

function checkedEngine(name: string): string {
  if (engineNames.includes(name)) return name;
  throw new TomoflowError("unknown-engine", `there is no engine ${name}`, {
    hint: `choose one of ${engineNames.join(", ")}`,
  });
}

function checkedThreads(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1) return threads;
  throw new TomoflowError("bad-threads", `--threads must be a whole number of at least 1: ${text} is not`);
}
