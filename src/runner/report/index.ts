/** The report as one page. A door of its own: `tomoflow run` writes none. */
export { buildReport, type ReportOptions } from "./report.ts";
