/** Does what a plan says: workers, tasks. Loaded only when there is something to do. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { gpuEnvironment } from "../../core/gpu/usable-gpus.ts";
import type { TaskOutcome } from "../events.ts";
import type { LocalMachine } from "../machine/resources.ts";
import type { GpuSharing } from "../machine/task-gpus.ts";
import type { RunnerOptions } from "../options.ts";
import type { ProjectPlan } from "../planning/plan.ts";
import type { Project } from "../project.ts";
import { executorProject } from "../project.ts";
import { prepareLayout } from "../store/layout.ts";
import { removeDeadAttempts } from "./attempt.ts";
import { openExecutors } from "./executors/executor-set.ts";
import { runTasks } from "./run-tasks.ts";

export interface RunPlanOptions {
  readonly project: Project;
  readonly options: RunnerOptions;
  readonly machine: LocalMachine;
  readonly sharing: GpuSharing;
  /** What was found before the run. */
  readonly told: readonly Diagnostic[];
}

/** Returns how many tasks ended in which way. Throws explained system errors. */
export async function runPlan(
  plan: ProjectPlan,
  { project, options, machine, sharing, told }: RunPlanOptions,
): Promise<Readonly<Record<TaskOutcome, number>>> {
  const never = new AbortController().signal;
  const kill = options.kill ?? never;
  const stop = AbortSignal.any([options.signal ?? never, kill]);
  const { catalogPath } = options;
  const steps = new Set(plan.selected.map(({ step }) => step));
  const executors = await openExecutors(steps, options, {
    machine,
    project: executorProject(project),
    tell: (diagnostic) => options.sink({ type: "diagnostic", diagnostic }),
    folder: project.workflow.folder,
    gpuEnvironment: (names) => {
      const held = machine.devices.filter(({ name }) => names.includes(name));
      return gpuEnvironment(held, sharing.use === "each");
    },
    kill,
    ...(catalogPath !== undefined && { catalogPath }),
  });
  try {
    await prepareLayout(project.layout);
    await removeDeadAttempts(project.layout.attempts);
    const counts = await runTasks({ project, plan, sharing, executors, stop, options, told });
    await project.lock.save();
    return counts;
  } finally {
    await executors.close();
  }
}
