/** What the tasks at work have reserved of the machine, and what they really take, in one line. */

import { formatBytes } from "../../core/bytes.ts";
import type { RunEvent, TaskUse } from "../../runner/events.ts";
import { count } from "../output.ts";

type Started = Extract<RunEvent, { type: "task-started" }>;
type Machine = NonNullable<Extract<RunEvent, { type: "run-started" }>["machine"]>;

export interface ResourceUse {
  readonly record: (event: RunEvent) => void;
  /**
   * `2 tasks at work: reserved 6 of 8 cores, 24 GB of 57 GB, GPU 0, 1 (of 4); using 4.8 cores, 9.1 GB`; undefined while none
   * is at work.
   */
  readonly text: () => string | undefined;
}

/** Empty until a task at work has been measured. */
function usedText(uses: readonly TaskUse[]): string {
  if (uses.length === 0) return "";
  const sum = (part: keyof TaskUse) => uses.reduce((total, each) => total + each[part], 0);
  return `; using ${sum("cores").toFixed(1)} cores, ${formatBytes(sum("memoryBytes"))}`;
}

export function watchResources(): ResourceUse {
  const atWork = new Map<string, NonNullable<Started["resources"]>>();
  const used = new Map<string, TaskUse>();
  let machine: Machine | undefined;
  const record = (event: RunEvent): void => {
    if (event.type === "run-started") machine = event.machine;
    else if (event.type === "task-started" && event.resources) atWork.set(event.task, event.resources);
    else if (event.type === "task-use") used.set(event.task, event.use);
    else if (event.type === "task-ended") for (const map of [atWork, used]) map.delete(event.task);
  };
  const text = (): string | undefined => {
    if (!machine || atWork.size === 0) return undefined;
    const held = [...atWork.values()];
    const sum = (part: "cores" | "memoryBytes") => held.reduce((total, each) => total + each[part], 0);
    const gpus = held.flatMap((each) => each.gpus).sort();
    const parts = [
      `${sum("cores")} of ${count(machine.cores, "core")}`,
      `${formatBytes(sum("memoryBytes"))} of ${formatBytes(machine.memoryBytes)}`,
      ...(gpus.length > 0 ? [`GPU ${gpus.join(", ")} (of ${machine.gpus.length})`] : []),
    ];
    return `${count(held.length, "task")} at work: reserved ${parts.join(", ")}${usedText([...used.values()])}`;
  };
  return { record, text };
}
