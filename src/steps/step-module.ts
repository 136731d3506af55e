import { existsSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { TomoflowError } from "../core/error.ts";
import { notRegularFile } from "../core/regular-file.ts";
import type { StepKind } from "./step-kind.ts";

/**
 * Imports a step kind that the user wrote (`uses: ./my-step.mjs`): the default export of the module at `path`, absolute.
 * Throws TomoflowError `step-module` when there is none.
 */
export async function loadStepKind(path: string): Promise<StepKind> {
  const { default: kind } = await importModule(path);
  if (isStepKind(kind)) return kind;
  throw new TomoflowError("step-module", `${path} does not export a step kind`, {
    hint: "its default export must be an object with name, version, summary, scope, parameters, ports and run",
  });
}

async function importModule(path: string): Promise<{ readonly default?: unknown }> {
  const stats = statSync(path, { throwIfNoEntry: false });
  const notRegular = stats && !stats.isDirectory() && notRegularFile(stats, path);
  if (notRegular) throw notRegular;
  try {
    const url = pathToFileURL(path);
    // a module that has changed since it was imported (`tomoflow watch`) is another one to Node
    url.search = String(stats?.mtimeMs ?? "");
    return (await import(url.href)) as { default?: unknown };
  } catch (cause) {
    const [message, hint] = whyNot(path, cause as NodeJS.ErrnoException);
    throw new TomoflowError("step-module", message, { hint, cause });
  }
}

/** What Node says when something imported is not there, and from where. */
const notFound = /^Cannot find (module|package) '([^']+)' imported from (.+)$/;

function whyNot(path: string, { code, message }: NodeJS.ErrnoException): [message: string, hint: string] {
  if (!existsSync(path))
    return [`${path} does not exist`, "check the path; it is relative to the workflow file"];
  const [, kind, name, importer] = (code === "ERR_MODULE_NOT_FOUND" && notFound.exec(message)) || [];
  if (kind === "package")
    return [
      `${path} cannot be loaded: the package ${name} is not installed, which is imported from ${importer}`,
      `npm install ${name}, beside the workflow`,
    ];
  if (kind === "module")
    return [
      `${path} cannot be loaded: ${name} does not exist, which is imported from ${importer}`,
      "check the path in the import",
    ];
  return [`${path} cannot be loaded: ${message}`, `node ${path} shows the mistake`];
}

function isStepKind(value: unknown): value is StepKind {
  const kind = value as Partial<StepKind> | null | undefined;
  return (
    typeof kind?.name === "string" &&
    typeof kind.version === "number" &&
    (kind.scope === "row" || kind.scope === "table") &&
    typeof kind.parameters === "object" &&
    typeof kind.ports === "function" &&
    typeof kind.run === "function"
  );
}
