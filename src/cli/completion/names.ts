/** Names in a workflow that options and arguments take, for the Tab key: steps, tasks, variants, params. */
import { readFileSync } from "node:fs";
import { decodeText } from "../../core/decode-text.ts";
import { isRegularFile } from "../../core/regular-file.ts";
import { loadWorkflow } from "../../schema/load-workflow.ts";
import { asMap } from "../../schema/text/data-path.ts";
import { parseYamlSource } from "../../schema/text/yaml-source.ts";
import { stepKinds } from "../../steps/catalog.ts";

export const namedThings = ["tasks", "variants", "params"] as const;
export type NamedThing = (typeof namedThings)[number];

export interface NamesRequest {
  readonly workflow: string;
  /** What stands on the line so far of the word that is completed. */
  readonly typed: string;
}

/** More tasks than these are offered once a step and its `@` are typed. */
const mostTasks = 50;

/** Never throws: a workflow that is wrong, or not there, has the names that can be read in it. */
export async function namesIn(thing: NamedThing, request: NamesRequest): Promise<readonly string[]> {
  switch (thing) {
    case "tasks":
      return tasksIn(request);
    case "variants":
      return keysIn(request.workflow, "variants");
    case "params":
      return keysIn(request.workflow, "params").map((name) => `${name}=`);
  }
}

async function tasksIn({ workflow: path, typed }: NamesRequest): Promise<readonly string[]> {
  const steps = keysIn(path, "steps");
  const tasks = (await taskIds(path).catch(() => [])).filter((id) => id.includes("@"));
  return [...steps, ...(tasks.length <= mostTasks || typed.includes("@") ? tasks : [])];
}

/** The workflow's own modules are not imported: pressing Tab in a folder of somebody else must run none of its code. */
async function taskIds(path: string): Promise<readonly string[]> {
  const loaded = await loadWorkflow(path, { catalog: stepKinds });
  if (!loaded.ok) return [];
  const { bindInputs } = await import("../../schema/values/bindings.ts");
  return loaded.value.steps
    .filter(({ enabled }) => enabled)
    .flatMap((step) => bindInputs(loaded.value, step).map(({ taskId }) => taskId));
}

function keysIn(path: string, section: string): readonly string[] {
  if (!isRegularFile(path)) return [];
  const text = decodeText(readFileSync(path), { source: path });
  const parsed = text.ok ? parseYamlSource(path, text.value) : text;
  return parsed.ok ? Object.keys(asMap(asMap(parsed.value.value)[section])) : [];
}
