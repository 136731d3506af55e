/** What a refusal of sbatch means, and what to do. */
import { type Answer, isOverLimit, isUnreachable, saidBy } from "./commands.ts";

export interface Refusal {
  /** In Slurm's words. */
  readonly said: string;
  readonly hint: string;
  /** There is no sbatch here at all. */
  readonly isAbsent: boolean;
}

const advice: readonly (readonly [RegExp, string])[] = [
  [/partition/i, "sinfo lists the partitions; `partition` in slurm.yaml names one"],
  [/account/i, "`account` in slurm.yaml names one of yours (sacctmgr show associations user=$USER)"],
  [/qos/i, "`qos` in slurm.yaml names one of yours (sacctmgr show associations user=$USER format=qos)"],
  [/gres/i, "sinfo -o '%P %G' lists what the partitions have; `gres` in slurm.yaml names it"],
  [/time limit/i, "lower `time` in the resources of the step, or choose another `partition` in slurm.yaml"],
  [
    /node configuration|memory specification|cpu count|feature/i,
    "no node has so much: lower `resources` of the step, or choose another `partition` in slurm.yaml",
  ],
];

/** Undefined where the job was taken, or may be later. */
export function refusalOf(answer: Answer): Refusal | undefined {
  if (answer.code === 0 || isUnreachable(answer) || isOverLimit(answer)) return undefined;
  if (/ENOENT/.test(answer.stderr))
    return {
      said: "there is no sbatch here",
      hint: "start tomoflow on a host of the cluster from where jobs are submitted, or use --executor local",
      isAbsent: true,
    };
  const said = saidBy(answer);
  const hint =
    advice.find(([pattern]) => pattern.test(said))?.[1] ??
    "look at slurm.yaml; tomoflow run --dry-run shows the script";
  return { said, hint, isAbsent: false };
}
