/** What a job asks Slurm for: of the workflow's `resources`, else of the settings, and more after it was too little. */
import type { SlurmJobSettings, SlurmSettings } from "../../../../schema/slurm/slurm-settings.ts";
import type { JobRequest } from "../../../executor.ts";

/** Of one task. */
export interface TaskNeeds {
  readonly settings: SlurmJobSettings;
  readonly cpus: number;
  readonly gpus: number;
  /** Absent where the partition's default holds. */
  readonly memoryBytes?: number;
  readonly timeSeconds?: number;
}

/** What is known of a task before there is an attempt at it. */
export type NeedyTask = Pick<JobRequest, "asked" | "failures" | "resources" | "expectedSeconds"> & {
  readonly job: Pick<JobRequest["job"], "taskId" | "kind">;
};

export const stepOf = ({ taskId }: NeedyTask["job"]): string => taskId.split("@")[0]!;

export function needsOf({ asked, failures, resources, job }: NeedyTask, all: SlurmSettings): TaskNeeds {
  const gpus = resources.gpus;
  const settings = all.jobOf({ step: stepOf(job), kind: job.kind, gpus });
  const times = (code: string) => 2 ** failures.filter((failure) => failure.code === code).length;
  const memory = grown(
    asked.memoryBytes ?? settings.memoryBytes,
    times("out-of-memory"),
    settings.maxMemoryBytes,
  );
  const time = grown(asked.timeSeconds ?? settings.timeSeconds, times("time-limit"), settings.maxTimeSeconds);
  return {
    settings,
    gpus,
    cpus: asked.cpus ?? settings.cpus ?? resources.cores,
    ...(memory !== undefined && { memoryBytes: memory }),
    ...(time !== undefined && { timeSeconds: time }),
  };
}

/** Never less than was asked for at first. */
const grown = (
  first: number | undefined,
  factor: number,
  most = Number.POSITIVE_INFINITY,
): number | undefined => (first === undefined ? undefined : Math.max(first, Math.min(first * factor, most)));

/** Seconds that a job should last at least, so that Slurm's own work for it does not count. */
const worthAJob = 300;

/** Tasks that one job does, one after the other. */
export function tasksPerJob(
  { settings: { tasksPerJob: given } }: TaskNeeds,
  expectedSeconds: number | undefined,
): number {
  if (given !== undefined) return given;
  if (expectedSeconds === undefined || expectedSeconds >= worthAJob) return 1;
  return Math.min(mostInAJob, Math.ceil(worthAJob / Math.max(expectedSeconds, 1)));
}

const mostInAJob = 50;

/** Seconds that a job has besides its tasks: to begin, and to stop at safe points. */
const aroundTasks = 120;

/** The lines `#SBATCH`, without those of the array. `tasks`: done by one job, one after the other. */
export function optionLines(
  { settings, cpus, gpus, memoryBytes, timeSeconds }: TaskNeeds,
  {
    tasks,
    folder,
    badNodes,
  }: { readonly tasks: number; readonly folder: string; readonly badNodes: readonly string[] },
): readonly string[] {
  const { words, options } = settings;
  const { gres = gpus > 0 ? `gpu:${gpus}` : undefined, exclude, ...others } = words;
  const excluded = [...(exclude === undefined ? [] : [exclude]), ...badNodes].join(",");
  return [
    ...Object.entries(others).map(([name, value]) => `--${name}=${value}`),
    ...(gres === undefined ? [] : [`--gres=${gres}`]),
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    ...(memoryBytes === undefined ? [] : [`--mem=${Math.ceil(memoryBytes / 2 ** 20)}M`]),
    ...(timeSeconds === undefined ? [] : [`--time=${slurmTime(timeSeconds * tasks + aroundTasks)}`]),
    ...(excluded === "" ? [] : [`--exclude=${excluded}`]),
    `--chdir=${folder}`,
    // a job that is started again goes on from what it has; what failed is tomoflow's to try again
    "--no-requeue",
    "--open-mode=append",
    "--signal=B:TERM@60",
    ...options,
  ];
}

/** `days-hours:minutes:seconds`. */
export function slurmTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [days, hours, minutes] = [whole / 86400, (whole / 3600) % 24, (whole / 60) % 60].map(Math.floor);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${days}-${two(hours!)}:${two(minutes!)}:${two(whole % 60)}`;
}
