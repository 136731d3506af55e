/** Where a workflow is, for commands that look at its lock alone and must work where its data is not. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { TomoflowError } from "../core/error.ts";
import { layoutOf } from "../runner/index.ts";
import type { WorkflowPlace } from "../runner/revisions/index.ts";
import { findWorkflow } from "./workflow-file.ts";

/** The workflow named, or that of this folder. Throws `no-workflow` when neither it nor its lock is there. */
export function findPlace(path: string | undefined, variant?: string): WorkflowPlace {
  const absolute = resolve(path ?? findWorkflow());
  const place = { path: absolute, folder: dirname(absolute), ...(variant !== undefined && { variant }) };
  if (existsSync(absolute) || existsSync(layoutOf(place).lock)) return place;
  throw new TomoflowError("no-workflow", `there is no ${path}`, { hint: "name the workflow file" });
}

/** True for a word that names a workflow file rather than a revision. */
export const isWorkflowName = (word: string): boolean => /\.ya?ml$/i.test(word);
