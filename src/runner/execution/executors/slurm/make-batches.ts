/** Parts tasks into batches: those that ask for the same go into one array, as far as Slurm takes it. */
import type { SlurmSettings } from "../../../../schema/slurm/slurm-settings.ts";
import { type NeedyTask, needsOf, optionLines, stepOf, type TaskNeeds, tasksPerJob } from "./job-options.ts";
import { scriptText, type WorkerWords } from "./script.ts";

export interface BatchingOptions {
  readonly settings: SlurmSettings;
  /** Name of the workflow. */
  readonly workflow: string;
  /** Working folder of the jobs. */
  readonly folder: string;
  readonly mostElements: number;
  readonly badNodes: readonly string[];
  readonly workerOf: (needs: TaskNeeds) => WorkerWords;
}

/** Tasks in the order in which the array has them. */
export interface PlannedBatch<Task extends NeedyTask> {
  readonly step: string;
  readonly needs: TaskNeeds;
  /** Tasks that each element does, the last one maybe fewer. */
  readonly perElement: number;
  readonly elements: number;
  readonly tasks: readonly Task[];
  readonly script: string;
}

export function makeBatches<Task extends NeedyTask>(
  tasks: readonly Task[],
  options: BatchingOptions,
): readonly PlannedBatch<Task>[] {
  const groups = new Map<string, { readonly needs: TaskNeeds; readonly tasks: Task[] }>();
  for (const task of tasks) {
    const needs = needsOf(task, options.settings);
    const name = JSON.stringify([stepOf(task.job), needs]);
    const group = groups.get(name) ?? { needs, tasks: [] };
    group.tasks.push(task);
    groups.set(name, group);
  }
  return [...groups.values()].flatMap((group) => arrays(group, options));
}

function arrays<Task extends NeedyTask>(
  { needs, tasks }: { readonly needs: TaskNeeds; readonly tasks: readonly Task[] },
  options: BatchingOptions,
): readonly PlannedBatch<Task>[] {
  const step = stepOf(tasks[0]!.job);
  const wanted = tasksPerJob(needs, tasks[0]!.expectedSeconds);
  const most = wanted * options.mostElements;
  const parts = Array.from({ length: Math.ceil(tasks.length / most) }, (_, index) =>
    tasks.slice(index * most, (index + 1) * most),
  );
  return parts.map((part) => {
    const perElement = Math.min(wanted, part.length);
    const elements = Math.ceil(part.length / perElement);
    const lines = optionLines(needs, {
      tasks: perElement,
      folder: options.folder,
      badNodes: options.badNodes,
    });
    const title = `tomoflow: step ${step} of ${options.workflow}, ${part.length} tasks`;
    const worker = options.workerOf(needs);
    return {
      ...{ step, needs, perElement, elements, tasks: part },
      script: scriptText({ options: lines, elements, needs, worker, title }),
    };
  });
}
