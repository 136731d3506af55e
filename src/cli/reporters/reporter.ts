import type { EventSink } from "../../runner/events.ts";

/** A face of a run: takes its events as they come and, once it has ended, says how it went. */
export interface Reporter {
  readonly sink: EventSink;
  /** Shows a line that is no event, such as what Ctrl-C does; not on standard output. */
  readonly announce: (text: string) => void;
  /** Called after the last event, also when the run threw. */
  finish(): Promise<void>;
}

export type ReporterMode = "live" | "plain" | "json";

/** What a reporter knows beyond the events. */
export interface ReporterOptions {
  /** Names of the output ports that hold metrics, by step id. */
  readonly metricsPorts: ReadonlyMap<string, readonly string[]>;
  /** Columns of the terminal; none where lines may have any length. */
  readonly width?: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Writes a line; the live view itself goes to the terminal directly. */
  readonly write: (text: string) => void;
}

/** The live view needs a terminal on standard output; elsewhere plain lines are written. */
export const chooseMode = (asked: { json?: boolean; plain?: boolean }): ReporterMode => {
  if (asked.json) return "json";
  const terminal = process.stdout.isTTY === true && process.env.TERM !== "dumb" && !process.env.CI;
  return asked.plain || !terminal ? "plain" : "live";
};

/** Makes the reporter of a mode; what only the live view needs is loaded for it alone. */
export async function createReporter(mode: ReporterMode, options: ReporterOptions): Promise<Reporter> {
  switch (mode) {
    case "json":
      return (await import("./json.ts")).createJsonReporter(options);
    case "plain":
      return (await import("./plain.ts")).createPlainReporter(options);
    case "live":
      return (await import("./live.ts")).createLiveReporter(options);
  }
}
