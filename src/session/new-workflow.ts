/** What a new workflow file says of where it lies: its name, and the schema for editors. */
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Name of the experiment in a new file; a file called workflow.yaml takes the name of its folder. */
export function newWorkflowName(file: string): string {
  const name = basename(file).replace(/\.[^.]*$/, "");
  const chosen = name === "workflow" ? basename(dirname(resolve(file))) : name;
  return chosen.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[^A-Za-z0-9_-]+/, "") || "experiment";
}

/** The schema that comes with this installation, relative to the workflow's folder (absolute) where it lies near. */
export function schemaPathFrom(folder: string): string {
  const file = fileURLToPath(new URL("../schema/workflow.schema.json", import.meta.url));
  const near = relative(folder, file);
  return near.startsWith("../../../") ? file : near;
}
