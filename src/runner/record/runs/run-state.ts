/** Whether a run goes on, as its record tells: its process can be looked at from here, or its file shows signs of life. */
import { isHere, isRunning } from "../../claims/process-identity.ts";
import type { RecordedEvent, RunAsked, RunState } from "../../run-records.ts";
import { isLast } from "./run-record.ts";

/** A run elsewhere whose record was not touched for so long, despite a sign of life every minute, is over. */
const patienceMilliseconds = 600_000;

/** Of a run whose last record is `last`; its file was touched at `touched`, milliseconds since 1970. */
export function runStateOf(
  { process }: RunAsked,
  last: RecordedEvent,
  { touched, now }: { readonly touched: number; readonly now: number },
): RunState {
  if (last.type === "run-ended") return last.outcome;
  if (isLast(last)) return "failed";
  const isAlive = isHere(process) ? isRunning(process) : now - touched < patienceMilliseconds;
  return isAlive ? "running" : "lost";
}
