import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { TomoflowError } from "../core/error.ts";
import { type ServeFlags, serveStudio, withServing } from "./studio/serve.ts";
import { isWorkflowName } from "./workflow-place.ts";

export function registerStudioCommand(program: Command): void {
  withServing(program.command("studio"))
    .argument("[place]", "the project's folder, or a workflow file (default: this folder)")
    .description(
      "Open the studio in the browser: look at tomograms, annotate, set up a workflow, run and watch it, review what was found.",
    )
    .addHelpText("after", examples)
    .action(async (place: string | undefined, flags: ServeFlags) => {
      await serveStudio(placeOf(place ?? "."), flags);
    });
}

const examples = `
Examples:
  tomoflow studio                  the project in this folder
  tomoflow studio chlamy.yaml      with this workflow
  tomoflow studio --no-open        on another machine: prints the link and the ssh line`;

function placeOf(named: string): { readonly root: string; readonly workflow?: string } {
  const path = resolve(named);
  if (!existsSync(path))
    throw new TomoflowError("file-missing", `there is no ${named}`, {
      hint: "name a folder that is there, or a workflow file",
    });
  if (statSync(path).isDirectory()) return { root: path };
  if (isWorkflowName(path)) return { root: dirname(path), workflow: path };
  throw new TomoflowError("not-a-workflow", `${named} is neither a folder nor a workflow file (.yaml)`, {
    hint: `to look at it: tomoflow view ${named}`,
  });
}
