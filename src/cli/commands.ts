/**
 * The commands, by name. `--help` shows the table; a command's own module is imported when it is called, so that
 * `tomoflow run` loads nothing that it does not use.
 */
import type { Command } from "commander";

export type RegisterCommand = (program: Command) => void;

export interface CommandEntry {
  readonly name: string;
  /** One line of `tomoflow --help`. */
  readonly summary: string;
  /** Heading in `tomoflow --help`. */
  readonly group: "Workflows:" | "Files:" | "This machine:";
  readonly load: () => Promise<RegisterCommand>;
}

export const commandTable: readonly CommandEntry[] = [];
