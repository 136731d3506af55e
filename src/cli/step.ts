import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import { checkShape } from "../schema/shape/check-shape.ts";
import { engineNames } from "../schema/shape/field-schemas.ts";
import type { Parameters, Ports } from "../schema/step-description.ts";
import { withDefaults } from "../schema/values/input-ports.ts";
import { readClasses } from "../session/single-step/classes.ts";
import { flagName } from "../session/single-step/flag-name.ts";
import { checkOutputNames } from "../session/single-step/outputs.ts";
import { rowOfFlags, rowsOfTable } from "../session/single-step/rows.ts";
import { stepKinds } from "../steps/catalog.ts";
import { type StepContext, type StepKind, type StepRow, tomogramIndexColumn } from "../steps/step-kind.ts";
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
  const diagnostics: Diagnostic[] = [];
  const parameters = await readParameters(kind, { flags, given, diagnostics });
  const ports = diagnostics.length === 0 ? filePorts(kind, parameters) : undefined;
  const rows = ports ? await readRows(ports, { flags, given, common, diagnostics }) : [];
  const classes = await readClasses({ file: common.classes, flags: common.class });
  diagnostics.push(...classes.diagnostics);
  const outputs = filesOf(flags.outputs, given, common.output);
  diagnostics.push(...checkOutputNames(ports?.outputs ?? [], outputs));
  const context: StepContext = { parameters, rows, classes: classes.ok ? classes.value : [] };
  if (!hasErrors(diagnostics) && kind.preflight) diagnostics.push(...(await kind.preflight(context)));
  writeDiagnostics(diagnostics);
  if (!ports || hasErrors(diagnostics)) {
    process.exitCode = exitCode.wrongInput;
    return;
  }
  await runStep(kind, context, {
    outputs: ports.outputs,
    given: outputs,
    folder: common.outDir,
    engine: checkedEngine(common.engine),
    threads: checkedThreads(common.threads),
    json: common.json === true,
  });
}

/** The kind's ports without the inputs that are parameters: those are given as such. */
function filePorts(kind: StepKind<Parameters>, parameters: Parameters): Ports {
  const ports = kind.ports(parameters);
  return { ...ports, inputs: ports.inputs.filter(({ name }) => !(name in kind.parameters.properties)) };
}

const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === "error");

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

interface Reading {
  readonly flags: KindFlags;
  readonly given: ReadonlyMap<string, unknown>;
  readonly diagnostics: Diagnostic[];
}

async function readParameters(
  kind: StepKind<Parameters>,
  { flags, given, diagnostics }: Reading,
): Promise<Parameters> {
  const written = [...flags.parameters]
    .filter(([flag]) => given.has(flag))
    .map(([flag, { name, schema }]) => [name, parseFlagValue(schema, given.get(flag))]);
  const parameters = withDefaults(kind, Object.fromEntries(written));
  const problems = await checkShape({ ...kind.parameters }, parameters, `step ${kind.name}`);
  diagnostics.push(
    ...problems.map(({ code, message, path, hint }) =>
      errorDiagnostic(code, message, {
        hint: hint ?? (path[0] ? `the flag is --${flagName(String(path[0]))}` : undefined),
      }),
    ),
  );
  const mistakes = problems.length === 0 ? (kind.check?.(parameters) ?? []) : [];
  diagnostics.push(
    ...mistakes.map(({ message, hint, code = "wrong-parameters" }) =>
      errorDiagnostic(code, message, { hint }),
    ),
  );
  return withAbsoluteFiles(kind, parameters);
}

/** `x-file` parameters are paths from where the user is. */
function withAbsoluteFiles(kind: StepKind<Parameters>, parameters: Parameters): Parameters {
  const entries = Object.entries(parameters).map(([name, value]) => {
    if (!kind.parameters.properties[name]?.["x-file"]) return [name, value];
    return [name, absolutePaths(value)];
  });
  return Object.fromEntries(entries);
}

function absolutePaths(value: unknown): unknown {
  if (typeof value === "string") return resolve(value);
  if (Array.isArray(value)) return value.map(absolutePaths);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, path]) => [name, absolutePaths(path)]));
}

async function readRows(
  ports: Ports,
  { flags, given, common, diagnostics }: Reading & { common: CommonFlags },
): Promise<readonly StepRow[]> {
  const rows = common.table
    ? await rowsOfTable(common.table, ports.inputs)
    : rowOfFlags(ports.inputs, filesOf(flags.inputs, given, common.input), common);
  diagnostics.push(...rows.diagnostics);
  return rows.ok ? rows.value : [];
}

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
