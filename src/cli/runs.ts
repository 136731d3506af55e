import type { Command } from "commander";
import {
  layoutOf,
  listRuns,
  type RecordedEvent,
  type RecordedRun,
  type RunRecord,
  readRun,
} from "../runner/index.ts";
import { wholeNumber } from "./amounts.ts";
import { formatTable, writeErrorLine, writeJson, writeLine } from "./output.ts";
import { createReporter, type Reporter } from "./reporters/reporter.ts";
import { endText, stateText } from "./run-text.ts";
import { findPlace } from "./workflow-place.ts";

interface RunsFlags {
  readonly variant?: string;
  readonly follow?: boolean;
  readonly after?: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Runs that are listed without `--all`. */
const shownRuns = 20;

export function registerRunsCommand(program: Command): void {
  program
    .command("runs")
    .argument("[workflow]", "the workflow file (default: workflow.yaml)")
    .argument("[run]", "the run's id, or last")
    .description(
      "List the runs of a workflow, or show what happened in one: those of other terminals and machines too. " +
        "A run that goes on can be followed.",
    )
    .option("--variant <name>", "the runs of this variant")
    .option("-f, --follow", "wait for what comes until the run has ended")
    .option("--after <number>", "only the events after this number, with --json", wholeNumber)
    .option("--all", `list all runs, not only the last ${shownRuns}`)
    .option("--json", "print JSON; of one run, an event a line")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, run: string | undefined, flags: RunsFlags) => {
      const [file, id] = sortArguments(path, run);
      const place = findPlace(file, flags.variant);
      const layout = layoutOf(place);
      const of = { workflowPath: place.path.slice(place.folder.length + 1), variant: flags.variant };
      if (id !== undefined && id !== "last") return showRun(readRun(layout, id, flags), flags);
      const most = flags.all ? {} : { most: id === undefined ? shownRuns : 1 };
      const runs = await listRuns(layout, { of, ...most });
      const [last] = runs;
      if (id === undefined) writeRuns(runs, flags);
      else if (last) await showRun(readRun(layout, last.id, flags), flags);
      else writeErrorLine("there was no run of this workflow yet");
    });
}

const examples = `
Examples:
  tomoflow runs                            the runs of workflow.yaml
  tomoflow runs last --follow              what the run that goes on elsewhere does
  tomoflow runs 20261127-131405123-3f2a9c  what happened in this one
  tomoflow runs last --json --after 120    for programs: its events after number 120`;

/** A single argument that is no YAML file is a run of the workflow in this folder. */
const sortArguments = (path?: string, run?: string): [string | undefined, string | undefined] =>
  run === undefined && path !== undefined && !/\.ya?ml$/i.test(path) ? [undefined, path] : [path, run];

function writeRuns(runs: readonly RecordedRun[], { json, all }: RunsFlags): void {
  if (json) writeJson(runs);
  else if (runs.length === 0) writeErrorLine("there was no run of this workflow yet");
  else writeTable(runs, all);
}

function writeTable(runs: readonly RecordedRun[], all = false): void {
  const rows = runs.map((run) => [run.id, ...stateText(run), endText(run)]);
  writeLine(formatTable(rows, { header: ["run", "began", "state", "took", "tasks"] }));
  if (!all && runs.length === shownRuns) writeErrorLine(`the last ${shownRuns}: --all lists all`);
}

/** As the run's own terminal showed it, by the clock of the record. */
async function showRun(records: AsyncIterable<RunRecord>, { json = false }: RunsFlags): Promise<void> {
  if (json) {
    for await (const record of records) writeLine(JSON.stringify(record));
    return;
  }
  let now = 0;
  let reporter: Reporter | undefined;
  for await (const { time, event } of records) {
    now = Date.parse(time);
    reporter ??= await createReporter("plain", { metricsPorts: new Map(), now: () => now, write: writeLine });
    if (isTold(event)) reporter.sink(event);
    else if (event.type === "run-broken") writeErrorLine(`the run broke off: ${event.error.message}`);
  }
  await reporter?.finish();
}

const isTold = (
  event: RecordedEvent,
): event is Exclude<RecordedEvent, { type: "run-asked" | "run-broken" }> =>
  event.type !== "run-asked" && event.type !== "run-broken";
