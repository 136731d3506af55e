import type { Command } from "commander";
import type { Plan } from "../runner/index.ts";
import { paint, writeJson, writeLine } from "./output.ts";
import { planTable, planTotals } from "./plan-table.ts";
import { collectNames, startSession, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface PlanFlags extends WorkflowFlags {
  readonly only?: readonly string[];
  readonly force?: readonly string[];
  readonly verify?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function registerPlanCommand(program: Command): void {
  withWorkflow(program.command("plan"))
    .description("Show what a run would do with each task, why, and how long it would take. Changes nothing.")
    .option("--only <step[@row]>", "only these and what they need (repeatable)", collectNames)
    .option("--force <step[@row]>", "as if these were not up to date (repeatable)", collectNames)
    .option("--verify", "hash every file again instead of trusting its size and times")
    .option("--all", "a line for every task, also where many are alike")
    .option("--json", "print {tasks, counts, estimatedSeconds} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: PlanFlags) => {
      const session = await startSession(path, flags);
      if (!session) return;
      const plan = await session.plan(flags);
      if (flags.json) writeJson(plan);
      else writePlan(session.workflow.name, plan, flags);
    });
}

const examples = `
States:
  fresh    up to date: nothing to do
  restore  made before: taken from the cache
  run      has to run
  pending  depends on a result that is not made yet: it may still turn out to be up to date

Examples:
  tomoflow plan chlamy.yaml
  tomoflow plan chlamy.yaml --set epochs=200 --json`;

function writePlan(name: string, plan: Plan, { all }: PlanFlags): void {
  writeLine(planTable(plan.tasks, { all }));
  writeLine();
  writeLine(`${paint("bold", name)}: ${planTotals(plan)}`);
}
