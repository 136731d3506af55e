/** The words and bars of progress, the same in every reporter. */

import type { RunEvent, TaskOutcome } from "../../runner/events.ts";
import { count, formatDuration, formatMetric, paint } from "../output.ts";

const barWidth = 20;

/** `█████▌░░░░░░░░░░░░░░`, eighths of a cell exact; `fraction` in [0, 1]. */
export function progressBar(fraction: number, width = barWidth): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const whole = Math.floor(eighths / 8);
  const part = eighths % 8 === 0 ? "" : " ▏▎▍▌▋▊▉"[eighths % 8];
  const rest = "░".repeat(width - whole - part.length);
  return paint("cyan", "█".repeat(whole) + part) + paint("dim", rest);
}

/** `attempt 1 of 3 failed: no licence; again in 4 s`. */
export function retryingText(event: Extract<RunEvent, { type: "task-retrying" }>): string {
  const { attempt, attempts, seconds, error } = event;
  const when = seconds > 0 ? `again in ${formatDuration(Math.ceil(seconds))}` : "again now";
  return `attempt ${attempt} of ${attempts} failed: ${error.message}; ${when}`;
}

/** `34/100 epochs  0.31/s  eta 3 min 32 s`. */
export function progressText(progress: Extract<RunEvent, { type: "task-progress" }>): string {
  const { done, total, unit, ratePerSecond, etaSeconds, detail } = progress;
  const parts = [`${formatAmount(done)}/${formatAmount(total)} ${total === 1 ? unit : plural(unit)}`];
  if (ratePerSecond !== undefined && ratePerSecond > 0) parts.push(rateText(ratePerSecond, unit));
  if (etaSeconds !== undefined && done < total) parts.push(`eta ${formatDuration(etaSeconds)}`);
  if (detail) parts.push(detail);
  return parts.join("  ");
}

const formatAmount = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

const plural = (unit: string): string =>
  /(s|x|sh|tch)$/.test(unit) ? `${unit}es` : /[a-z]$/.test(unit) ? `${unit}s` : unit;

/** `12/s`, or below one a second `3.2 s/epoch`. */
function rateText(perSecond: number, unit: string): string {
  if (perSecond >= 1) return `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`;
  return `${formatDuration(1 / perSecond)}/${unit}`;
}

/** `loss 0.412  f1.ribosome 0.934`; as many as `limit`, the first given first. */
export function metricsText(values: Readonly<Record<string, number>>, limit = 6): string {
  const entries = Object.entries(values);
  const shown = entries
    .slice(0, limit)
    .map(([name, value]) => `${paint("dim", name)} ${formatMetric(value)}`);
  if (entries.length > limit) shown.push(paint("dim", `+${entries.length - limit}`));
  return shown.join("  ");
}

const outcomeWords: Readonly<Record<TaskOutcome, string>> = {
  done: "run",
  restored: "restored",
  fresh: "fresh",
  tainted: "tainted",
  failed: "failed",
  interrupted: "interrupted",
  skipped: "skipped",
};

/** `11 run, 3 fresh`, outcomes that did not occur left out. */
export function outcomesText(counts: Readonly<Record<TaskOutcome, number>>): string {
  const parts = (Object.keys(outcomeWords) as TaskOutcome[])
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcomeWords[outcome]}`);
  return parts.length > 0 ? parts.join(", ") : count(0, "task");
}
