/** Files that are not there, folders where a file is read, and files that a step would write over or into. */
import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { insteadOfFile, savingHint } from "../../core/regular-file.ts";
import { isRemoteAddress } from "../../core/remote-address.ts";
import type { Holding } from "../holding.ts";
import type { Table } from "../table/table.ts";
import { ownValue, type Path } from "../text/data-path.ts";
import { type Findings, locateSpot, reportAt } from "../text/findings.ts";
import { didYouMean } from "../text/suggest.ts";
import type { YamlSource } from "../text/yaml-source.ts";
import type { TaskBinding } from "../values/bindings.ts";
import type { Workflow, WorkflowStep } from "../workflow.ts";
import {
  checkAddress,
  checkDataset,
  checkFolderOutput,
  findFolderOutputs,
  foldersAround,
  reportResultsInside,
} from "./folders.ts";
import { type PlacedFile, shownPath } from "./placed-file.ts";

/** More missing files than this are told in one line. */
const mostTold = 20;

interface Surroundings {
  readonly workflow: Workflow;
  readonly table: Table;
}

/** Checks every file that the tasks read: it exists, and no task writes it. */
export async function checkFiles(
  findings: Findings,
  tasks: readonly TaskBinding[],
  around: Surroundings,
): Promise<void> {
  const places = new Map<string, PlacedFile>();
  const folderOutputs = findFolderOutputs(around.workflow);
  for (const task of tasks)
    for (const file of filesOf(findings, task, around)) {
      const { source } = file;
      if (source.type === "output") {
        checkFolderOutput(findings, file, folderOutputs);
        continue;
      }
      if (isRemoteAddress(source.path)) {
        checkAddress(findings, source, file);
        continue;
      }
      if (source.dataset !== undefined) checkDataset(findings, source, file);
      const known = places.get(source.path);
      // where one takes a folder and another does not, the other is told of what stands in its way
      if (known === undefined || (known.takesFolders() && !file.takesFolders()))
        places.set(source.path, file);
    }
  const written = taskFolders(tasks);
  const outer = foldersAround([...written.keys(), join(around.workflow.folder, ".tomoflow")]);
  const toFind: string[] = [];
  for (const [path, { place, takesFolders }] of places) {
    const writer = writerOf(path, written);
    if (writer) reportWritten(findings, path, { writer, location: place(), around });
    else if (outer.has(path) && takesFolders())
      reportResultsInside(findings, path, { location: place(), workflow: around.workflow });
    else toFind.push(path);
  }
  await reportMissing(findings, toFind, { places, around });
}

function filesOf(findings: Findings, task: TaskBinding, around: Surroundings): PlacedFile[] {
  const step = around.workflow.steps.find(({ id }) => id === task.step) as WorkflowStep;
  const at = (path: Path) => () => locateSpot(findings.source, { path });
  const portOf = (port: string) => step.kind.ports(task.parameters).inputs.find(({ name }) => name === port);
  const takesFolders = (port: string): boolean => portOf(port)?.folders === true;
  const ofRows = task.rows.flatMap(({ id, files }) =>
    Object.entries(files).map(([port, source]) => ({
      source,
      takesFolders: () => takesFolders(port),
      takesVolumes: () => holdsVolume(portOf(port)?.holds),
      datasets: step.kind.parts?.datasets?.includes(port) === true,
      place: () => placeOfInput(findings.source, step, { port, row: id, ...around }),
    })),
  );
  const ofParameters = Object.entries(task.parameterFiles).flatMap(([name, sources]) =>
    sources.map((source) => ({
      source,
      takesFolders: () => step.kind.parameters.properties[name]?.["x-folder"] === true,
      takesVolumes: () => holdsVolume(step.kind.parameters.properties[name]?.["x-holds"]),
      datasets: false,
      place: at(["steps", step.id, "with", name]),
    })),
  );
  const ofClasses = Object.entries(task.classFiles).map(([key, source]) => {
    const [field, label] = key.split(".");
    return {
      source,
      takesFolders: () => false,
      takesVolumes: () => field === "mask",
      datasets: false,
      place: at(["classes", label, field]),
    };
  });
  return [...ofRows, ...ofParameters, ...ofClasses];
}

const holdsVolume = (holds: Holding | readonly Holding[] | undefined): boolean =>
  [holds ?? []].flat().some((one) => one === "volume" || one === "labels" || one === "scores");

/** Where the file that a row gives an input is written: its cell, or the value in `with`. */
export function placeOfInput(
  source: YamlSource,
  step: WorkflowStep,
  { port, row, workflow, table }: Surroundings & { port: string; row: string },
): Location {
  const override = ownValue(step.inputOverrides, port);
  const column = /^\$\{\s*row\.([^{}]+)\}$/.exec(String(override))?.[1].trim();
  const tableRow = workflow.rows.find(({ id }) => id === row);
  if (override !== undefined && column === undefined)
    return locateSpot(source, { path: ["steps", step.id, "with", port] });
  return tableRow ? table.locate(tableRow, column ?? port) : step.location;
}

