/** What the commands on a workflow share: its path, `--set`, loading it, and what a task is called. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { TomoflowError } from "../core/error.ts";
import type { Result } from "../core/result.ts";
import type { Workflow } from "../schema/workflow.ts";
import { openSession, type Session } from "../session/index.ts";
import { exitCode } from "./exit-code.ts";
import { writeDiagnostics } from "./output.ts";

const defaultFile = "workflow.yaml";

export interface WorkflowFlags {
  /** `name=value` by name, the value as YAML. */
  readonly set?: Readonly<Record<string, string>>;
  readonly variant?: string;
  /** Of slurm.yaml. */
  readonly profile?: string;
}

/** Adds the argument `[workflow]` and the options `--set` and `--variant`. */
export const withWorkflow = (command: Command): Command =>
  command
    .argument("[workflow]", `the workflow file (default: ${defaultFile})`)
    .option("--set <name=value>", "override a value of `params` (repeatable)", collectPairs)
    .option("--variant <name>", "use a named set of params from `variants`");

function collectPairs(pair: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [name, ...value] = pair.split("=");
  if (!name || value.length === 0) throw new InvalidArgumentError("Write name=value, e.g. --set epochs=5.");
  return { ...previous, [name]: value.join("=") };
}

/** Opens the workflow that a command names, with the step kinds of this program and of the user. */
export const readSession = (
  path: string | undefined,
  { set, variant, profile }: WorkflowFlags,
): Promise<Result<Session>> => openSession(path ?? findWorkflow(), { set, variant, profile });

/** Opens a workflow and shows what is wrong with it; undefined, with the exit code set, when it cannot be used. */
export async function startSession(
  path: string | undefined,
  flags: WorkflowFlags,
): Promise<Session | undefined> {
  const result = await readSession(path, flags);
  writeDiagnostics(result.diagnostics);
  if (result.ok) return result.value;
  process.exitCode = exitCode.wrongInput;
  return undefined;
}

/** As `startSession`, for commands that only look at the workflow. */
export const openWorkflow = async (
  path: string | undefined,
  flags: WorkflowFlags,
): Promise<Workflow | undefined> => (await startSession(path, flags))?.workflow;

/** The workflow of this folder when none is named. Throws TomoflowError `no-workflow`. */
export function findWorkflow(): string {
  if (existsSync(defaultFile)) return defaultFile;
  const others = readdirSync(".").filter(
    (name) => /\.ya?ml$/.test(name) && !name.endsWith(".lock.yaml") && name !== "slurm.yaml",
  );
  throw new TomoflowError("no-workflow", `there is no ${defaultFile} here`, {
    hint:
      others.length > 0
        ? `name the workflow, e.g. ${others[0]}`
        : "name the workflow file, or make one with tomoflow init",
  });
}

/**
 * The project that a command names by a workflow file or a folder, without reading the workflow. Throws TomoflowError
 * `file-missing`.
 */
export function projectOf(path = "."): { readonly path: string; readonly folder: string } {
  const absolute = resolve(path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (!stats)
    throw new TomoflowError("file-missing", `${path} does not exist`, {
      hint: "name the workflow file or the folder of the project",
    });
  return stats.isDirectory()
    ? { path: join(absolute, defaultFile), folder: absolute }
    : { path: absolute, folder: dirname(absolute) };
}

/** For options that may be given more than once, or with commas: `--only train,segment`. */
export function collectNames(value: string, previous: readonly string[] = []): readonly string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("It names nothing.");
  return [...previous, ...names];
}
