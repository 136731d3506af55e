import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { lastLogs, type TaskLog } from "../runner/index.ts";
import { closestName } from "../schema/suggest.ts";
import { formatTable, shownPath, writeErrorLine, writeLine } from "./output.ts";
import { openWorkflow, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface LogsFlags extends WorkflowFlags {
  readonly path?: boolean;
}

export function registerLogsCommand(program: Command): void {
  withWorkflow(program.command("logs"))
    .argument("[task]", "step or step@row")
    .description(
      "Show what a task wrote to its log the last time it ran. Without a task, list the logs there are.",
    )
    .option("--path", "print the path of the log instead of its content")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, task: string | undefined, flags: LogsFlags) => {
      const [file, name] = sortArguments(path, task);
      const workflow = await openWorkflow(file, flags);
      if (!workflow) return;
      const logs = await lastLogs(workflow);
      if (name === undefined) listLogs(logs);
      else await showLog(findLog(logs, name), flags);
    });
}

const examples = `
Examples:
  tomoflow logs                        the logs of workflow.yaml
  tomoflow logs train                  what training wrote
  tomoflow logs chlamy.yaml segment@t2 --path`;

/** A single argument that is no YAML file is a task of the workflow in this folder. */
const sortArguments = (path?: string, task?: string): [string | undefined, string | undefined] =>
  task === undefined && path !== undefined && !/\.ya?ml$/i.test(path) ? [undefined, path] : [path, task];

function listLogs(logs: readonly TaskLog[]): void {
  if (logs.length === 0) {
    writeErrorLine("no task has run yet");
    return;
  }
  const rows = logs.map(({ task, attempt, modified, path }) => [
    task,
    String(attempt),
    modified.toLocaleString("sv-SE"),
    shownPath(path),
  ]);
  writeLine(formatTable(rows, { header: ["task", "attempt", "written", "log"], align: ["left", "right"] }));
}

/** The newest log of a task, or of any row of a step. Throws TomoflowError `no-log`. */
function findLog(logs: readonly TaskLog[], name: string): TaskLog {
  const found = logs.find(({ task }) => task === name || task.startsWith(`${name}@`));
  if (found) return found;
  const near = closestName(
    name,
    logs.flatMap(({ task }) => [task, task.split("@")[0]]),
  );
  throw new TomoflowError("no-log", `there is no log of ${name}`, {
    hint: near ? `did you mean ${near}?` : "tomoflow logs lists the logs there are",
  });
}

async function showLog({ task, path }: TaskLog, flags: LogsFlags): Promise<void> {
  if (flags.path) return writeLine(path);
  const text = await readFile(path, "utf8").catch((error) => {
    throw explainSystemError(error, path);
  });
  writeErrorLine(`${task}: ${shownPath(path)}`);
  writeLine(text.trimEnd());
}
