import { writeFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { TomoflowError } from "../core/error.ts";
import { starterWorkflow } from "../session/starter-workflow.ts";
import { describeIgnored, ignoreResults } from "./ignored-results.ts";
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
  const schema = schemaPath(dirname(resolve(file)));
  try {
    writeFileSync(file, starterWorkflow(nameOf(file), schema), { flag: "wx" });
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

/** The schema that comes with this installation, relative to the workflow where it lies near. */
function schemaPath(folder: string): string {
  const file = fileURLToPath(new URL("../schema/workflow.schema.json", import.meta.url));
  const near = relative(folder, file);
  return near.startsWith("../../../") ? file : near;
}

function nameOf(file: string): string {
  const name = basename(file).replace(/\.[^.]*$/, "");
  const chosen = name === "workflow" ? basename(dirname(resolve(file))) : name;
  return chosen.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[^A-Za-z0-9_-]+/, "") || "experiment";
}
