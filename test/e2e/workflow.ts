/** A workflow of every step but the network's: tomograms, targets, detections, scores, in about three seconds. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const smallWorkflow = `version: 1
name: small
classes:
  1: {name: barrel, shape: barrel, radius: 6}
  2: {name: rod, shape: rod, radius: 4}
tomograms:
  - {id: t0, split: train}
  - {id: t1, split: test}
params: {minSize: 3}
steps:
  simulate: {uses: simulate, from: tomograms, with: {size: [32, 64, 72], counts: 4}}
  target: {uses: target, from: simulate, with: {radii: {1: 5, 2: 3}}}
  cluster: {uses: cluster, from: target, with: {labels: "\${row.target}", minSize: "\${params.minSize}"}}
  evaluate: {uses: evaluate, from: cluster}
`;

/** Writes the workflow as `workflow.yaml` of the folder. */
export const writeSmallWorkflow = (folder: string): Promise<void> =>
  writeFile(join(folder, "workflow.yaml"), smallWorkflow);

/** Replaces one piece of the workflow, which must be there. */
export async function editWorkflow(folder: string, from: string, to: string): Promise<void> {
  const path = join(folder, "workflow.yaml");
  const text = await readFile(path, "utf8");
  if (!text.includes(from)) throw new Error(`the workflow does not hold ${from}`);
  await writeFile(path, text.replace(from, to));
}
