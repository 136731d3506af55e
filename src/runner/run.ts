/** Runs a workflow: plan, look before leaping, run what is stale, publish. */
import { dirname, join, relative, sep } from "node:path";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Workflow } from "../schema/workflow.ts";
import type { TaskOutcome } from "./events.ts";
import type { RunPlanOptions } from "./execution/run-plan.ts";
import { type LocalMachine, thisMachine } from "./machine/resources.ts";
import { surveySharing } from "./machine/task-gpus.ts";
import { executorNameOf, type PlanOptions, type RunnerOptions, type RunSummary } from "./options.ts";
import { type ProjectPlan, planProject } from "./planning/plan.ts";
import { type BeforeRunOptions, checkBeforeRun } from "./planning/preflight.ts";
import { openProject, type Project } from "./project.ts";
import { maskedDiagnostics } from "./record/masked-texts.ts";
import { recordedRun } from "./record/runs/recorded-run.ts";
import { countOutcomes, endEvent, freshEnd } from "./results/task-end.ts";
import { prepareLayout } from "./store/layout.ts";
import type { Task } from "./tasks/graph.ts";

/**
 * Runs what is stale. Everything that happens goes to `options.sink`; the summary says how it ended. Throws
 * `lock-conflict`, `lock-unreadable`, `unknown-task` and explained system errors for what keeps it from planning.
 */
export async function runWorkflow(workflow: Workflow, given: RunnerOptions): Promise<RunSummary> {
  const started = performance.now();
  const project = await openProject(workflow, given);
  try {
    const plan = await planProject(project, given);
    const idle = plan.counts.fresh === plan.tasks.length;
    return await recordedRun(project, { given, idle }, (options) =>
      runPlanned(plan, { project, options, started }),
    );
  } finally {
    await project.contents.close();
  }
}

async function runPlanned(
  plan: ProjectPlan,
  {
    project,
    options,
    started,
  }: { readonly project: Project; readonly options: RunnerOptions; readonly started: number },
): Promise<RunSummary> {
  const { workflow } = project;
  const { tasks, counts } = plan;
  const machine = thisMachine();
  const { cores, memoryBytes, gpus } = machine;
  options.sink({
    type: "run-started",
    workflow: workflow.name,
    path: workflow.path,
    tasks,
    counts,
    machine: { cores, memoryBytes, gpus },
  });
  const found = await lookBeforeRun(project, plan, { machine, options });
  const sharing = await surveySharing(workingHere(plan, options), machine, {
    asked: options.engine,
    engine: found.some(({ severity }) => severity === "error") ? undefined : options.gpuEngine,
  });
  const diagnostics = [...found, ...sharing.warnings];
  for (const diagnostic of diagnostics) options.sink({ type: "diagnostic", diagnostic });
  const stopped = diagnostics.some(({ severity }) => severity === "error");
  const ended = stopped
    ? untouched(plan)
    : await work(plan, { project, options, machine, sharing, told: diagnostics });
  const summary: RunSummary = {
    outcome: stopped ? "failed" : outcomeOf(ended, options),
    counts: ended,
    seconds: (performance.now() - started) / 1000,
    diagnostics: maskedDiagnostics(diagnostics, workflow),
    resultsFolder: resultsFolder(plan, workflow),
  };
  options.sink({ type: "run-ended", ...withoutDiagnostics(summary) });
  return summary;
}

/**
 * All for which `runWorkflow` would not start, and its warnings, for every task that is not up to date; runs nothing. Throws what
 * `runWorkflow` throws.
 */
export async function checkWorkflow(
  workflow: Workflow,
  options: PlanOptions & BeforeRunOptions,
): Promise<readonly Diagnostic[]> {
  const project = await openProject(workflow, options);
  try {
    const plan = await planProject(project, options);
    const found = await checkBeforeRun(project, plan, { machine: thisMachine(), ...options });
    return maskedDiagnostics(found, workflow);
  } finally {
    await project.contents.close();
  }
}

const lookBeforeRun = (
  project: Project,
  plan: ProjectPlan,
  { machine, options }: { machine: LocalMachine; options: RunnerOptions },
): Promise<readonly Diagnostic[]> => checkBeforeRun(project, plan, { machine, ...options });

/** Tasks that will compute on this machine. */
const workingHere = (
  { selected, judgements }: ProjectPlan,
  options: Pick<RunnerOptions, "executorOf">,
): readonly Task[] =>
  selected.filter(
    ({ id, step }) =>
      !["fresh", "restore"].includes(judgements.get(id)!.state) && executorNameOf(step, options) === "local",
  );

async function work(
  plan: ProjectPlan,
  given: RunPlanOptions,
): Promise<Readonly<Record<TaskOutcome, number>>> {
  const counts =
    plan.counts.fresh < plan.tasks.length
      ? await (await import("./execution/run-plan.ts")).runPlan(plan, given)
      : nothingToDo(plan, given.options);
  await forgetGoneTasks(given.project);
  return counts;
}

function nothingToDo(
  { selected, judgements }: ProjectPlan,
  { sink }: RunnerOptions,
): Record<TaskOutcome, number> {
  const ends = selected.map((task) => ({ task, end: freshEnd(judgements.get(task.id)!) }));
  for (const { task, end } of ends) sink(endEvent(task, end));
  return countOutcomes(ends.map(({ end }) => end));
}

/** Drops the lock's blocks of rows and steps that the workflow no longer has; those of disabled steps stay. */
async function forgetGoneTasks({ lock, layout, graph, workflow }: Project): Promise<void> {
  const disabled = new Set(workflow.steps.filter(({ enabled }) => !enabled).map(({ id }) => id));
  const gone = lock.ids.filter((id) => !graph.byId.has(id) && !disabled.has(id.split("@")[0]!));
  if (gone.length > 0) await prepareLayout(layout);
  for (const id of gone) lock.set(id, undefined);
  await lock.save();
}

const untouched = ({ tasks }: ProjectPlan): Record<TaskOutcome, number> =>
  countOutcomes(tasks.map(({ state }) => ({ outcome: state === "fresh" ? "fresh" : "skipped" })));

function outcomeOf(
  { failed, tainted, interrupted, skipped }: Readonly<Record<TaskOutcome, number>>,
  { signal, kill }: RunnerOptions,
): RunSummary["outcome"] {
  if (failed + tainted > 0) return "failed";
  if (interrupted > 0) return "interrupted";
  return skipped > 0 && (signal?.aborted || kill?.aborted) ? "interrupted" : "done";
}

/** The folder that holds the results of all tasks. */
function resultsFolder({ selected }: ProjectPlan, workflow: Workflow): string {
  const folders = selected.map(({ binding }) => binding.outputFolder);
  let common = folders[0] ?? join(workflow.folder, "results");
  for (const folder of folders)
    while (relative(common, folder).split(sep)[0] === ".." && dirname(common) !== common)
      common = dirname(common);
  return common;
}

function withoutDiagnostics({ diagnostics: _, ...summary }: RunSummary): Omit<RunSummary, "diagnostics"> {
  return summary;
}