async function reportMissing(
  findings: Findings,
  paths: readonly string[],
  { places, around }: { places: ReadonlyMap<string, PlacedFile>; around: Surroundings },
): Promise<void> {
  const verdicts = await Promise.all(
    paths.filter(isResolved).map(async (path) => [path, await whatIsWrong(path, places.get(path)!)] as const),
  );
  const wrong = verdicts.flatMap(([path, fault]) => (fault ? [{ path, fault }] : []));
  for (const [index, { path, fault }] of wrong.entries()) {
    const location = places.get(path)!.place();
    const shown = shownPath(around.workflow, path);
    if (index === mostTold) {
      const message = `${wrong.length - mostTold} more files are missing`;
      reportAt(
        findings,
        { code: "file-missing", message, hint: "is the folder right, and its disk mounted?" },
        location,
      );
      return;
    }
    const { code, says, hint } = fault;
    reportAt(findings, { code, message: `${shown} ${says}`, hint: await hint?.(path) }, location);
  }
}

/** False where an expression is left in the path: it has been reported itself. */
const isResolved = (path: string): boolean => !/\$\{[^{}]*\}/.test(path);

interface FileFault {
  readonly code: string;
  /** After the name of the file. */
  readonly says: string;
  readonly hint?: (path: string) => string | Promise<string>;
}

const absent: FileFault = { code: "file-missing", says: "does not exist", hint: nearbyFile };

const forbidden: FileFault = {
  code: "no-permission",
  says: "cannot be read: no permission",
  hint: () => "check the owner and mode of the file and its folder",
};

const folder: FileFault = { code: "file-is-folder", says: "is a folder, not a file" };

const emptyFolder: FileFault = {
  code: "file-missing",
  says: "is an empty folder",
  hint: () => "put the files there, or name another folder",
};

const zarrFolder: FileFault = {
  code: "file-is-folder",
  says: "is a folder of Zarr, and no volume is read here",
  hint: () => "name the file that is meant",
};

const special = (what: string): FileFault => ({
  code: "file-not-regular",
  says: `is ${what}, not a file`,
  hint: () => savingHint,
});

/** By its name, or by the files that Zarr 2 and 3 keep in every group and array. */
async function isZarr(path: string): Promise<boolean> {
  if (/\.(ome\.)?zarr$/i.test(path)) return true;
  const names = await readdir(path).catch((): string[] => []);
  return [".zgroup", ".zarray", "zarr.json"].some((name) => names.includes(name));
}

async function whatIsWrong(
  path: string,
  { takesFolders, takesVolumes }: PlacedFile,
): Promise<FileFault | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory() && takesFolders())
      return (await readdir(path)).length > 0 ? undefined : emptyFolder;
    if (found.isDirectory() && (await isZarr(path))) return takesVolumes() ? undefined : zarrFolder;
    if (found.isDirectory()) return folder;
    const instead = insteadOfFile(found);
    if (instead !== undefined) return special(instead);
    await access(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? forbidden : absent;
  }
}

/** The hint for a missing file: one of nearly the same name, or the folder that is not there. */
async function nearbyFile(path: string): Promise<string> {
  try {
    const hint = didYouMean(basename(path), await readdir(dirname(path)));
    return hint ?? "paths are relative to the workflow file";
  } catch {
    return `there is no folder ${dirname(path)}; paths are relative to the workflow file`;
  }
}

function taskFolders(tasks: readonly TaskBinding[]): ReadonlyMap<string, TaskBinding> {
  return new Map(tasks.map((task) => [task.outputFolder, task]));
}

function writerOf(path: string, folders: ReadonlyMap<string, TaskBinding>): TaskBinding | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const writer = folders.get(folder);
    if (writer) return writer;
    if (folder === dirname(folder)) return undefined;
  }
}

function reportWritten(
  findings: Findings,
  path: string,
  { writer, location, around }: { writer: TaskBinding; location: Location; around: Surroundings },
): void {
  const output = Object.entries(writer.outputs).find(([, file]) => file === path)?.[0];
  const shown = shownPath(around.workflow, path);
  const message = output
    ? `${shown} is the output ${output} of step ${writer.step}`
    : `${shown} lies in the folder that step ${writer.step} writes`;
  const hint = output
    ? `write "\${${writer.step}.${output}}" instead of its path, so that tomoflow knows what comes first`
    : "keep inputs apart from results: choose another folder with out, or move the file";
  reportAt(findings, { code: "input-is-output", message, hint }, location);
}
