import { type Command, InvalidArgumentError } from "commander";
import type { EventSink, RunEvent, RunSummary } from "../runner/index.ts";
import { engineNames, executorNames } from "../schema/shape/field-schemas.ts";
import { metricsPortsOf, type Session } from "../session/index.ts";
import { wholeNumber } from "./amounts.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { listenForInterruption } from "./interruption.ts";
import { writeLine } from "./output.ts";
import { chooseMode, createReporter, type Reporter } from "./reporters/reporter.ts";
import { collectNames, startSession, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface RunFlags extends WorkflowFlags {
  readonly keepGoing?: boolean;
  readonly jobs?: number;
  readonly only?: readonly string[];
  readonly force?: readonly string[];
  readonly engine?: string;
  readonly executor?: string;
  readonly profile?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly cancel?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly open?: boolean;
}

export function registerRunCommand(program: Command): void {
  withWorkflow(program.command("run"))
    .description(
      "Run the tasks of a workflow that are not up to date. Results of earlier runs are taken from the cache; " +
        "Ctrl-C stops at a safe point, and the next run goes on from there.",
    )
    .option("--only <step[@row]>", "only these and what they need (repeatable)", collectNames)
    .option("--force <step[@row]>", "run these even if they are up to date (repeatable)", collectNames)
    .option("-k, --keep-going", "after a failure go on with what does not depend on it")
    .option("-j, --jobs <number>", "most tasks at a time (default: the number of cores)", wholeNumber)
    .option("--engine <name>", `what computes, for every step: ${engineNames.join(", ")}`, knownEngine)
    .option("--executor <name>", `where every step runs: ${executorNames.join(", ")}`, knownExecutor)
    .option("--profile <name>", "use a named set of settings from slurm.yaml")
    .option("--dry-run", "print the scripts that Slurm would get, and run nothing")
    .option("--detach", "go on in the background: log out, and look with tomoflow runs last --follow")
    .option("--cancel", "end the runs of this workflow that go on, and take back its jobs from Slurm")
    .option("--verify", "hash every file again instead of trusting its size and times")
    .option("--open", "afterwards show the first label map over its tomogram in the browser")
    .option("--plain", "plain lines instead of the live view")
    .option("--json", "one event a line, as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: RunFlags) => {
      const session = await startSession(path, flags);
      if (!session) return;
      if (flags.dryRun) {
        process.exitCode = await (await import("./run/dry-run.ts")).dryRun(session, flags);
        return;
      }
      if (flags.cancel) {
        process.exitCode = await (await import("./run/cancel.ts")).cancelRuns(session);
        return;
      }
      if (flags.detach) {
        process.exitCode = await (await import("./run/detach.ts")).detachRun(session);
        return;
      }
      const events: RunEvent[] = [];
      process.exitCode = await run(session, flags, (event) => {
        if (event.type === "task-ended") events.push(event);
      });
      if (flags.open && process.exitCode === exitCode.done)
        await (await import("./studio/show-results.ts")).showResults(session.workflow, events);
    });
}

const examples = `
Examples:
  tomoflow run                                   workflow.yaml in this folder
  tomoflow run chlamy.yaml --set epochs=5        with another value of a parameter
  tomoflow run chlamy.yaml --only segment@t2     one tomogram, and what it needs
  tomoflow run chlamy.yaml --force train -k      train again, and go on after a failure
  tomoflow run chlamy.yaml --executor slurm      as jobs of a Slurm cluster
  tomoflow run chlamy.yaml --dry-run             the scripts that Slurm would get`;

async function run(session: Session, flags: RunFlags, sink: EventSink): Promise<ExitCode> {
  const reporter = await createReporter(chooseMode(flags), {
    metricsPorts: metricsPortsOf(session.workflow),
    width: process.stdout.columns,
    now: () => performance.now(),
    write: writeLine,
  });
  try {
    const both: Reporter = {
      ...reporter,
      sink(event) {
        sink(event);
        reporter.sink(event);
      },
    };
    return exitCodeOfRun(await runInterruptibly(session, flags, both));
  } finally {
    await reporter.finish();
  }
}

async function runInterruptibly(
  session: Session,
  flags: RunFlags,
  { sink, announce }: Reporter,
): Promise<RunSummary> {
  const queueing = new Set(
    session.workflow.steps
      .filter(({ executor }) => (flags.executor ?? executor) !== "local")
      .map(({ id }) => id),
  );
  const elsewhere = new Set<string>();
  const tasksElsewhere = () => elsewhere.size;
  using interruption = listenForInterruption(announce, { tasksElsewhere });
  return await session.run({
    only: flags.only,
    force: flags.force,
    keepGoing: flags.keepGoing,
    jobs: flags.jobs,
    engine: flags.engine,
    ...(flags.executor !== undefined && { executorOf: () => flags.executor! }),
    verify: flags.verify,
    signal: interruption.stop,
    kill: interruption.kill,
    sink(event) {
      if (event.type === "run-started") {
        for (const { id, step, state } of event.tasks)
          if (queueing.has(step) && state !== "fresh") elsewhere.add(id);
      } else if (event.type === "task-ended") elsewhere.delete(event.task);
      sink(event);
    },
  });
}

/** A run that ended before it began, because of mistakes that were found, is a wrong input. */
function exitCodeOfRun({ outcome, diagnostics }: RunSummary): ExitCode {
  switch (outcome) {
    case "done":
      return exitCode.done;
    case "interrupted":
      return exitCode.interrupted;
    case "failed":
      return diagnostics.some(({ severity }) => severity === "error")
        ? exitCode.wrongInput
        : exitCode.taskFailed;
  }
}

function knownExecutor(name: string): string {
  if (!executorNames.includes(name))
    throw new InvalidArgumentError(`Choose one of ${executorNames.join(", ")}.`);
  return name;
}

export function knownEngine(name: string): string {
  if (!engineNames.includes(name)) throw new InvalidArgumentError(`Choose one of ${engineNames.join(", ")}.`);
  return name;
}
