/** What the tasks at work have reserved of the machine, in one line. */

import { formatBytes } from "../../core/bytes.ts";
import type { RunEvent } from "../../runner/events.ts";
import { count } from "../output.ts";

type Started = Extract<RunEvent, { type: "task-started" }>;
type Machine = NonNullable<Extract<RunEvent, { type: "run-started" }>["machine"]>;

export interface ResourceUse {
  readonly record: (event: RunEvent) => void;
  /** `2 tasks at work: 6 of 8 cores, 24 GB of 57 GB, GPU 0, 1 (of 4)`; undefined while none is at work. */
  readonly text: () => string | undefined;
}

export function watchResources(): ResourceUse {
  const atWork = new Map<string, NonNullable<Started["resources"]>>();
  let machine: Machine | undefined;
  const record = (event: RunEvent): void => {
    if (event.type === "run-started") machine = event.machine;
    else if (event.type === "task-started" && event.resources) atWork.set(event.task, event.resources);
    else if (event.type === "task-ended") atWork.delete(event.task);
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
    return `${count(held.length, "task")} at work: ${parts.join(", ")}`;
  };
  return { record, text };
}
