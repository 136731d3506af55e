import type { Command } from "commander";
import type { TaskMetrics } from "../runner/index.ts";
import { type LockRevision, readLockHistory } from "../runner/revisions/index.ts";
import { ownValue } from "../schema/text/data-path.ts";
import { wholeNumber } from "./amounts.ts";
import { count, formatMetric, paint, writeJson, writeLine } from "./output.ts";
import { mainMetrics } from "./reporters/main-metrics.ts";
import { findPlace } from "./workflow-place.ts";
import { wrapPieces } from "./wrapping.ts";

interface HistoryFlags {
  readonly limit: number;
  readonly variant?: string;
  readonly json?: boolean;
}

export function registerHistoryCommand(program: Command): void {
  program
    .command("history")
    .argument("[workflow]", "the workflow file (default: workflow.yaml)")
    .description(
      "Show the metrics of each commit that touched the lock file, newest first, with what changed from the one before. " +
        "Reads git only; the data need not be here.",
    )
    .option("-n, --limit <number>", "most commits", wholeNumber, 20)
    .option("--variant <name>", "the history of this variant")
    .option("--json", "print [{commit, date, author, subject, metrics, changed}] as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: HistoryFlags) => {
      const revisions = await readLockHistory(findPlace(path, flags.variant), { limit: flags.limit });
      if (flags.json) writeJson(revisions);
      else writeLine(historyText(revisions));
    });
}

const examples = `
Examples:
  tomoflow history
  tomoflow history chlamy.yaml -n 5
  tomoflow history chlamy.yaml --json`;

/** A block a commit: its line, then a line a task with metrics; a changed value is shown with the one before it. */
export function historyText(revisions: readonly LockRevision[]): string {
  const blocks = revisions.map((revision, index) => {
    const before = revisions[index + 1]?.metrics;
    const tasks = Object.entries(revision.metrics);
    const width = Math.max(0, ...tasks.map(([task]) => task.length));
    const lines = tasks.flatMap(([task, ports]) =>
      wrapPieces(
        metricPieces(ports, ownValue(before, task), before !== undefined),
        `  ${task.padEnd(width)}  `,
      ),
    );
    return [
      headLine(revision),
      ...(lines.length > 0 ? lines : [`  ${revision.problem ?? "no metrics"}`]),
    ].join("\n");
  });
  return blocks.join("\n\n");
}

function headLine({ commit, date, subject, changed }: LockRevision): string {
  const name = commit === undefined ? "working tree" : `${commit.slice(0, 8)}  ${date!.slice(0, 10)}`;
  const change = changed.length > 0 ? paint("dim", `  (${count(changed.length, "value")} changed)`) : "";
  return `${paint("yellow", name)}  ${commit === undefined ? "not committed" : cut(subject!, 36)}${change}`;
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

/** `macro.f1 0.956 → 0.978`; `hasBefore`: there is an earlier commit to compare with. */
function metricPieces(now: TaskMetrics, before: TaskMetrics | undefined, hasBefore: boolean): string[] {
  const old = mainOf(before ?? {});
  return [...mainOf(now)].map(([name, value]) => {
    const was = old.get(name);
    if (was === value || !hasBefore) return `${name} ${formatMetric(value)}`;
    return paint("bold", `${name} ${was === undefined ? "new" : formatMetric(was)} → ${formatMetric(value)}`);
  });
}

const mainOf = (ports: TaskMetrics): ReadonlyMap<string, number> =>
  new Map(Object.values(ports).flatMap((content) => Object.entries(mainMetrics(content))));
