/** The tasks of a workflow in an order in which each comes after what it depends on. */
import { TomoflowError } from "../core/error.ts";
import { bindInputs, type TaskBinding } from "../schema/bindings.ts";
import type { Ports } from "../schema/step-description.ts";
import { didYouMean } from "../schema/suggest.ts";
import type { Workflow, WorkflowStep } from "../schema/workflow.ts";

export interface Task {
  /** `segment@t2` or `train`. */
  readonly id: string;
  readonly step: WorkflowStep;
  readonly binding: TaskBinding;
  readonly ports: Ports;
  readonly dependsOn: readonly string[];
}

export interface TaskGraph {
  /** In dependency order; tasks of a step follow each other. */
  readonly tasks: readonly Task[];
  readonly byId: ReadonlyMap<string, Task>;
}

export function buildGraph(workflow: Workflow): TaskGraph {
  const tasks = workflow.steps
    .filter(({ enabled }) => enabled)
    .flatMap((step) => bindInputs(workflow, step).map((binding) => taskOf(step, binding)));
  return { tasks, byId: new Map(tasks.map((task) => [task.id, task])) };
}

function taskOf(step: WorkflowStep, binding: TaskBinding): Task {
  return {
    id: binding.taskId,
    step,
    // row order must not matter to a result, so every task sees its rows in the order of their ids
    binding: { ...binding, rows: [...binding.rows].sort((a, b) => (a.id < b.id ? -1 : 1)) },
    ports: step.kind.ports(binding.parameters),
    dependsOn: binding.dependsOn,
  };
}

/**
 * The tasks named by `step` or `step@row`, and with `withUpstream` every task that they need.
 * Throws `unknown-task` for a name that fits none.
 */
export function selectTasks(
  graph: TaskGraph,
  names: readonly string[],
  options: { withUpstream: boolean },
): ReadonlySet<string> {
  const selected = new Set<string>();
  const add = (id: string) => {
    if (selected.has(id)) return;
    selected.add(id);
    if (options.withUpstream) graph.byId.get(id)?.dependsOn.forEach(add);
  };
  for (const name of names) {
    const matching = graph.tasks.filter(({ id, step }) => id === name || step.id === name);
    if (matching.length === 0) throw unknownTask(graph, name);
    for (const { id } of matching) add(id);
  }
  return selected;
}

function unknownTask(graph: TaskGraph, name: string): TomoflowError {
  const steps = [...new Set(graph.tasks.map(({ step }) => step.id))];
  const meant = didYouMean(name, [...steps, ...graph.tasks.map(({ id }) => id)]);
  return new TomoflowError("unknown-task", `there is no task ${name}`, {
    hint:
      meant ??
      `name a step (${steps.join(", ")}) or one of its tasks, e.g. ${graph.tasks[0]?.id ?? "segment@t0"}`,
  });
}
