/** `run --open`: the first label map of a run over its tomogram, as the original's segmentation shows its result. */
import { resolve } from "node:path";
import type { RunEvent } from "../../runner/index.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { writeErrorLine } from "../output.ts";
import { serveStudio, shownBelow } from "./serve.ts";

/** Port with the label map, and column with the tomogram: as `segment` names them. */
const [labelsPort, tomogramColumn] = ["labels", "tomogram"];

export async function showResults(workflow: Workflow, events: readonly RunEvent[]): Promise<void> {
  const place = { root: workflow.folder, workflow: workflow.path };
  const shown = firstLabelMap(workflow, events);
  if (shown === undefined)
    writeErrorLine("no step of the workflow has written a label map: the studio opens with the workflow");
  const words = new URLSearchParams(shown);
  const screen = shown === undefined ? {} : { screen: `#/look?${words}` };
  await serveStudio({ ...place, ...screen }, { open: true });
}

function firstLabelMap(
  { rows, folder }: Pick<Workflow, "rows" | "folder">,
  events: readonly RunEvent[],
): { volume: string; labels: string } | undefined {
  for (const event of events) {
    if (event.type !== "task-ended" || event.row === undefined) continue;
    const labels = event.outputs[labelsPort];
    const tomogram = rows.find(({ id }) => id === event.row)?.columns[tomogramColumn];
    if (labels === undefined || typeof tomogram !== "string") continue;
    return {
      volume: shownBelow(folder, resolve(folder, tomogram)),
      labels: shownBelow(folder, resolve(folder, labels)),
    };
  }
  return undefined;
}
