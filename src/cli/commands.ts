/**
 * The commands, by name. `--help` shows the table; a command's own module is imported when it is called, so that
 * `tomoflow run` loads nothing that it does not use.
 */
import type { Command } from "commander";

export type RegisterCommand = (program: Command) => void;

export interface CommandEntry {
  readonly name: string;
  /** One line of `tomoflow --help`. */
  readonly summary: string;
  /** Heading in `tomoflow --help`. */
  readonly group: "Workflows:" | "Files:" | "This machine:";
  readonly load: () => Promise<RegisterCommand>;
}

export const commandTable: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "write a commented workflow file to start from",
    group: "Workflows:",
    load: async () => (await import("./init.ts")).registerInitCommand,
  },
  {
    name: "import-relion",
    summary: "write the table of tomograms from a RELION project",
    group: "Workflows:",
    load: async () => (await import("./import-relion.ts")).registerImportRelionCommand,
  },
  {
    name: "validate",
    summary: "check a workflow file and show every mistake with its line",
    group: "Workflows:",
    load: async () => (await import("./validate.ts")).registerValidateCommand,
  },
  {
    name: "plan",
    summary: "show what a run would do, why, and how long it would take",
    group: "Workflows:",
    load: async () => (await import("./plan.ts")).registerPlanCommand,
  },
  {
    name: "run",
    summary: "run the tasks of a workflow that are not up to date",
    group: "Workflows:",
    load: async () => (await import("./run.ts")).registerRunCommand,
  },
  {
    name: "status",
    summary: "show which results are up to date, and their metrics",
    group: "Workflows:",
    load: async () => (await import("./status.ts")).registerStatusCommand,
  },
  {
    name: "logs",
    summary: "show what a task wrote to its log",
    group: "Workflows:",
    load: async () => (await import("./logs.ts")).registerLogsCommand,
  },
  {
    name: "runs",
    summary: "list the runs there were, and show or follow one",
    group: "Workflows:",
    load: async () => (await import("./runs.ts")).registerRunsCommand,
  },
  {
    name: "watch",
    summary: "run again whenever the workflow or one of its inputs changes",
    group: "Workflows:",
    load: async () => (await import("./watch.ts")).registerWatchCommand,
  },
  {
    name: "checkout",
    summary: "put the results that the lock names back from the cache",
    group: "Workflows:",
    load: async () => (await import("./checkout.ts")).registerCheckoutCommand,
  },
  {
    name: "gc",
    summary: "remove results, checkpoints and logs that are not needed any more",
    group: "Workflows:",
    load: async () => (await import("./gc.ts")).registerGcCommand,
  },
  {
    name: "graph",
    summary: "draw the steps, what reads what, and how far each is",
    group: "Workflows:",
    load: async () => (await import("./graph.ts")).registerGraphCommand,
  },
  {
    name: "why",
    summary: "show where a file came from, all the way up",
    group: "Workflows:",
    load: async () => (await import("./why.ts")).registerWhyCommand,
  },
  {
    name: "history",
    summary: "show the metrics of each commit, and what changed",
    group: "Workflows:",
    load: async () => (await import("./history.ts")).registerHistoryCommand,
  },
  {
    name: "compare",
    summary: "lay revisions or variants side by side",
    group: "Workflows:",
    load: async () => (await import("./compare.ts")).registerCompareCommand,
  },
  {
    name: "report",
    summary: "write one HTML page with graph, timeline, metrics and pictures",
    group: "Workflows:",
    load: async () => (await import("./report.ts")).registerReportCommand,
  },
  {
    name: "studio",
    summary: "open the studio in the browser: look, annotate, set up, run, review",
    group: "Workflows:",
    load: async () => (await import("./studio.ts")).registerStudioCommand,
  },
  {
    name: "view",
    summary: "look at volumes and object lists in the browser",
    group: "Files:",
    load: async () => (await import("./view.ts")).registerViewCommand,
  },
  {
    name: "annotate",
    summary: "mark the particles of a tomogram in the browser",
    group: "Files:",
    load: async () => (await import("./annotate.ts")).registerAnnotateCommand,
  },
  {
    name: "step",
    summary: "run one step on files, without a workflow",
    group: "Files:",
    load: async () => (await import("./step.ts")).registerStepCommand,
  },
  {
    name: "objects",
    summary: "convert, merge, scale, filter, split and count object lists",
    group: "Files:",
    load: async () => (await import("./objects.ts")).registerObjectsCommands,
  },
  {
    name: "volume",
    summary: "look at volumes (MRC, HDF5), convert, bin and crop them",
    group: "Files:",
    load: async () => (await import("./volume.ts")).registerVolumeCommands,
  },
  {
    name: "weights",
    summary: "look at weights of the network, and convert them for Keras and ONNX",
    group: "Files:",
    load: async () => (await import("./weights.ts")).registerWeightsCommands,
  },
  {
    name: "completion",
    summary: "print a completion script for bash, zsh or fish",
    group: "This machine:",
    load: async () => (await import("./completion.ts")).registerCompletionCommand,
  },
  {
    name: "engines",
    summary: "show what can run the network here, and how fast",
    group: "This machine:",
    load: async () => (await import("./engines.ts")).registerEnginesCommand,
  },
];
