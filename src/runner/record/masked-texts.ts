/** Texts of a run without the values of environment variables: events, and the logs of attempts. See `EnvironmentMask`. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { type EnvironmentMask, maskOf } from "../../schema/values/environment-mask.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { JobError } from "../../task/job.ts";
import type { EventSink, RunEvent } from "../events.ts";
import type { LogFile } from "./log-file.ts";

/** The options with a sink that gets no such value. Paths and names in events stay as they are: programs read them. */
export function withMaskedSink<Options extends { readonly sink: EventSink }>(
  options: Options,
  { environment }: Workflow,
): Options {
  const mask = maskOf(environment);
  return mask.isEmpty ? options : { ...options, sink: (event) => options.sink(maskedEvent(event, mask)) };
}

export const maskedDiagnostics = (
  diagnostics: readonly Diagnostic[],
  { environment }: Workflow,
): readonly Diagnostic[] => {
  const mask = maskOf(environment);
  return mask.isEmpty ? diagnostics : diagnostics.map((diagnostic) => maskedDiagnostic(diagnostic, mask));
};

const maskedDiagnostic = (diagnostic: Diagnostic, { text }: EnvironmentMask): Diagnostic => ({
  ...diagnostic,
  message: text(diagnostic.message),
  ...(diagnostic.hint !== undefined && { hint: text(diagnostic.hint) }),
});

/** What went wrong, as it is remembered and shown. */
export const maskedError = (error: JobError, { text }: EnvironmentMask): JobError => ({
  ...error,
  message: text(error.message),
  ...(error.hint !== undefined && { hint: text(error.hint) }),
  ...(error.stack !== undefined && { stack: text(error.stack) }),
});

function maskedEvent(event: RunEvent, mask: EnvironmentMask): RunEvent {
  switch (event.type) {
    case "diagnostic":
      return { ...event, diagnostic: maskedDiagnostic(event.diagnostic, mask) };
    case "task-log":
      return { ...event, text: mask.text(event.text) };
    case "task-progress":
      return event.detail === undefined ? event : { ...event, detail: mask.text(event.detail) };
    case "task-retrying":
      return { ...event, error: maskedError(event.error, mask) };
    case "task-ended":
      return {
        ...event,
        ...(event.error && { error: maskedError(event.error, mask) }),
        ...(event.detail !== undefined && { detail: mask.text(event.detail) }),
      };
    default:
      return event;
  }
}

/** Whole lines are written, since what a program prints comes in pieces and may be cut anywhere. */
export function maskedLog(log: LogFile, { environment }: Workflow): LogFile {
  const mask = maskOf(environment);
  if (mask.isEmpty) return log;
  let partial = "";
  const flush = () => {
    if (partial !== "") log.output(mask.text(partial));
    partial = "";
  };
  return {
    path: log.path,
    line: (text) => {
      flush();
      log.line(mask.text(text));
    },
    output: (text) => {
      partial += text;
      const end = Math.max(partial.lastIndexOf("\n"), partial.lastIndexOf("\r")) + 1;
      if (end > 0) log.output(mask.text(partial.slice(0, end)));
      partial = partial.slice(end);
    },
    close: () => {
      flush();
      return log.close();
    },
  };
}
