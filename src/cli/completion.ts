import { Argument, Command } from "commander";
import { describeCommand } from "./completion/command-tree.ts";
import { completionScript, type Shell, shells } from "./completion/scripts.ts";
import { writeLine } from "./output.ts";

export function registerCompletionCommand(program: Command): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell that you use").choices(shells))
    .description("Print a script that lets the shell complete commands and options with the Tab key.")
    .addHelpText("after", examples)
    .action(async (shell: Shell) => {
      writeLine(completionScript(shell, describeCommand(await wholeProgram())).trimEnd());
    });
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
