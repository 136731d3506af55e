import { Argument, Command, Option } from "commander";
import { harmlessText } from "../core/harmless-text.ts";
import { describeCommand } from "./completion/command-tree.ts";
import { type NamedThing, namedThings, namesIn } from "./completion/names.ts";
import { completionScript, type Shell, shells } from "./completion/scripts.ts";
import { writeLine } from "./output.ts";

export function registerCompletionCommand(program: Command): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell that you use").choices(shells))
    .description("Print a script that lets the shell complete commands and options with the Tab key.")
    .addHelpText("after", examples)
    // what the scripts ask while a line is typed
    .addArgument(new Argument("[workflow]").default("workflow.yaml"))
    .addOption(new Option("--names <things>").choices(namedThings).hideHelp())
    .addOption(new Option("--typed <text>").default("").hideHelp())
    .usage("[options] <shell>")
    .action(async (shell: Shell, workflow: string, { names, typed }: AskedNames) => {
      if (names)
        for (const name of (await namesIn(names, { workflow, typed })).filter(canBeTyped)) writeLine(name);
      else writeLine(completionScript(shell, describeCommand(await wholeProgram())).trimEnd());
    });
}

/** A line end would make two names of one, and control characters would change what is typed. */
const canBeTyped = (name: string): boolean => !/[\t\n]/.test(name) && harmlessText(name) === name;

interface AskedNames {
  readonly names?: NamedThing;
  readonly typed: string;
}

const examples = `
Examples:
  tomoflow completion bash >> ~/.bashrc
  tomoflow completion zsh >> ~/.zshrc
  tomoflow completion fish > ~/.config/fish/completions/tomoflow.fish`;

/** The program with every command loaded. */
async function wholeProgram(): Promise<Command> {
  const { commandTable } = await import("./commands.ts");
  const program = new Command("tomoflow").option("-V, --version", "show the version");
  for (const { load, name, summary } of commandTable) {
    (await load())(program);
    program.commands.find((command) => command.name() === name)?.summary(summary);
  }
  return program;
}
