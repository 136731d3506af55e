/** What the end of a Slurm job means to a user, and what to do about it. */
import { formatBytes } from "../../../../core/bytes.ts";
import type { JobError } from "../../../../task/job.ts";
import { explainEnd } from "../explain-end.ts";
import type { BatchPlace } from "./batch.ts";
import type { ExitRecord } from "./exit-record.ts";
import type { Known } from "./queue-view.ts";

/** All that is known of a job that is over. */
export interface Evidence {
  readonly id: string;
  readonly place: BatchPlace;
  readonly record: ExitRecord | undefined;
  readonly known: Known;
  /** The task's process has said that it started. */
  readonly hasStarted: boolean;
  /** The last that was printed, by the task or by the script around it. */
  readonly output: string;
  /** Of the script around the tasks, where Slurm writes why it ended a job. */
  readonly log: string;
}

/** What Slurm writes into a job's output when it ends it, and the state that this means: there too where nobody can be asked any more. */
const written: readonly (readonly [RegExp, string])[] = [
  [/exceeded (job |step )?memory limit|oom[-_ ]kill/i, "OUT_OF_MEMORY"],
  [/DUE TO TIME LIMIT/, "TIMEOUT"],
  [/DUE TO NODE FAILURE/, "NODE_FAIL"],
  [/DUE TO PREEMPTION/, "PREEMPTED"],
  [/error: \*\*\* (JOB|STEP) .* CANCELLED/, "CANCELLED"],
];

/** Slurm's word for how the job ended; what it wrote says more than a plain failure, and goes before no answer at all. */
function stateOf({ known, log }: Evidence): string | undefined {
  const state = typeof known === "object" ? known.state : undefined;
  const isTelling = state !== undefined && !["FAILED", "RUNNING", "COMPLETING", "PENDING"].includes(state);
  return isTelling ? state : (written.find(([words]) => words.test(log))?.[1] ?? state);
}

/** Undefined where nothing tells of a trouble. */
export function troubleOf(evidence: Evidence): JobError | undefined {
  const { record, place } = evidence;
  const state = stateOf(evidence);
  if ((record?.oomKills ?? 0) > 0) return outOfMemory(evidence);
  if (record?.isOver) return overTime(evidence);
  // the state is that of the whole job: of several tasks it says nothing of one that has ended by itself
  if (record !== undefined && place.alike > 1 && !record.wasAsked) return undefined;
  switch (state) {
    case "OUT_OF_MEMORY":
      return notItself(evidence) ?? outOfMemory(evidence);
    case "TIMEOUT":
    case "DEADLINE":
      return notItself(evidence) ?? overTime(evidence);
    case "NODE_FAIL":
    case "BOOT_FAIL":
      return nodeFailed(evidence);
    case "PREEMPTED":
      return preempted(evidence);
    case "CANCELLED":
    case "REVOKED":
      return cancelled(evidence);
    default:
      // Slurm asks a job to end a minute before its time is over
      return record?.wasAsked ? overTime(evidence) : undefined;
  }
}

/** Of a job that has told no end, and is gone. */
export function endWithoutWords(evidence: Evidence): JobError {
  const { record, hasStarted, known } = evidence;
  const trouble = troubleOf(evidence);
  if (trouble) return trouble;
  if (record && (!hasStarted || record.code === 126 || record.code === 127)) return notLaunched(evidence);
  if (record)
    return record.code > 128
      ? bySignal(evidence, record.code - 128)
      : explainEnd(record.code, null, evidence.output);
  if (known === "vanished" || known === undefined) return lost(evidence);
  if (hasStarted) return lost(evidence);
  return notItself(evidence) ?? notLaunched(evidence);
}

const where = ({ id, known, record }: Evidence): string => {
  const node = record?.node || (typeof known === "object" ? known.node : "");
  return node ? `job ${id} on ${node}` : `job ${id}`;
};

/** One of several tasks of a job, which had not begun when the job ended. */
const notItself = (evidence: Evidence): JobError | undefined =>
  evidence.place.alike > 1 && !evidence.hasStarted
    ? {
        code: "not-begun",
        message: `${where(evidence)} ended before it came to this task`,
        hint: "it is submitted again by itself",
        blameless: true,
      }
    : undefined;

const outOfMemory = (evidence: Evidence): JobError => {
  const { memoryBytes } = evidence.place;
  const had = memoryBytes === undefined ? "the memory" : `the ${formatBytes(memoryBytes)}`;
  return {
    code: "out-of-memory",
    message: `the task needed more than ${had} that Slurm gave it (${where(evidence)})`,
    hint:
      memoryBytes === undefined
        ? "give the step `memory` in its resources"
        : "raise `memory` in the resources of the step, or give it `retries`: each asks for twice as much",
  };
};

const overTime = (evidence: Evidence): JobError => ({
  code: "time-limit",
  message: `the task took longer than its time limit (${where(evidence)})`,
  hint: "raise `time` in the resources of the step, or give it `retries`: each asks for twice as much, and goes on from the checkpoint",
});

const nodeFailed = (evidence: Evidence): JobError => ({
  code: "node-failed",
  message: `the node failed under the task (${where(evidence)})`,
  hint: "it is submitted again by itself, to other nodes",
  blameless: true,
});

const preempted = (evidence: Evidence): JobError => ({
  code: "preempted",
  message: `Slurm took the node away for a job that goes before (${where(evidence)})`,
  hint: "it is submitted again by itself, and goes on from its checkpoint",
  blameless: true,
});

const cancelled = (evidence: Evidence): JobError => ({
  code: "job-cancelled",
  message: `somebody cancelled the task in Slurm (${where(evidence)})`,
  hint: "tomoflow run submits it again",
});

const notLaunched = (evidence: Evidence): JobError => {
  const said = evidence.output.trimEnd().split("\n").at(-1)?.trim();
  return {
    code: "launch-failed",
    message: `the task could not be started (${where(evidence)})${said ? `: ${said}` : ""}`,
    hint: "is Node.js there on the node? `prologue`, `node` and `container` of slurm.yaml say how it is found",
    blameless: true,
  };
};

const lost = (evidence: Evidence): JobError => ({
  code: "job-lost",
  message: `the task left no end, and Slurm cannot tell what became of it (${where(evidence)})`,
  hint: "it is submitted again by itself",
  blameless: true,
});

/** By number, as the shell tells of them. */
const signals: Readonly<Record<number, NodeJS.Signals>> = {
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

const bySignal = (evidence: Evidence, number: number): JobError => {
  const error = explainEnd(null, signals[number] ?? "SIGKILL", evidence.output);
  return { ...error, message: `${error.message} (${where(evidence)})` };
};
