/** What squeue and sacct say of jobs. */

/** Of an element of an array, or a job without one. */
export interface SlurmState {
  /** Slurm's word: PENDING, RUNNING, COMPLETED, OUT_OF_MEMORY, … */
  readonly state: string;
  /** Why it waits, or ended so. */
  readonly reason: string;
  /** Where it runs or ran; empty where it has not. */
  readonly node: string;
}

const atWork: ReadonlySet<string> = new Set([
  "RUNNING",
  "COMPLETING",
  "CONFIGURING",
  "SUSPENDED",
  "STOPPED",
  "SIGNALING",
  "STAGE_OUT",
  "RESIZING",
]);
const inLine: ReadonlySet<string> = new Set([
  "PENDING",
  "REQUEUED",
  "REQUEUE_HOLD",
  "REQUEUE_FED",
  "SPECIAL_EXIT",
  "RESV_DEL_HOLD",
]);

export const isWaiting = ({ state }: SlurmState): boolean => inLine.has(state);
export const isOver = ({ state }: SlurmState): boolean => !atWork.has(state) && !inLine.has(state);

/** `--format` of squeue that `parseQueue` reads. */
export const queueFormat = "%i|%T|%r|%N";

/** By id, `123_4`. What a site prints around the lines is passed over. */
export function parseQueue(text: string): ReadonlyMap<string, SlurmState> {
  const found = new Map<string, SlurmState>();
  for (const line of text.split("\n")) {
    const [id, state, reason = "", node = ""] = line.trim().split("|");
    if (id === undefined || state === undefined || !/^[A-Z_]+$/.test(state)) continue;
    for (const each of elementsOf(id)) found.set(each, { state, reason, node });
  }
  return found;
}

/**
 * Of an element. Those of an array that was cancelled before any began are one record, with the number of the array alone.
 */
export function stateIn(states: ReadonlyMap<string, SlurmState>, id: string): SlurmState | undefined {
  const whole = states.get(id.split("_")[0]!);
  return states.get(id) ?? (whole && isOver(whole) ? whole : undefined);
}

/** `123_[4-6,9%2]` is 123_4, 123_5, 123_6 and 123_9. */
function elementsOf(id: string): readonly string[] {
  const several = /^(\d+)_\[([\d,-]+)(?:%\d+)?\]$/.exec(id);
  if (several === null) return /^\d+(_\d+)?$/.test(id) ? [id] : [];
  return several[2]!.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, index) => `${several[1]}_${from! + index}`);
  });
}

/** `--format` of sacct that `parseAccounts` reads. */
export const accountFormat = "JobID,State,NodeList,Reason";

/** By id. A job whose step was killed for want of memory ran out of memory, whatever the job itself says. */
export function parseAccounts(text: string): ReadonlyMap<string, SlurmState> {
  const found = new Map<string, SlurmState>();
  for (const line of text.split("\n")) {
    const [fullId, words, node = "", reason = ""] = line.trim().split("|");
    if (fullId === undefined || words === undefined) continue;
    // `CANCELLED by 1000`
    const state = words.split(" ")[0]!;
    const [id, step] = fullId.split(".") as [string, string | undefined];
    for (const each of elementsOf(id)) {
      const known = found.get(each);
      if (step === undefined || state === "OUT_OF_MEMORY")
        found.set(each, {
          state: known?.state === "OUT_OF_MEMORY" ? known.state : state,
          reason: reason === "None" ? "" : reason,
          node: node === "None assigned" ? (known?.node ?? "") : node,
        });
    }
  }
  return found;
}
