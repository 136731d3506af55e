import type { RecordedRun } from "../../../protocol/workflow.ts";

export const secondsOf = ({ started, last, end }: RecordedRun): number =>
  end?.type === "run-ended" ? end.seconds : Math.max(0, (Date.parse(last) - Date.parse(started)) / 1000);

export function runKind(state: RecordedRun["state"]): "good" | "warn" | "bad" | "accent" {
  switch (state) {
    case "running":
      return "accent";
    case "done":
      return "good";
    case "interrupted":
      return "warn";
    case "failed":
    case "lost":
      return "bad";
  }
}

/** `2 failed, 5 up to date`; why it broke off. */
export function outcomeWords({ end, state }: RecordedRun): string {
  if (state === "lost") return "its process is gone and left no end";
  if (!end) return "";
  if (end.type === "run-broken") return end.error.message;
  const { restored, failed, tainted, interrupted, skipped, fresh } = end.counts;
  const parts: [number, string][] = [
    [failed, "failed"],
    [tainted, "tainted"],
    [interrupted, "interrupted"],
    [skipped, "skipped"],
    [restored, "from the cache"],
    [fresh, "up to date"],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

/** `only segment, force train, engine webgpu`; empty for the whole workflow. */
export function askedWords({ asked: { options } }: RecordedRun): string {
  const { only, force, keepGoing, engine, jobs } = options;
  return [
    ...(only?.length ? [`only ${only.join(", ")}`] : []),
    ...(force?.length ? [`force ${force.join(", ")}`] : []),
    ...(keepGoing ? ["keep going"] : []),
    ...(engine === undefined ? [] : [`engine ${engine}`]),
    ...(jobs === undefined ? [] : [`${jobs} at a time`]),
  ].join("; ");
}
