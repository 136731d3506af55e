import type { Command } from "commander";
import { formatBytes } from "../core/bytes.ts";
import { collectGarbage, type GcReport, type RemovedPart } from "../runner/upkeep/index.ts";
import { parseAge, parseSize } from "./amounts.ts";
import { formatTable, paint, writeErrorLine, writeJson, writeLine } from "./output.ts";
import { projectOf } from "./workflow-file.ts";

interface GcFlags {
  readonly keepLocked?: boolean;
  readonly olderThan?: number;
  readonly maxSize?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerGcCommand(program: Command): void {
  program
    .command("gc")
    .argument("[workflow]", "the workflow file, or the folder of the project (default: this folder)")
    .description(
      "Remove results, checkpoints, logs and records of runs from .tomoflow that are not needed any more. Working copies of results " +
        "stay, and so does what a run at work needs. Without rules, only what killed runs left behind goes.",
    )
    .option("--keep-locked", "keep what a lock file of the project refers to; alone: remove all else")
    .option("--older-than <age>", "remove what was of no use for so long, e.g. 30d", parseAge)
    .option(
      "--max-size <size>",
      "remove the results used longest ago until the cache takes no more, e.g. 500GB",
      parseSize,
    )
    .option("-n, --dry-run", "only show what would go")
    .option("--json", "print {dryRun, removed, freedBytes, keptBytes} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: GcFlags) => {
      const report = await collectGarbage(projectOf(path), {
        keepLocked: flags.keepLocked,
        olderThanSeconds: flags.olderThan,
        maxBytes: flags.maxSize,
        dryRun: flags.dryRun,
      });
      if (flags.json) writeJson(report);
      else writeReport(report, flags);
    });
}

const examples = `
Examples:
  tomoflow gc --keep-locked --dry-run                 what would go if only the lock's results stayed
  tomoflow gc --keep-locked --older-than 30d          and of the others those of the last 30 days
  tomoflow gc --keep-locked --max-size 500GB          and of the others as many as fit`;

function writeReport({ dryRun, removed, freedBytes, keptBytes }: GcReport, { maxSize }: GcFlags): void {
  const parts: [string, RemovedPart][] = [
    ["results", removed.results],
    ["checkpoints", removed.checkpoints],
    ["logs", removed.logs],
    ["records of runs", removed.runs],
    ["slices for the studio", removed.slices],
    ["journals of lists", removed.studio],
    ["left by killed runs", removed.attempts],
  ];
  const rows = parts
    .filter(([, part]) => part.count > 0 || part.bytes > 0)
    .map(([name, part]) => [name, String(part.count), formatBytes(part.bytes)]);
  if (rows.length > 0)
    writeLine(
      `${formatTable(rows, { header: ["", "number", "size"], align: ["left", "right", "right"] })}\n`,
    );
  const verb = dryRun ? "would free" : "freed";
  const freed =
    rows.length > 0 ? `${verb} ${paint("bold", formatBytes(freedBytes))}` : "there is nothing to remove";
  writeLine(`${freed}; ${formatBytes(keptBytes)} of results, checkpoints, slices and journals stay`);
  if (maxSize !== undefined && keptBytes > maxSize)
    writeErrorLine(
      `what stays is ${formatBytes(keptBytes - maxSize)} more than --max-size: locks, links and runs at work need it`,
    );
}
