/** The commands, subcommands and options of the program as plain data, for completion scripts. */
import type { Command, Option } from "commander";

export interface CompletedOption {
  /** `--only`, `-j`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The values there are, where they are few. */
  readonly choices: readonly string[];
}

export interface CompletedCommand {
  /** Words after `tomoflow`, e.g. `["volume", "info"]`; none for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly subcommands: readonly CompletedCommand[];
}

export const describeCommand = (command: Command, path: readonly string[] = []): CompletedCommand => ({
  path,
  description: command.summary() || firstSentence(command.description()),
  options: [
    ...command.options.filter(({ hidden }) => !hidden).map(describeOption),
    { names: ["--help", "-h"], description: "show help", takesValue: false, choices: [] },
  ],
  subcommands: command.commands.map((each) => describeCommand(each, [...path, each.name()])),
});

/** The command and all below it, the command first. */
export const allCommands = (command: CompletedCommand): readonly CompletedCommand[] => [
  command,
  ...command.subcommands.flatMap(allCommands),
];

const describeOption = ({ long, short, description, required, optional, argChoices }: Option) => ({
  names: [long, short].filter((name) => name !== undefined && name !== null),
  description: firstSentence(description),
  takesValue: required || optional,
  choices: argChoices ?? [],
});

const firstSentence = (text: string): string => text.split(/[.;:](?:\s|$)|\n/)[0]!.trim();
