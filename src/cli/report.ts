import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { explainSystemError } from "../core/error.ts";
import { buildReport } from "../runner/report/index.ts";
import { writeErrorLine, writeLine } from "./output.ts";
import { mainMetrics } from "./reporters/main-metrics.ts";
import { openWorkflow, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface ReportFlags extends WorkflowFlags {
  readonly output: string;
}

export function registerReportCommand(program: Command): void {
  withWorkflow(program.command("report"))
    .description(
      "Write one HTML page about a workflow and its results: graph, timeline, metrics, the pictures that steps wrote, " +
        "parameters. It needs no other file and no network, and can be sent as it is.",
    )
    .option("-o, --output <file>", "where to write it; - prints it", "report.html")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: ReportFlags) => {
      const workflow = await openWorkflow(path, flags);
      if (!workflow) return;
      const page = await buildReport(workflow, { headline: mainMetrics });
      if (flags.output === "-") return writeLine(page.trimEnd());
      await writeFile(flags.output, page).catch((error) => {
        throw explainSystemError(error, flags.output);
      });
      writeErrorLine(`wrote ${flags.output}`);
    });
}

const examples = `
Examples:
  tomoflow report
  tomoflow report chlamy.yaml -o chlamy.html
  tomoflow report chlamy.yaml --variant wide -o wide.html`;
