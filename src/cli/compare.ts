import type { Command } from "commander";
import { compareLocks } from "../runner/revisions/index.ts";
import { comparisonText } from "./compare/comparison-text.ts";
import { writeJson, writeLine } from "./output.ts";
import { collectNames } from "./workflow-file.ts";
import { findPlace, isWorkflowName } from "./workflow-place.ts";

interface CompareFlags {
  readonly variant?: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
}

export function registerCompareCommand(program: Command): void {
  program
    .command("compare")
    .argument("[workflow]", "the workflow file (default: workflow.yaml)")
    .argument("[revisions...]", "none: HEAD and the working tree; one: it and the working tree; or two")
    .description(
      "Lay results side by side: the parameters and data they were made with, and their metrics; what differs comes " +
        "first. Revisions are commits, branches or tags of git. Reads lock files only; the data need not be here.",
    )
    .option(
      "--variant <name>",
      "compare variants (repeatable); one alone is compared with the plain workflow",
      collectNames,
    )
    .option("--all", "also what is the same, and every number of the metrics")
    .option("--json", "print {sides, parameters, data, metrics} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, words: readonly string[], flags: CompareFlags) => {
      const isPath = path === undefined || isWorkflowName(path);
      const place = findPlace(isPath ? path : undefined);
      const revisions = isPath ? words : [path, ...words];
      const comparison = await compareLocks(place, { revisions, variants: flags.variant });
      if (flags.json) writeJson(comparison);
      else writeLine(comparisonText(comparison, { all: flags.all ?? false }));
    });
}

const examples = `
Examples:
  tomoflow compare                             the last commit and the working tree
  tomoflow compare HEAD~1                      an earlier commit and the working tree
  tomoflow compare chlamy.yaml v1 main         two revisions
  tomoflow compare --variant quick --variant wide`;
