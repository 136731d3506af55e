import { writeErrorLine } from "../output.ts";
import type { Reporter, ReporterOptions } from "./reporter.ts";

/** One event a line, as they come: for programs. */
export const createJsonReporter = ({ write }: ReporterOptions): Reporter => ({
  sink: (event) => write(JSON.stringify(event)),
  announce: writeErrorLine,
  finish: async () => {},
});
