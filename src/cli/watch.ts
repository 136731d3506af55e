import type { Command } from "commander";
import type { WatchNews, WatchOptions } from "../runner/watch/index.ts";
import { metricsPortsOf, watchFile } from "../session/index.ts";
import { wholeNumber } from "./amounts.ts";
import { exitCode } from "./exit-code.ts";
import { listenForInterruption } from "./interruption.ts";
import { count, paint, shownPath, writeDiagnostics, writeErrorLine, writeLine } from "./output.ts";
import { chooseMode, createReporter, type Reporter } from "./reporters/reporter.ts";
import { knownEngine } from "./run.ts";
import { collectNames, findWorkflow, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface WatchFlags extends WorkflowFlags {
  readonly only?: readonly string[];
  readonly jobs?: number;
  readonly engine?: string;
  readonly poll?: boolean;
  readonly json?: boolean;
  readonly plain?: boolean;
}

export function registerWatchCommand(program: Command): void {
  withWorkflow(program.command("watch"))
    .description(
      "Run the workflow, and again whenever it, one of its input files or a module of your own steps changes. " +
        "A file that is still being written is waited for. A change during a run stops only the tasks that it makes " +
        "stale. A task that failed is not tried again until something about it has changed. Ctrl-C ends it.",
    )
    .option("--only <step[@row]>", "only these and what they need (repeatable)", collectNames)
    .option("-j, --jobs <number>", "most tasks at a time (default: the number of cores)", wholeNumber)
    .option("--engine <name>", "what computes, for every step", knownEngine)
    .option("--poll", "look at the files every second, for network disks that tell of no changes")
    .option("--plain", "plain lines instead of the live view")
    .option("--json", "one event a line, as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: WatchFlags) => {
      process.exitCode = await watch(path ?? findWorkflow(), flags);
    });
}

const examples = `
Examples:
  tomoflow watch                            workflow.yaml in this folder
  tomoflow watch chlamy.yaml --only segment
  tomoflow watch session.yaml --poll        data on a network disk`;

async function watch(path: string, flags: WatchFlags): Promise<number> {
  const face = createFace(flags);
  using interruption = listenForInterruption(face.announce);
  const { set, variant, only, jobs, engine, poll } = flags;
  const outcome = await watchFile(
    path,
    { set, variant },
    {
      beginRun: face.beginRun,
      tell: face.tell,
      ...{ only, jobs, engine, poll },
      signal: interruption.stop,
      kill: interruption.kill,
    },
  );
  return outcome === "interrupted" ? exitCode.interrupted : exitCode.done;
}

/** A reporter a run; what happens between runs goes to the one of the run that goes on, or to standard error. */
function createFace(flags: WatchFlags): Pick<WatchOptions, "beginRun" | "tell"> & Pick<Reporter, "announce"> {
  let current: Reporter | undefined;
  const announce = (text: string): void => (current ? current.announce(text) : writeErrorLine(text));
  return {
    announce,
    async beginRun(workflow) {
      const reporter = await createReporter(chooseMode(flags), {
        metricsPorts: metricsPortsOf(workflow),
        width: process.stdout.columns,
        now: () => performance.now(),
        write: writeLine,
      });
      current = reporter;
      const finish = async () => {
        current = undefined;
        await reporter.finish();
      };
      return { sink: reporter.sink, finish };
    },
    tell(news) {
      if (flags.json) return writeLine(JSON.stringify(news));
      if (news.type === "watch-wrong" && !current) writeDiagnostics(news.diagnostics);
      announce(newsText(news));
    },
  };
}

function newsText(news: WatchNews): string {
  switch (news.type) {
    case "watch-wrong":
      return `the workflow cannot run as it is (${count(news.diagnostics.length, "mistake")}): waiting for a change`;
    case "watch-waiting":
      return paint("dim", `watching ${count(news.files, "file")}; Ctrl-C ends it`, process.stderr);
    case "watch-changed":
      return `${changedText(news.paths)} changed`;
    case "watch-stopping":
      return `stopping what is stale now: ${shortList(news.tasks)}`;
  }
}

const changedText = (paths: readonly string[]): string => shortList(paths.map(shownPath));

/** More names than these are counted. */
const shownNames = 4;

const shortList = (names: readonly string[]): string =>
  names.length <= shownNames
    ? names.join(", ")
    : `${names.slice(0, shownNames).join(", ")} and ${names.length - shownNames} more`;
