/** What starts a worker on a compute node. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { siblingModule } from "../../../../core/sibling-module.ts";
import type { TaskNeeds } from "./job-options.ts";
import type { WorkerWords } from "./script.ts";

export function workerWords(
  { settings: { program } }: TaskNeeds,
  catalogPath: string | undefined,
): WorkerWords {
  const after = catalogPath === undefined ? [] : [catalogPath];
  if (program !== undefined)
    return { node: process.execPath, module: [join(program, "dist", "worker.js")], after };
  const module = siblingModule(import.meta.url, "../../../../worker");
  const loader = module.pathname.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [];
  return { node: process.execPath, module: [...loader, fileURLToPath(module)], after };
}
