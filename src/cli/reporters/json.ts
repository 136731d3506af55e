import { writeLine } from "../output.ts";
import type { Reporter } from "./reporter.ts";

/** One event a line, as they come: for programs. */
export const createJsonReporter = (): Reporter => ({
  sink: (event) => writeLine(JSON.stringify(event)),
  finish: async () => {},
});
