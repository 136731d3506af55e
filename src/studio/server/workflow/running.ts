/** Runs that this studio started, and stopping of those that other processes of this machine did. */
import { TomoflowError } from "../../../core/error.ts";
import { layoutOf, listRuns, type RunEvent, signalRun } from "../../../runner/index.ts";
import type { WorkflowPlace } from "../../../runner/revisions/index.ts";
import type { Session, SessionRunOptions } from "../../../session/index.ts";
import type { StopAnswer } from "../../protocol/workflow.ts";

export interface Running {
  /** Starts a run and returns its id as soon as it is planned. Throws `run-goes-on`, and what the run throws before that. */
  start(session: Session, options: Omit<SessionRunOptions, "sink" | "signal" | "kill">): Promise<string>;
  /** At a safe point; at once when asked a second time. Throws `run-over`, `run-elsewhere`. */
  stop(place: WorkflowPlace, id: string): Promise<StopAnswer>;
  /** Asks all to stop at a safe point, and waits. */
  close(): Promise<void>;
}

interface OwnRun {
  readonly workflow: string;
  readonly stop: AbortController;
  readonly kill: AbortController;
  readonly ended: Promise<void>;
}

export function createRunning(onFault: (error: unknown) => void): Running {
  const runs = new Map<string, OwnRun>();
  const starting = new Set<string>();
  const asked = new Set<string>();

  const start: Running["start"] = async (session, options) => {
    const { path, variant } = session.workflow;
    const workflow = JSON.stringify([path, variant]);
    if (starting.has(workflow) || [...runs.values()].some((run) => run.workflow === workflow))
      throw new TomoflowError("run-goes-on", "a run of this workflow goes on", {
        hint: "stop it first, or wait for its end",
      });
    starting.add(workflow);
    const [stop, kill] = [new AbortController(), new AbortController()];
    try {
      return await new Promise<string>((resolve, reject) => {
        let id: string | undefined;
        const sink = (event: RunEvent): void => {
          if (event.type !== "run-started") return;
          id = event.run ?? "";
          runs.set(id, { workflow, stop, kill, ended });
          resolve(id);
        };
        const ended: Promise<void> = session
          .run({ ...options, sink, signal: stop.signal, kill: kill.signal })
          .then(() => undefined)
          .catch((error: unknown) => {
            // after the start, its record tells
            if (id === undefined) reject(error);
            else if (!(error instanceof TomoflowError)) onFault(error);
          })
          .finally(() => void (id !== undefined && runs.delete(id)));
      });
    } finally {
      starting.delete(workflow);
    }
  };

  const stop: Running["stop"] = async (place, id) => {
    const own = runs.get(id);
    const stage = asked.has(id) ? "killing" : "stopping";
    if (own) (stage === "killing" ? own.kill : own.stop).abort();
    else await stopOther(place, id);
    asked.add(id);
    return { stage };
  };

  return {
    start,
    stop,
    async close() {
      for (const run of runs.values()) run.stop.abort();
      await Promise.all([...runs.values()].map(({ ended }) => ended));
    },
  };
}

/** As Ctrl-C in its terminal does, once or twice. */
async function stopOther(place: WorkflowPlace, id: string): Promise<void> {
  const run = (await listRuns(layoutOf(place))).find((each) => each.id === id);
  if (run?.state !== "running")
    throw new TomoflowError("run-over", "this run has ended already", { hint: "look at its state again" });
  if (!signalRun(run, "SIGINT"))
    throw new TomoflowError("run-elsewhere", `this run is at work on ${run.asked.process.host}`, {
      hint: "stop it there, with Ctrl-C in its terminal",
    });
}
