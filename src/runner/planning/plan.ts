/** What a run would do and why. Looking only; `plan`, `status` and `run` share it. */
import { availableParallelism } from "node:os";
import { holdingsOf } from "../../schema/step-description.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { PlannedTask, Reason, StateCounts, TaskState } from "../events.ts";
import { coresOf } from "../machine/resources.ts";
import type { Plan, PlanOptions } from "../options.ts";
import { openProject, type Project } from "../project.ts";
import { readTroubles, type Trouble } from "../record/trouble.ts";
import type { Content } from "../store/content.ts";
import type { Task } from "../tasks/graph.ts";
import { lookAtInput } from "../tasks/input-content.ts";
import { forcedTasks, selectTasks } from "../tasks/select-tasks.ts";
import { type Judgement, type JudgeOptions, judgeTask } from "./judge.ts";
import type { Outputs } from "./outputs.ts";

/** The plan with what stands behind it. */
export interface ProjectPlan extends Plan {
  /** Those selected by `only`, in dependency order. */
  readonly selected: readonly Task[];
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly forced: ReadonlySet<string>;
}

/**
 * Plans a workflow. Throws `lock-conflict`, `lock-unreadable`, `unknown-task`, `step-disabled`, `forced-not-selected` and explained system errors; a missing
 * input file is a reason, not an error.
 */
export async function planWorkflow(workflow: Workflow, options: PlanOptions = {}): Promise<Plan> {
  const project = await openProject(workflow, options);
  try {
    const { tasks, counts, estimatedSeconds } = await planProject(project, options);
    return { tasks, counts, ...(estimatedSeconds !== undefined && { estimatedSeconds }) };
  } finally {
    await project.contents.close();
  }
}

export async function planProject(project: Project, options: PlanOptions): Promise<ProjectPlan> {
  const { graph, layout } = project;
  const wanted = options.only && selectTasks(project, options.only, { withUpstream: true });
  const forced = forcedTasks(project, options.force ?? [], wanted);
  const selected = wanted ? graph.tasks.filter(({ id }) => wanted.has(id)) : graph.tasks;
  const [judgements, troubles] = await Promise.all([
    judgeAll(selected, project, forced),
    readTroubles(layout),
  ]);
  const tasks = selected.map((task) => plannedTask(task, judgements.get(task.id)!, project, troubles));
  const estimatedSeconds = estimate(selected, tasks);
  return {
    tasks,
    counts: countStates(tasks),
    ...(estimatedSeconds !== undefined && { estimatedSeconds }),
    selected,
    judgements,
    forced,
  };
}

/** One step's tasks at a time, since they never depend on each other. */
async function judgeAll(
  tasks: readonly Task[],
  project: Project,
  forced: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Judgement>> {
  const judgements = new Map<string, Judgement>();
  const upstream = new Map<string, Outputs>();
  const contentOf = rememberingContents(project);
  for (const group of groupBySteps(tasks)) {
    const judged = await Promise.all(
      group.map((task) => judgeTask(task, project, { upstream, forced: forced.has(task.id), contentOf })),
    );
    group.forEach((task, index) => {
      const judgement = judged[index]!;
      judgements.set(task.id, judgement);
      if (judgement.outputs) upstream.set(task.id, judgement.outputs);
    });
  }
  return judgements;
}

/** Looks at each file once in a plan, however many tasks read it. */
function rememberingContents({ contents }: Project): JudgeOptions["contentOf"] {
  const looks = new Map<string, Promise<Content | undefined>>();
  return (input) => {
    const { path, part } = input;
    const name = part?.counts ? `${path}\n${part.name}` : path;
    const known = looks.get(name);
    if (known) return known;
    const look = part
      ? lookAtInput(input, contents).then((found) => found?.content)
      : contents.contentOf(path);
    looks.set(name, look);
    return look;
  };
}

function groupBySteps(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) {
    const group = groups.get(task.step.id);
    if (group) group.push(task);
    else groups.set(task.step.id, [task]);
  }
  return [...groups.values()];
}

function plannedTask(
  task: Task,
  { state, reasons }: Judgement,
  { lock }: Project,
  troubles: ReadonlyMap<string, Trouble>,
): PlannedTask {
  const { row } = task.binding;
  const seconds = lock.get(task.id)?.seconds;
  const holds = holdingsOf(task.ports);
  const trouble = state === "fresh" || state === "restore" ? undefined : troubles.get(task.id);
  return {
    id: task.id,
    step: task.step.id,
    ...(row !== undefined && { row }),
    state,
    reasons: trouble ? [...reasons, troubleReason(trouble)] : reasons,
    ...(seconds !== undefined && { lastDurationSeconds: seconds }),
    ...(holds && { holds }),
  };
}

const troubleReason = ({ outcome, message }: Trouble): Reason => ({
  code: outcome,
  text:
    outcome === "interrupted"
      ? "the last attempt was interrupted"
      : `the last attempt ${outcome}: ${message}`,
});

export function countStates(tasks: readonly PlannedTask[]): StateCounts {
  const counts: Record<TaskState, number> = { fresh: 0, restore: 0, run: 0, pending: 0 };
  for (const { state } of tasks) counts[state]++;
  return counts;
}

/**
 * Seconds: the work that all cores share, or the longest chain of tasks if that is more. A task without a past counts
 * as the mean of its step; undefined when a step to run has none at all.
 */
function estimate(tasks: readonly Task[], planned: readonly PlannedTask[]): number | undefined {
  const durations = stepDurations(planned);
  const ends = new Map<string, number>();
  let shared = 0;
  let known = false;
  tasks.forEach((task, index) => {
    const { state, lastDurationSeconds } = planned[index]!;
    const works = state === "run" || state === "pending";
    const seconds = works ? (lastDurationSeconds ?? durations.get(task.step.id)) : 0;
    known ||= works && seconds !== undefined;
    shared += ((seconds ?? 0) * coresOf(task)) / availableParallelism();
    const start = Math.max(0, ...task.dependsOn.map((id) => ends.get(id) ?? 0));
    ends.set(task.id, start + (seconds ?? 0));
  });
  return known ? Math.max(shared, ...ends.values()) : undefined;
}

/** Mean seconds by step, of those whose tasks have a past. */
export function stepDurations(planned: readonly PlannedTask[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { seconds: number; count: number }>();
  for (const { step, lastDurationSeconds } of planned) {
    if (lastDurationSeconds === undefined) continue;
    const sum = sums.get(step) ?? { seconds: 0, count: 0 };
    sums.set(step, { seconds: sum.seconds + lastDurationSeconds, count: sum.count + 1 });
  }
  return new Map([...sums].map(([step, { seconds, count }]) => [step, seconds / count]));
}
