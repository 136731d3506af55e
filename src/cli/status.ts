import type { Command } from "commander";
import { type Plan, planWorkflow, readMetrics, type TaskMetrics } from "../runner/index.ts";
import { formatTable, paint, writeJson, writeLine } from "./output.ts";
import { planTable, planTotals } from "./plan-table.ts";
import { mainMetrics, shownMetrics } from "./reporters/main-metrics.ts";
import { metricsText } from "./reporters/progress-text.ts";
import { openWorkflow, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface StatusFlags extends WorkflowFlags {
  readonly verify?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function registerStatusCommand(program: Command): void {
  withWorkflow(program.command("status"))
    .description("Show which results are up to date, and the metrics of the last run of each step.")
    .option("--verify", "hash every file again instead of trusting its size and times")
    .option("--all", "a line for every task, also where many are alike")
    .option("--json", "print {tasks, counts, metrics} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: StatusFlags) => {
      const workflow = await openWorkflow(path, flags);
      if (!workflow) return;
      const [plan, metrics] = await Promise.all([planWorkflow(workflow, flags), readMetrics(workflow)]);
      const ids = new Set(plan.tasks.map(({ id }) => id));
      const known = new Map([...metrics].filter(([task]) => ids.has(task)));
      if (flags.json) writeJson({ ...plan, metrics: Object.fromEntries(known) });
      else writeStatus(workflow.name, { plan, metrics: known, all: flags.all });
    });
}

const examples = `
Examples:
  tomoflow status chlamy.yaml
  tomoflow status chlamy.yaml --json`;

interface Status {
  readonly plan: Plan;
  readonly metrics: ReadonlyMap<string, TaskMetrics>;
  readonly all?: boolean;
}

function writeStatus(name: string, { plan, metrics, all }: Status): void {
  writeLine(planTable(plan.tasks, { all }));
  writeLine();
  const lines = [...metrics].flatMap(([task, ports]) => metricsLines(task, ports));
  if (lines.length > 0) writeLine(`${formatTable(lines)}\n`);
  writeLine(`${paint("bold", name)}: ${planTotals(plan)}`);
}

const metricsLines = (task: string, ports: TaskMetrics): string[][] =>
  Object.values(ports)
    .map(mainMetrics)
    .filter((values) => Object.keys(values).length > 0)
    .map((values) => [task, metricsText(values, shownMetrics)]);
