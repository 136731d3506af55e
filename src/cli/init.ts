import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { TomoflowError } from "../core/error.ts";
import { describeIgnored, ignoreResults } from "../session/ignored-results.ts";
import { listTemplates, textOfTemplate } from "../session/workflow-templates.ts";
import { writeJson, writeLine } from "./output.ts";
import { wrapText } from "./wrapping.ts";

export function registerInitCommand(program: Command): void {
  program
    .command("init")
    .argument("[file]", "the file to write", "workflow.yaml")
    .description(
      "Write a commented workflow file to start from, and have git ignore results. Never writes over a file.",
    )
    .option("--template <name>", "begin from another workflow than the starter", "starter")
    .option("--templates", "list the workflows to begin from")
    .option("--json", "print the list of --templates as JSON")
    .addHelpText("after", examples)
    .action(init);
}

const examples = `
Examples:
  tomoflow init
  tomoflow init chlamy.yaml
  tomoflow init --templates
  tomoflow init chlamy.yaml --template deepfinder`;

interface InitOptions {
  readonly template: string;
  readonly templates?: boolean;
  readonly json?: boolean;
}

async function init(file: string, { template, templates, json }: InitOptions): Promise<void> {
  if (templates || json) return showTemplates(json === true);
  const text = await textOfTemplate(template, resolve(file));
  try {
    writeFileSync(file, text, { flag: "wx" });
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

async function showTemplates(asJson: boolean): Promise<void> {
  const templates = await listTemplates();
  if (asJson) return writeJson(templates);
  const width = Math.max(...templates.map(({ name }) => name.length));
  for (const { name, description } of templates)
    for (const line of wrapText(description, `${name.padEnd(width)}  `)) writeLine(line);
}
