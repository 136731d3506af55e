/** The workflow that the browser names, as the session and the runner take it. */
import { dirname } from "node:path";
import { TomoflowError } from "../../../core/error.ts";
import type { WorkflowPlace } from "../../../runner/revisions/index.ts";
import { openSession, type Session } from "../../../session/index.ts";
import type { RunRequest, WorkflowChoice } from "../../protocol/workflow.ts";
import type { StudioContext } from "../context.ts";
import { Mistakes } from "../mistakes.ts";

type Files = Pick<StudioContext, "files">;

/** Throws `outside-project`, and `not-a-workflow` for another sort of file. */
export async function placeOf({ files }: Files, { path, variant }: WorkflowChoice): Promise<WorkflowPlace> {
  if (!/\.ya?ml$/i.test(path))
    throw new TomoflowError("not-a-workflow", `${path} is no workflow file`, { hint: "it ends with .yaml" });
  const absolute = await files.resolve(path);
  return { path: absolute, folder: dirname(absolute), ...(variant !== undefined && { variant }) };
}

export interface OpenedWorkflow {
  readonly session: Session;
  readonly warnings: ConstructorParameters<typeof Mistakes>[0];
}

/** Loads it anew, as it is on the disk now. Throws `Mistakes` with all that is wrong in it. */
export async function openWorkflow(
  context: Pick<StudioContext, "files" | "catalogPath">,
  { path, variant, set }: Pick<RunRequest, "path" | "variant" | "set">,
): Promise<OpenedWorkflow> {
  const { catalogPath } = context;
  const place = await placeOf(context, { path });
  const opened = await openSession(place.path, {
    ...(variant !== undefined && { variant }),
    ...(set !== undefined && { set }),
    ...(catalogPath !== undefined && { catalogPath }),
  });
  if (!opened.ok) throw new Mistakes(opened.diagnostics);
  return { session: opened.value, warnings: opened.diagnostics };
}
