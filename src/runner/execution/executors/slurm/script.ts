/**
 * The script that sbatch gets. It is the same whatever the batch is called: its folder comes as an argument, and holds in `tasks` what
 * each element of the array has to do. Every element writes when it started and ended; every task leaves an exit record.
 */
import type { TaskNeeds } from "./job-options.ts";

export interface ScriptRequest {
  /** Lines `#SBATCH`. */
  readonly options: readonly string[];
  /** Elements of the array. */
  readonly elements: number;
  readonly needs: TaskNeeds;
  /** Words that start a worker, without `--attempt FOLDER`. */
  readonly worker: WorkerWords;
  /** For the reader: `step segment of chlamy`. */
  readonly title: string;
}

export interface WorkerWords {
  readonly node: string;
  /** Options of Node.js, and the module. */
  readonly module: readonly string[];
  /** Behind the attempt. */
  readonly after: readonly string[];
}

/** As sh reads it back as one word. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

export function scriptText({ options, elements, needs, worker, title }: ScriptRequest): string {
  const { prologue, throttle, container, node = container ? "node" : worker.node } = needs.settings;
  const most = throttle === undefined ? "" : `%${throttle}`;
  const array = elements > 1 ? [`--array=0-${elements - 1}${most}`] : [];
  const words = [node, ...worker.module, "--attempt"].map(quoted);
  const start = [...(container ? [container] : []), ...words, '"$2"', ...worker.after.map(quoted)].join(" ");
  return `#!/bin/bash
# ${title}
${[...array, ...options].map((option) => `#SBATCH ${option}`).join("\n")}
${body.replace("PROLOGUE", () => prologue.join("\n")).replace("START", () => start)}`;
}

const body = `
batch=$1
element=\${SLURM_ARRAY_TASK_ID:-0}
job=\${SLURM_ARRAY_JOB_ID:+\${SLURM_ARRAY_JOB_ID}_$element}
job=\${job:-$SLURM_JOB_ID}
host=\${SLURMD_NODENAME:-$(hostname)}

# FILE TEXT: the whole text, through to the disk, or nothing
put() {
  printf '%s\\n' "$2" > "$1.$job" && { sync "$1.$job" 2>/dev/null || true; } && mv -f "$1.$job" "$1"
  sync "\${1%/*}" 2>/dev/null || true
}

# how often the system has killed something of this job for want of memory
oom_kills() {
  local path sum=0 file
  while IFS=: read -r _ kind path; do
    case $path in *slurm*|*/job_*) ;; *) continue ;; esac
    for file in "/sys/fs/cgroup\${kind:+/$kind}$path/memory.events" "/sys/fs/cgroup\${kind:+/$kind}$path/memory.oom_control"; do
      [ -r "$file" ] && sum=$((sum + $(awk '$1 == "oom_kill" { print $2; found = 1 } END { if (!found) print 0 }' "$file")))
    done
  done < /proc/self/cgroup
  echo "$sum"
}

put "$batch/started-$element" "$job $host"
# nobody waits for these tasks any more: another batch does them
if [ -e "$batch/withdrawn" ]; then put "$batch/ended-$element" withdrawn; exit 0; fi
worker= stopping= 
trap 'stopping=1; [ -n "$worker" ] && kill -TERM "$worker" 2>/dev/null' TERM
trap 'put "$batch/ended-$element" "$job $host"' EXIT

PROLOGUE

# SECONDS FOLDER: one task, with its time limit (0: none)
run() {
  local limit=() code killed began=$SECONDS over=0 state=$2/.job
  if [ -e "$state/exit" ] || [ -e "$state/withdrawn" ] || [ -n "$stopping" ]; then return; fi
  [ "$1" = 0 ] || limit=(timeout --kill-after=60 "$1")
  killed=$(oom_kills)
  "\${limit[@]}" START >> "$state/output.log" 2>&1 < /dev/null &
  worker=$!
  wait "$worker"; code=$?
  while kill -0 "$worker" 2>/dev/null; do wait "$worker"; code=$?; done
  worker=
  if [ "$1" != 0 ] && { [ "$code" = 124 ] || [ "$code" = 137 ]; } && [ $((SECONDS - began)) -ge "\${1%.*}" ]; then over=1; fi
  put "$state/exit" "code=$code oom=$(($(oom_kills) - killed)) over=$over term=\${stopping:-0} job=$job node=$host"
}

while read -r of limit folder; do
  if [ "$of" = "$element" ]; then run "$limit" "$folder"; fi
done < "$batch/tasks"
`;
