import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { type FoundLog, lastLogs, logOfTask, type TaskLog } from "../runner/index.ts";
import type { WorkflowPlace } from "../runner/revisions/index.ts";
import { closestName } from "../schema/text/suggest.ts";
import { wholeNumber } from "./amounts.ts";
import { formatTable, shownPath, writeErrorLine, writeJson, writeLine } from "./output.ts";
import { findPlace } from "./workflow-place.ts";

interface LogsFlags {
  readonly variant?: string;
  readonly attempt?: number;
  readonly all?: boolean;
  readonly path?: boolean;
  readonly json?: boolean;
}

/** Tasks that are listed without `--all`. */
const shownTasks = 20;

export function registerLogsCommand(program: Command): void {
  program
    .command("logs")
    .argument("[workflow]", "the workflow file (default: workflow.yaml)")
    .argument("[task]", "step or step@row")
    .description(
      "Show what a task wrote to its log: the last attempt where it went wrong, else the one that made the result that is " +
        "there. Without a task, list the logs there are.",
    )
    .option("--variant <name>", "the logs of this variant")
    .option("--attempt <number>", "show this attempt", wholeNumber)
    .option("--all", `list all tasks, not only the last ${shownTasks}`)
    .option("--path", "print the path of the log instead of its content")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, task: string | undefined, flags: LogsFlags) => {
      const [file, name] = sortArguments(path, task);
      const place = findPlace(file, flags.variant);
      if (name === undefined) writeLogs(await lastLogs(place), flags);
      else await showLog(await findLog(place, name, flags), flags);
    });
}

const examples = `
Examples:
  tomoflow logs                        the logs of workflow.yaml
  tomoflow logs train                  what training wrote
  tomoflow logs train --attempt 1      what it wrote the first time
  tomoflow logs chlamy.yaml segment@t2 --path`;

/** A single argument that is no YAML file is a task of the workflow in this folder. */
const sortArguments = (path?: string, task?: string): [string | undefined, string | undefined] =>
  task === undefined && path !== undefined && !/\.ya?ml$/i.test(path) ? [undefined, path] : [path, task];

const asJson = ({ task, attempt, path, modified }: TaskLog) => ({ task, attempt, path, written: modified });

function writeLogs(logs: readonly TaskLog[], { all = false, json, variant }: LogsFlags): void {
  if (json) writeJson(logs.map(asJson));
  else if (logs.length === 0)
    writeErrorLine(`no task${variant === undefined ? "" : ` of the variant ${variant}`} has run yet`);
  else writeTable(logs, all);
}

function writeTable(logs: readonly TaskLog[], all: boolean): void {
  const shown = all ? logs : logs.slice(0, shownTasks);
  const rows = shown.map(({ task, attempt, modified, path }) => [
    task,
    String(attempt),
    modified.toLocaleString("sv-SE"),
    shownPath(path),
  ]);
  writeLine(formatTable(rows, { header: ["task", "attempt", "written", "log"], align: ["left", "right"] }));
  const hidden = logs.length - shown.length;
  if (hidden > 0) writeErrorLine(`and ${hidden} older ones: --all lists them`);
}

/** Of a task, or of the row of a step that ran last. Throws TomoflowError `no-log`. */
async function findLog(place: WorkflowPlace, name: string, { attempt }: LogsFlags): Promise<FoundLog> {
  const options = attempt === undefined ? {} : { attempt };
  const exact = await logOfTask(place, name, options);
  if (exact) return exact;
  const logs = await lastLogs(place);
  const row = logs.find(({ task }) => task.startsWith(`${name}@`));
  const found = row && (await logOfTask(place, row.task, options));
  if (found) return found;
  const known = row ?? logs.find(({ task }) => task === name);
  if (attempt !== undefined && known)
    throw new TomoflowError("no-log", `there is no log of attempt ${attempt} at ${known.task}`, {
      hint: `the last was attempt ${known.attempt}; tomoflow gc removes old ones`,
    });
  const near = closestName(
    name,
    logs.flatMap(({ task }) => [task, task.split("@")[0]]),
  );
  throw new TomoflowError("no-log", `there is no log of ${name}`, {
    hint: near ? `did you mean ${near}?` : "tomoflow logs lists the logs there are",
  });
}

async function showLog(
  { log, latest }: FoundLog,
  { path: onlyPath, json, attempt }: LogsFlags,
): Promise<void> {
  const { task, path } = log;
  if (onlyPath && !json) return writeLine(path);
  const text = await readFile(path, "utf8").catch((error) => {
    throw explainSystemError(error, path);
  });
  if (json) return writeJson({ ...asJson(log), latest, text });
  writeErrorLine(`${task}: ${shownPath(path)}`);
  if (attempt === undefined && latest !== undefined && latest !== log.attempt)
    writeErrorLine(
      `attempt ${log.attempt} made the result that is there; the last was another: --attempt ${latest}`,
    );
  writeLine(text.trimEnd());
}
