/** Folders and data sets where a whole file is read, and folders as inputs that the workflow itself changes. */
import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Location } from "../../core/diagnostic.ts";
import { isFolderOutput } from "../folder-ports.ts";
import { type Findings, type Mistake, reportAt } from "../text/findings.ts";
import { portsOrNothing } from "../values/input-ports.ts";
import type { Workflow } from "../workflow.ts";
import { type PlacedFile, shownPath } from "./placed-file.ts";

/** A data set, where the step takes a whole file. */
export function checkDataset(
  findings: Findings,
  { path, dataset }: { readonly path: string; readonly dataset?: string },
  { datasets, place }: PlacedFile,
): void {
  if (datasets) return;
  const message = `${basename(path)}#${dataset} names a data set, and a whole file is read here`;
  const hint = `name the file alone; tomoflow volume convert --dataset ${dataset} copies one into a file of its own`;
  tellOnce(findings, { code: "dataset-not-taken", message, hint }, place());
}

/** An address, where the step reads no volume chunk by chunk. What is there is found out by the step's own look. */
export function checkAddress(
  findings: Findings,
  { path }: { readonly path: string },
  { datasets, place, takesVolumes }: PlacedFile,
): void {
  if (datasets && takesVolumes()) return;
  const message = `${path} is an address, and a file of this machine is read here`;
  const hint = "save it here first, for example with curl -O, and name that file";
  tellOnce(findings, { code: "address-not-taken", message, hint }, place());
}

/** A folder that a step writes, where another reads a file. */
export function checkFolderOutput(
  findings: Findings,
  { source, takesFolders, place }: PlacedFile,
  folderOutputs: ReadonlySet<string>,
): void {
  if (source.type !== "output" || !folderOutputs.has(`${source.step}.${source.output}`)) return;
  if (takesFolders()) return;
  const { step: writer, output } = source;
  const message = `the output ${output} of step ${writer} is a folder, and a file is read here`;
  const hint = `let ${writer} write the file that is needed as an output of its own`;
  tellOnce(findings, { code: "folder-as-file", message, hint }, place());
}

/** `split.frames`, for each output that is a folder. */
export const findFolderOutputs = (workflow: Workflow): ReadonlySet<string> =>
  new Set(
    workflow.steps.flatMap((step) =>
      (portsOrNothing(step.kind, step.parameters)?.outputs ?? [])
        .filter(isFolderOutput)
        .map(({ name }) => `${step.id}.${name}`),
    ),
  );

/** Every folder on the way to one of these. */
export function foldersAround(paths: readonly string[]): ReadonlySet<string> {
  const around = new Set<string>();
  for (const path of paths) for (let at = dirname(path); !around.has(at); at = dirname(at)) around.add(at);
  return around;
}

/** An input that every run changes. */
export function reportResultsInside(
  findings: Findings,
  path: string,
  { location, workflow }: { readonly location: Location; readonly workflow: Workflow },
): void {
  const shown = shownPath(workflow, path) || ".";
  const message = `the folder ${shown} holds results of this workflow, or its cache, and is an input`;
  const hint = "name a folder that nothing of this workflow is written to, or choose another folder with out";
  reportAt(findings, { code: "input-is-output", message, hint }, location);
}

/** What stands in `with` is the same for all rows. */
function tellOnce(findings: Findings, mistake: Mistake, location: Location): void {
  const isTold = findings.diagnostics.some(
    (told) => told.message === mistake.message && isDeepStrictEqual(told.location, location),
  );
  if (!isTold) reportAt(findings, mistake, location);
}
