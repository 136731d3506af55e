/** Where a file came from. A door of its own: `tomoflow run` does not ask. */
export { type FileOrigin, type Provenance, type TracedInput, type TracedTask, traceFile } from "./trace.ts";
