/** `tomoflow import-relion`: RELION's table of tomograms as that of a workflow. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { TomoflowError } from "../core/error.ts";
import { unreadable } from "../objects/formats.ts";
import { relionTable } from "../session/relion-table.ts";
import { count, writeDiagnostics, writeLine } from "./output.ts";

export function registerImportRelionCommand(program: Command): void {
  program
    .command("import-relion")
    .argument("<source>", "tomograms.star, the folder of its job, or a RELION project")
    .description(
      "Write the table of tomograms of a workflow from a RELION project. Never writes over a file.",
    )
    .option("-o, --output <file>", "the table to write", "tomograms.csv")
    .option("--particles <file>", "a particles.star of these tomograms: the column `objects`")
    .addHelpText("after", examples)
    .action(importRelion);
}

const examples = `
Put the table beside the workflow, name it there (tomograms: tomograms.csv), and give it a column split with train, valid and test.

Examples:
  tomoflow import-relion Tomograms/job006/tomograms.star
  tomoflow import-relion . --particles Extract/job012/particles.star`;

async function importRelion(
  source: string,
  { output, particles }: { readonly output: string; readonly particles?: string },
): Promise<void> {
  const made = await relionTable(source, { output: resolve(output), particles });
  if (!made.ok) throw unreadable(source, made.diagnostics);
  writeDiagnostics(made.diagnostics);
  try {
    writeFileSync(output, made.value.text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new TomoflowError("file-exists", `${output} is there already`, {
      hint: "name another file with --output",
      cause: error,
    });
  }
  writeLine(`${output} written: ${count(made.value.tomograms, "tomogram")} of ${made.value.source}`);
}
