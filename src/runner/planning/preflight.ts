/** What is looked at before a run starts, so that it does not fail hours later for what could be seen at once. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import PQueue from "p-queue";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { taskIdOf } from "../../schema/values/bindings.ts";
import type { WorkflowStep } from "../../schema/workflow.ts";
import { impossibleRequests, type Machine } from "../machine/resources.ts";
import { executorNameOf, type Preflight, type PreflightRequest, type RunnerOptions } from "../options.ts";
import { executorProject, type Project } from "../project.ts";
import type { Task } from "../tasks/graph.ts";
import { inputFiles, isModuleKind, jobParameters, jobRows, shownClasses } from "../tasks/inputs.ts";
import { checkDiskSpace } from "./disk-space.ts";
import { nearestExisting } from "./nearest-folder.ts";
import type { ProjectPlan } from "./plan.ts";
import { preflightTables } from "./preflight-table.ts";
import { sharedResults } from "./shared-results.ts";

export type BeforeRunOptions = Pick<
  RunnerOptions,
  "preflight" | "checkEngines" | "checkExecutors" | "outputBytes" | "engine" | "executors" | "executorOf"
>;

/** Every reason not to start. `machine` is where the tasks would run. */
export async function checkBeforeRun(
  project: Project,
  plan: ProjectPlan,
  {
    machine,
    preflight,
    checkEngines,
    outputBytes,
    engine,
    ...where
  }: { machine: Machine } & BeforeRunOptions,
): Promise<readonly Diagnostic[]> {
  const active = plan.selected.filter(({ id }) => plan.judgements.get(id)!.state !== "fresh");
  const working = active.filter(({ id }) => plan.judgements.get(id)!.state !== "restore");
  const here = working.filter(({ step }) => executorNameOf(step, where) === "local");
  const computing = [...new Set(here.map(({ step }) => step))].filter(mayUseEngine);
  const found = [
    ...(computing.length > 0 && checkEngines ? await checkEngines(computing, engine) : []),
    ...(await checkElsewhere(working, project, where)),
    ...missingInputs(active, plan, project),
    ...impossibleRequests(here, machine),
    ...(await unwritableFolders(active, project)),
  ];
  if (found.length > 0) return found;
  const warnings = await sharedResults(active, project);
  const tableOf = preflightTables(project);
  const requests = working.map((task) =>
    preflightRequest(task, project, { pending: pendingFiles(task, plan, project), table: tableOf(task) }),
  );
  const results = preflight ? await lookOver(requests, preflight) : [];
  const room = outputBytes ? await checkDiskSpace(requests, project, outputBytes) : [];
  return withoutRepeats([...warnings, ...results, ...room]);
}

/** Steps that compute elsewhere, by executor. */
async function checkElsewhere(
  working: readonly Task[],
  project: Project,
  where: Pick<RunnerOptions, "executors" | "executorOf" | "checkExecutors">,
): Promise<readonly Diagnostic[]> {
  const byName = new Map<string, Set<WorkflowStep>>();
  for (const { step } of working) {
    const name = executorNameOf(step, where);
    if (name !== "local") byName.set(name, (byName.get(name) ?? new Set()).add(step));
  }
  const found = [...byName].map(async ([name, steps]) => {
    if (where.executors?.[name] === undefined) return [unknownExecutor(name, [...steps][0]!)];
    return (await where.checkExecutors?.(name, [...steps], executorProject(project))) ?? [];
  });
  return (await Promise.all(found)).flat();
}

const unknownExecutor = (name: string, { id, location }: WorkflowStep): Diagnostic =>
  errorDiagnostic("executor-unavailable", `step ${id}: tasks cannot be given to ${name} from here`, {
    location,
    hint: "use executor: local, or tomoflow run",
  });

/** A kind of the user's own may use the engine without saying so. */
const mayUseEngine = ({ kind }: Task["step"]): boolean => kind.usesEngine === true || isModuleKind(kind.name);

async function lookOver(
  requests: readonly PreflightRequest[],
  preflight: Preflight,
): Promise<readonly Diagnostic[]> {
  const queue = new PQueue({ concurrency: 8 });
  const results = await Promise.all(requests.map((request) => queue.add(() => preflight(request))));
  return results.flat();
}

/** The state of the task is `run` and all that it reads is in the working tree already. */
export const isComplete = (task: Task, { judgements }: ProjectPlan): boolean =>
  judgements.get(task.id)?.state === "run" &&
  task.dependsOn.every((id) => (judgements.get(id)?.state ?? "fresh") === "fresh");

/** What the task reads of tasks that are not fresh. */
const pendingFiles = (task: Task, { judgements }: ProjectPlan, { graph, workflow }: Project): Set<string> =>
  new Set(
    inputFiles(task, graph, workflow)
      .filter(
        ({ source }) =>
          source.type === "output" &&
          (judgements.get(taskIdOf(source.step, source.row))?.state ?? "fresh") !== "fresh",
      )
      .map(({ path }) => path),
  );

export function preflightRequest(
  task: Task,
  project: Project,
  {
    pending = new Set(),
    table = preflightTables(project)(task),
  }: Partial<Pick<PreflightRequest, "pending" | "table">> = {},
): PreflightRequest {
  const { workflow, graph } = project;
  const { kind, id, location } = task.step;
  return {
    taskId: task.id,
    step: id,
    kind: isModuleKind(kind.name) ? resolve(workflow.folder, kind.name) : kind.name,
    location,
    parameters: jobParameters(task, graph),
    rows: jobRows(task, graph),
    classes: shownClasses(task, graph, workflow),
    pending,
    table,
  };
}

function missingInputs(
  tasks: readonly Task[],
  { judgements }: ProjectPlan,
  { workflow }: Project,
): Diagnostic[] {
  const byPath = new Map<string, Task>();
  for (const task of tasks)
    for (const { path } of judgements.get(task.id)!.missing) if (!byPath.has(path)) byPath.set(path, task);
  return [...byPath].map(([path, task]) =>
    errorDiagnostic(
      "file-missing",
      `${relative(workflow.folder, path)} does not exist; ${task.id} reads it`,
      {
        location: task.step.location,
        hint: "check the path; paths in a workflow are relative to the workflow file",
      },
    ),
  );
}

/** Looks at the nearest folder that exists of each place that will be written. */
async function unwritableFolders(
  tasks: readonly Task[],
  { workflow, layout }: Project,
): Promise<Diagnostic[]> {
  if (tasks.length === 0) return [];
  const places = new Set([layout.root, workflow.folder, ...tasks.map(({ binding }) => binding.outputFolder)]);
  const existing = new Set(await Promise.all([...places].map(nearestExisting)));
  const errors = await Promise.all([...existing].map(writingError));
  return errors.filter((error) => error !== undefined);
}

async function writingError(folder: string): Promise<Diagnostic | undefined> {
  try {
    const isFolder = (await stat(folder)).isDirectory();
    if (!isFolder)
      return errorDiagnostic(
        "not-writable",
        `${folder} is a file, and results should go into a folder there`,
        {
          hint: "move it away, or choose another folder with `out`",
        },
      );
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const explained = explainSystemError(error, folder);
    if (!(explained instanceof TomoflowError))
      return errorDiagnostic("not-writable", `cannot write to ${folder}: ${(error as Error).message}`);
    return errorDiagnostic(explained.code, explained.message, explained.hint ? { hint: explained.hint } : {});
  }
}

/** A mistake in a file that many tasks read is told once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}
