/** A folder with a small workflow and the files that it names, for tests of the workflow language. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { formatDiagnostic } from "../../src/core/diagnostic.ts";
import type { Result } from "../../src/core/result.ts";
import { type LoadOptions, loadWorkflow } from "../../src/schema/load-workflow.ts";
import type { Workflow } from "../../src/schema/workflow.ts";
import { temporaryFolder } from "./temporary.ts";
import { toyCatalog } from "./toy-kinds.ts";

export const goodWorkflow = `\
version: 1
name: chlamy
classes:
  1: {name: ribosome, radius: 10, mask: masks/ribosome.mrc, color: "#4e79a7"}
  2: {name: proteasome, radius: 6}
tomograms:
  - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml, split: train}
  - {id: t1, tomogram: data/t1.mrc, objects: data/t1.xml, split: valid}
  - {id: t2, tomogram: data/t2.mrc, split: test}
params: {epochs: 100}
steps:
  target:
    uses: target
    from: tomograms
    where: {split: [train, valid]}
    with: {strategy: spheres}
  train:
    uses: train
    from: target
    with: {patchSize: 56, batchSize: 25, epochs: "\${params.epochs}"}
  segment:
    uses: segment
    from: tomograms
    where: {split: test}
    with: {weights: "\${train.weights}"}
  cluster:  {uses: cluster, from: segment}
  evaluate: {uses: evaluate, from: cluster}
`;

export const goodFiles = [
  "data/t0.mrc",
  "data/t1.mrc",
  "data/t2.mrc",
  "data/t0.xml",
  "data/t1.xml",
  "masks/ribosome.mrc",
];

/** Writes files (empty where only a name is given) into a new folder and returns it. */
export async function folderWith(
  context: TestContext,
  files: Readonly<Record<string, string>> | readonly string[],
): Promise<string> {
  const folder = await temporaryFolder(context);
  const entries = Array.isArray(files) ? files.map((name) => [name, ""]) : Object.entries(files);
  for (const [name, text] of entries) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Loads `text` as workflow.yaml beside the good workflow's files, with the toy kinds. */
export async function loadText(
  context: TestContext,
  text: string | Uint8Array,
  options: Partial<LoadOptions> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly result: Result<Workflow>; readonly folder: string; readonly messages: string[] }> {
  const files = Object.fromEntries(goodFiles.map((name) => [name, ""]));
  const folder = await folderWith(context, { ...files, ...options.files });
  const path = join(folder, "workflow.yaml");
  await writeFile(path, text);
  const result = await loadWorkflow(path, { catalog: toyCatalog, environment: {}, ...options });
  const messages = result.diagnostics.map((diagnostic) =>
    formatDiagnostic(diagnostic).replaceAll(`${folder}/`, "").replaceAll(folder, "."),
  );
  return { result, folder, messages };
}

/** As `loadText`, for a workflow that must be right: fails with its mistakes. */
export async function loadGood(
  context: TestContext,
  text: string,
  options: Parameters<typeof loadText>[2] = {},
): Promise<{ readonly workflow: Workflow; readonly folder: string; readonly messages: string[] }> {
  const { result, folder, messages } = await loadText(context, text, options);
  if (!result.ok) throw new Error(messages.join("\n"));
  return { workflow: result.value, folder, messages };
}
