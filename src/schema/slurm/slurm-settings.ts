/** How jobs are submitted to a Slurm cluster: what the user's and the project's `slurm.yaml` say, put together. */
import { asMap } from "../text/data-path.ts";
import { parseMemory, parseTime } from "../text/quantity.ts";

/** Of one job. */
export interface SlurmJobSettings {
  /** Of sbatch by name of the option: partition, account, qos, gres, constraint, reservation, exclude. */
  readonly words: Readonly<Record<string, string>>;
  readonly timeSeconds?: number;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly maxTimeSeconds?: number;
  readonly maxMemoryBytes?: number;
  readonly options: readonly string[];
  readonly prologue: readonly string[];
  readonly container?: string;
  readonly node?: string;
  readonly program?: string;
  readonly throttle?: number;
  readonly tasksPerJob?: number;
}

/** Which task a job is for. */
export interface SlurmTask {
  readonly step: string;
  readonly kind: string;
  readonly gpus: number;
}

/** Of a run. */
export interface SlurmSettings {
  readonly pollSeconds: number;
  /** That files of a finished job may take to be seen here. */
  readonly lateSeconds: number;
  jobOf(task: SlurmTask): SlurmJobSettings;
}

/** The fields of a file or of one of its profiles, checked. */
export type SlurmLayer = Readonly<Record<string, unknown>>;

/** Options of sbatch that are passed on as they are written. */
export const slurmWords = [
  "partition",
  "account",
  "qos",
  "gres",
  "constraint",
  "reservation",
  "exclude",
] as const;

/** Later layers replace what earlier ones say, field by field; in each, what is said of a step goes before `gpu`, and that before all. */
export function slurmSettings(layers: readonly SlurmLayer[]): SlurmSettings {
  const last = (name: string): unknown => layers.findLast((layer) => layer[name] !== undefined)?.[name];
  return {
    pollSeconds: Number(last("poll") ?? 10),
    lateSeconds: Number(last("late") ?? 60),
    jobOf({ step, kind, gpus }) {
      const parts = [
        ...layers,
        ...(gpus > 0 ? layers.map(({ gpu }) => asMap(gpu)) : []),
        ...layers.map(({ steps }) => asMap(asMap(steps)[kind])),
        ...layers.map(({ steps }) => asMap(asMap(steps)[step])),
      ];
      return jobSettings(Object.assign({}, ...parts) as SlurmLayer);
    },
  };
}

function jobSettings(fields: SlurmLayer): SlurmJobSettings {
  const words = slurmWords.flatMap((name) =>
    fields[name] === undefined ? [] : [[name, String(fields[name])]],
  );
  const time = (value: unknown) => (value === undefined ? undefined : parseTime(value as number | string));
  const memory = (value: unknown) =>
    value === undefined ? undefined : parseMemory(value as number | string);
  const given = {
    timeSeconds: time(fields.time),
    memoryBytes: memory(fields.memory),
    maxTimeSeconds: time(fields.maxTime),
    maxMemoryBytes: memory(fields.maxMemory),
    cpus: fields.cpus as number | undefined,
    container: fields.container as string | undefined,
    node: fields.node as string | undefined,
    program: fields.program as string | undefined,
    throttle: fields.throttle as number | undefined,
    tasksPerJob: fields.tasksPerJob as number | undefined,
  };
  return {
    words: Object.fromEntries(words),
    options: linesOf(fields.options),
    prologue: linesOf(fields.prologue),
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as typeof given & {}),
  } as SlurmJobSettings;
}

const linesOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.trimEnd().split("\n") : [];
};
