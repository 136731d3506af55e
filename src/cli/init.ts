import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { TomoflowError } from "../core/error.ts";
import { describeIgnored, ignoreResults } from "../session/ignored-results.ts";
import { newWorkflowName, schemaPathFrom } from "../session/new-workflow.ts";
import { starterWorkflow } from "../session/starter-workflow.ts";
import { writeLine } from "./output.ts";

export function registerInitCommand(program: Command): void {
  program
    .command("init")
    .argument("[file]", "the file to write", "workflow.yaml")
    .description(
      "Write a commented workflow file to start from, and have git ignore results. Never writes over a file.",
    )
    .addHelpText("after", examples)
    .action(init);
}

const examples = `
Examples:
  tomoflow init
  tomoflow init chlamy.yaml`;

function init(file: string): void {
  const schema = schemaPathFrom(dirname(resolve(file)));
  try {
    writeFileSync(file, starterWorkflow(newWorkflowName(file), schema), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new TomoflowError("file-exists", `${file} is there already`, {
      hint: "name another file: tomoflow init NAME.yaml",
      cause: error,
    });
  }
  const ignored = ignoreResults(dirname(resolve(file)));
  if (ignored !== undefined) writeLine(describeIgnored(ignored));
  writeLine(`${file} written. Put your tomograms and classes in, then: tomoflow validate ${file}`);
}
