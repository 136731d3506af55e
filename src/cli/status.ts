import { basename } from "node:path";
import type { Command } from "commander";
import {
  layoutOf,
  listRuns,
  type Plan,
  planWorkflow,
  type RecordedRun,
  readMetrics,
  type TaskMetrics,
} from "../runner/index.ts";
import { formatTable, paint, writeJson, writeLine } from "./output.ts";
import { planTable, planTotals } from "./plan-table.ts";
import { mainMetrics, shownMetrics } from "./reporters/main-metrics.ts";
import { metricsText } from "./reporters/progress-text.ts";
import { endText, stateText } from "./run-text.ts";
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
    .option("--json", "print {tasks, counts, metrics, lastRun} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: StatusFlags) => {
      const workflow = await openWorkflow(path, flags);
      if (!workflow) return;
      const of = { workflowPath: basename(workflow.path), variant: workflow.variant };
      const [plan, metrics, [lastRun]] = await Promise.all([
        planWorkflow(workflow, flags),
        readMetrics(workflow),
        listRuns(layoutOf(workflow), { of, most: 1 }),
      ]);
      const ids = new Set(plan.tasks.map(({ id }) => id));
      const known = new Map([...metrics].filter(([task]) => ids.has(task)));
      if (flags.json) writeJson({ ...plan, metrics: Object.fromEntries(known), lastRun });
      else writeStatus(workflow.name, { plan, metrics: known, lastRun, all: flags.all });
    });
}

const examples = `
Examples:
  tomoflow status chlamy.yaml
  tomoflow status chlamy.yaml --json`;

interface Status {
  readonly plan: Plan;
  readonly metrics: ReadonlyMap<string, TaskMetrics>;
  readonly lastRun: RecordedRun | undefined;
  readonly all?: boolean;
}

function writeStatus(name: string, { plan, metrics, lastRun, all }: Status): void {
  writeLine(planTable(plan.tasks, { all }));
  writeLine();
  const lines = [...metrics].flatMap(([task, ports]) => metricsLines(task, ports));
  if (lines.length > 0) writeLine(`${formatTable(lines)}\n`);
  writeLine(`${paint("bold", name)}: ${planTotals(plan)}`);
  if (lastRun) writeLine(lastRunText(lastRun));
}

function lastRunText(run: RecordedRun): string {
  const [began, state, took] = stateText(run);
  const verb = run.state === "running" ? "running since" : "last run";
  const how = run.state === "running" ? took : `${state} after ${took}`;
  return `${verb} ${began} (${run.id}): ${how}, ${endText(run)}`;
}

const metricsLines = (task: string, ports: TaskMetrics): string[][] =>
  Object.values(ports)
    .map(mainMetrics)
    .filter((values) => Object.keys(values).length > 0)
    .map((values) => [task, metricsText(values, shownMetrics)]);
