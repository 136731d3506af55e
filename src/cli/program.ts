import { readFileSync } from "node:fs";
import { Command, CommanderError, type OutputConfiguration } from "commander";
import { type CommandEntry, commandTable } from "./commands.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { paint, writeErrorLine, writeLine } from "./output.ts";
import { reportError } from "./report-error.ts";

/** Runs `tomoflow` with these words (`process.argv` without node and script) and returns the exit code. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  process.exitCode = exitCode.done;
  try {
    const program = await buildProgram(words);
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    return error instanceof CommanderError ? exitCodeOfUsage(error) : reportError(error);
  }
  return process.exitCode as ExitCode;
}

/** The program with every command named, and the one that `words` call loaded. */
export async function buildProgram(words: readonly string[]): Promise<Command> {
  const program = createProgram();
  const called = calledCommands(words);
  for (const entry of commandTable) {
    if (called.has(entry.name)) (await entry.load())(program);
    else program.command(entry.name);
    describe(program, entry);
  }
  return program;
}

function createProgram(): Command {
  return new Command("tomoflow")
    .description("Finds macromolecules in cryo-electron tomograms. An experiment is a YAML file.")
    .version(packageVersion(), "-V, --version", "show the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .configureOutput(outputConfiguration)
    .configureHelp({ showGlobalOptions: false, styleTitle: (title) => paint("bold", title) })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText("after", helpFooter);
}

const helpFooter = `
Examples:
  tomoflow plan workflow.yaml            what would run, and why
  tomoflow run workflow.yaml             run it
  tomoflow help run                      the options of one command

Exit codes: 0 done, 1 a task failed, 2 the workflow or the input is wrong, 130 interrupted.`;

/** `help run` calls `run` as well: its options have to be known. */
function calledCommands(words: readonly string[]): ReadonlySet<string> {
  const names = words.filter((word) => !word.startsWith("-"));
  return new Set(names[0] === "help" ? names.slice(0, 2) : names.slice(0, 1));
}

function describe(program: Command, { name, summary, group }: CommandEntry): void {
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (!command) throw new Error(`the module of the command ${name} does not register it`);
  command.summary(summary).helpGroup(group);
  if (!command.description()) command.description(`${summary[0].toUpperCase()}${summary.slice(1)}.`);
}

const outputConfiguration: OutputConfiguration = {
  // descriptions of a user's own step kinds are in the help as well
  writeOut: (text) => writeLine(text.replace(/\n$/, "")),
  writeErr: (text) => writeErrorLine(text.replace(/\n$/, "")),
  outputError: (text) => {
    const [, message, suggestion] = /^(?:error: )?(.*?)\n?(?:\((Did you mean .*)\))?\n*$/s.exec(text) ?? [];
    writeErrorLine(`${paint("red", "error:", process.stderr)} ${message ?? text}`);
    const advice = suggestion ? `d${suggestion.slice(1)}` : adviceFor(message ?? text);
    writeErrorLine(`${paint("cyan", "hint:", process.stderr)} ${advice}`);
  },
};

/** What `--json=false` and `--json false` come to: the word is no value of the flag, but a word too many. */
function adviceFor(message: string): string {
  const flag = /unknown option '(--[^'=]+)=(true|false)'/.exec(message)?.[1] ?? flagBefore(message);
  return flag === undefined
    ? "add --help to see what can be given"
    : `${flag} takes no value: write it for yes, and leave it out for no`;
}

function flagBefore(message: string): string | undefined {
  if (!message.startsWith("too many arguments")) return undefined;
  const index = process.argv.findIndex(
    (word, place) => /^(true|false)$/.test(word) && /^--[^=]+$/.test(process.argv[place - 1] ?? ""),
  );
  return index < 0 ? undefined : process.argv[index - 1];
}

/** Help and version end well; everything else commander refuses is a wrong input. */
const exitCodeOfUsage = (error: CommanderError): ExitCode =>
  error.exitCode === 0 ? exitCode.done : exitCode.wrongInput;

/** The version in package.json, which lies two folders above this file in src/ and in dist/ alike. */
function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
