import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { traceFile } from "../runner/provenance/index.ts";
import { writeJson, writeLine } from "./output.ts";
import { provenanceText } from "./why/provenance-text.ts";
import { openWorkflow, type WorkflowFlags } from "./workflow-file.ts";

interface WhyFlags extends WorkflowFlags {
  readonly json?: boolean;
  readonly full?: boolean;
}

export function registerWhyCommand(program: Command): void {
  program
    .command("why")
    .argument("<file>", "a result, a copy of one, or an input")
    .argument("[workflow]", "the workflow file (default: workflow.yaml here, or above the file)")
    .description(
      "Show where a file came from, all the way up: the task that made it, with which parameters and engine, from which " +
        "inputs, and whether all that still stands. A copy in another place is known by its content.",
    )
    .option("--variant <name>", "look at the results of this variant")
    .option("--full", "also every task further up, with its parameters, not only where it stands")
    .option("--json", "print {path, origin, madeBy, tasks, …} as JSON")
    .addHelpText("after", examples)
    .action(async (file: string, path: string | undefined, flags: WhyFlags) => {
      const workflow = await openWorkflow(path ?? workflowAbove(file), flags);
      if (!workflow) return;
      const provenance = await traceFile(workflow, file);
      if (flags.json) writeJson(provenance);
      else writeLine(provenanceText(provenance, { full: flags.full ?? false }));
    });
}

const examples = `
Examples:
  tomoflow why results/chlamy/cluster/t2/detections.xml
  tomoflow why ~/Desktop/best.h5 chlamy.yaml     a copy, known by its content
  tomoflow why data/t0.xml                       an input: which tasks read it`;

/** The workflow.yaml of this folder, or else of the nearest folder above the file. */
function workflowAbove(file: string): string | undefined {
  const name = "workflow.yaml";
  if (existsSync(name)) return undefined;
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return join(folder, name);
    if (folder === dirname(folder)) return undefined;
  }
}
