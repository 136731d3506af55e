/** The tasks of a workflow in an order in which each comes after what it depends on. */

import type { Ports } from "../../schema/step-description.ts";
import { bindInputs, type TaskBinding } from "../../schema/values/bindings.ts";
import type { Workflow, WorkflowStep } from "../../schema/workflow.ts";

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
