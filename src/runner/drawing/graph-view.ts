/** The steps of a workflow, or its tasks, as nodes and arrows with their states: what every picture of them is drawn from. */
import type { Workflow } from "../../schema/workflow.ts";
import type { PlannedTask, StateCounts } from "../events.ts";
import { countStates, planProject } from "../planning/plan.ts";
import { openProject, type Project } from "../project.ts";
import type { Task } from "../tasks/graph.ts";

/** A box of the drawn graph: a step with all its tasks, or one task. */
export interface GraphNode {
  /** Of the step or the task. */
  readonly id: string;
  readonly step: string;
  /** Name of the step kind. */
  readonly kind: string;
  /** Tasks of the step in each state; a task counts as one. */
  readonly counts: StateCounts;
  readonly taskCount: number;
  /** Of a step that is not enabled. */
  readonly disabled: boolean;
  /** Ids of the nodes before it. */
  readonly dependsOn: readonly string[];
}

/** The graph of a workflow with the state of each node, as `drawGraph` and `mermaidGraph` take it. */
export interface GraphView {
  readonly workflow: string;
  readonly of: "steps" | "tasks";
  /** In dependency order. */
  readonly nodes: readonly GraphNode[];
  /** Of all tasks. */
  readonly counts: StateCounts;
}

/** Looks at a workflow and its results. Throws what `planWorkflow` throws. */
export async function viewGraph(
  workflow: Workflow,
  options: { readonly of?: GraphView["of"] } = {},
): Promise<GraphView> {
  const project = await openProject(workflow);
  try {
    const { tasks, counts } = await planProject(project, {});
    return graphViewOf(project, { tasks, counts }, options.of ?? "steps");
  } finally {
    await project.contents.close();
  }
}

export function graphViewOf(
  { workflow, graph }: Pick<Project, "workflow" | "graph">,
  plan: { readonly tasks: readonly PlannedTask[]; readonly counts: StateCounts },
  of: GraphView["of"],
): GraphView {
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  const nodes =
    of === "tasks"
      ? graph.tasks.map((task) => taskNode(task, planned.get(task.id)))
      : stepNodes(workflow, graph.tasks, plan.tasks);
  return { workflow: workflow.name, of, nodes, counts: plan.counts };
}

function taskNode({ id, step, dependsOn }: Task, planned: PlannedTask | undefined): GraphNode {
  const counts = countStates(planned ? [planned] : []);
  return { id, step: step.id, kind: step.kind.name, counts, taskCount: 1, disabled: false, dependsOn };
}

/** Arrows where a task of one step reads what a task of the other made; a disabled step shows what it names. */
function stepNodes(
  workflow: Workflow,
  tasks: readonly Task[],
  planned: readonly PlannedTask[],
): readonly GraphNode[] {
  const stepOf = new Map(tasks.map(({ id, step }) => [id, step.id]));
  const reads = new Map<string, Set<string>>();
  for (const { step, dependsOn } of tasks) {
    const before = reads.get(step.id) ?? new Set<string>();
    reads.set(step.id, before);
    for (const id of dependsOn) before.add(stepOf.get(id)!);
  }
  const own = new Map<string, PlannedTask[]>();
  for (const task of planned) own.set(task.step, [...(own.get(task.step) ?? []), task]);
  return workflow.steps.map(({ id, kind, enabled, dependsOn }) => {
    const mine = own.get(id) ?? [];
    const before = enabled ? [...(reads.get(id) ?? [])] : dependsOn;
    const order = workflow.steps.map((step) => step.id).filter((step) => before.includes(step));
    return {
      id,
      step: id,
      kind: kind.name,
      counts: countStates(mine),
      taskCount: mine.length,
      disabled: !enabled,
      dependsOn: order,
    };
  });
}
