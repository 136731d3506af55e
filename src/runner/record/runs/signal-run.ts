import { isHere, isRunning } from "../../claims/process-identity.ts";
import type { RecordedRun } from "../../run-records.ts";

/** Sends a signal to the process of a run, where it is on this machine and still the one that began it; false where not. */
export function signalRun(
  { asked, state }: Pick<RecordedRun, "asked" | "state">,
  signal: "SIGINT" | "SIGTERM",
): boolean {
  const { process: runner } = asked;
  if (state !== "running" || runner.start === undefined || !isHere(runner) || !isRunning(runner))
    return false;
  try {
    return process.kill(runner.pid, signal);
  } catch {
    return false;
  }
}
