/** Where the results go: folders of their own, inside what the user meant. */
import { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import { isFolderOutput } from "../folder-ports.ts";
import { holdingOf, type OutputPort } from "../step-description.ts";
import { asMap, valueAt } from "../text/data-path.ts";
import { pathFault, shownName } from "../text/file-name.ts";
import { type Findings, type Mistake, report, warn } from "../text/findings.ts";
import type { TaskBinding } from "../values/bindings.ts";
import { placeFinder } from "./real-place.ts";

/** Notes an `out` that leaves the project by `..`, or is a folder that tomoflow needs. Absolute paths are fine. */
export function checkOut(
  findings: Findings,
  stepId: string,
  { out, folder }: { out: unknown; folder: string },
): void {
  if (typeof out !== "string") return;
  const mistake = wrongOut(out, folder);
  if (!mistake) return;
  const hint = "name a folder below the workflow file, e.g. results/run1, or an absolute path";
  report(
    findings,
    {
      code: "unsafe-out",
      message: `out of step ${stepId}${mistake.startsWith(":") ? "" : " "}${mistake}`,
      hint,
    },
    { path: ["steps", stepId, "out"] },
  );
}

/** What is wrong with `out`; undefined when nothing is. */
export function wrongOut(out: string, folder: string): string | undefined {
  const fault = pathFault(out);
  if (fault !== undefined) return fault;
  if (out.split(/[\\/]/).includes("..")) return `must not hold .. (${out})`;
  const inside = relative(folder, resolve(folder, out));
  if (inside === "") return "is the folder of the workflow itself";
  if (folder.startsWith(resolve(folder, out) + sep)) return "holds the workflow itself";
  if (inside.split(sep)[0] === ".tomoflow") return "is where tomoflow keeps its cache";
  return undefined;
}

/** Notes output files that leave their folder, or two outputs of a step in one file. */
export function checkOutputPorts(findings: Findings, stepId: string, outputs: readonly OutputPort[]): void {
  const seen = new Map<string, string>();
  for (const port of outputs) {
    const { name, file } = port;
    const spot = { path: ["steps", stepId, "with"], part: "key" } as const;
    const path = normalize(file).replace(/[\\/]+$/, "");
    const fault = pathFault(file);
    if (fault !== undefined) {
      const hint = "give the file another name";
      const message = `the file of output ${name} of step ${stepId}, ${shownName(file)}, ${fault.replace(/^: /, "")}`;
      report(findings, { code: "unsafe-output", message, hint }, spot);
    } else if (isAbsolute(file) || path.split(sep).includes("..") || path === "." || path === "") {
      const hint = "an output is a file or folder inside the results folder: give a plain name";
      report(
        findings,
        { code: "unsafe-output", message: `output ${name} of step ${stepId} cannot be ${file}`, hint },
        spot,
      );
    } else if (seen.has(path)) {
      const message = `outputs ${seen.get(path)} and ${name} of step ${stepId} are both ${file}`;
      report(findings, { code: "shared-output", message, hint: "give each a file of its own" }, spot);
    } else if (isFolderOutput(port) && holdingOf(port) === "metrics") {
      const message = `the output ${name} of step ${stepId} is marked as metrics and is a folder`;
      const hint = "write a JSON file as an output of its own, and mark that";
      report(findings, { code: "unsafe-output", message, hint }, spot);
    }
    seen.set(path, name);
  }
  checkNesting(findings, stepId, seen);
}

/** A folder counts as a whole, so that nothing in it can be an output of its own. */
function checkNesting(findings: Findings, stepId: string, outputs: ReadonlyMap<string, string>): void {
  for (const [path, name] of outputs)
    for (let above = dirname(path); above !== "." && above !== dirname(above); above = dirname(above)) {
      const outer = outputs.get(above);
      if (outer === undefined) continue;
      const message = `the output ${name} of step ${stepId} lies inside the output ${outer}`;
      const hint = "read it from that folder, or write it beside";
      report(
        findings,
        { code: "shared-output", message, hint },
        { path: ["steps", stepId, "with"], part: "key" },
      );
    }
}

/**
 * Notes two steps that write into one folder, or one inside the folder of the other's task, and an `out` that links lead to
 * what it may not touch: the places count, not how they are written.
 */
export function checkOutputFolders(findings: Findings, tasks: readonly TaskBinding[]): void {
  const placeOf = placeFinder();
  const placed = tasks.map((task) => ({ task, place: placeOf(task.outputFolder) }));
  const owners = new Map<string, TaskBinding>();
  const told = new Set<string>();
  const tell = (task: TaskBinding, other: TaskBinding, what: string) => {
    if (told.has(other.step)) return;
    told.add(other.step);
    const later = outOf(findings, task.step) !== undefined ? task : other;
    const hint = "give each step a folder of its own with out, or leave out away";
    report(findings, { code: "shared-folder", message: what, hint }, { path: ["steps", later.step, "out"] });
  };
  for (const { task, place } of placed) {
    const other = owners.get(place);
    if (other && other.step !== task.step)
      tell(task, other, `steps ${other.step} and ${task.step} both write to ${shown(findings, task)}`);
    owners.set(place, other ?? task);
  }
  for (const { task, place } of placed)
    for (let folder = dirname(place); folder !== dirname(folder); folder = dirname(folder)) {
      const outer = owners.get(folder);
      if (outer && outer.step !== task.step)
        tell(
          task,
          outer,
          `step ${task.step} writes inside the folder of step ${outer.step}, ${shown(findings, outer)}`,
        );
    }
  checkPlaces(findings, placed, placeOf);
}

type PlaceOf = (path: string) => string;

/** One finding a step. */
function checkPlaces(
  findings: Findings,
  placed: readonly { readonly task: TaskBinding; readonly place: string }[],
  placeOf: PlaceOf,
): void {
  const folder = dirname(resolve(findings.source.file));
  const inputs = inputPlaces(
    placed.map(({ task }) => task),
    placeOf,
  );
  const told = new Set<string>();
  for (const { task, place } of placed) {
    if (told.has(task.step)) continue;
    const mistake =
      outputOnInput(task, place, inputs) ?? forbiddenPlace(task, place, { folder, placeOf, findings });
    if (mistake) {
      told.add(task.step);
      report(findings, mistake, { path: ["steps", task.step, "out"] });
    } else if (isWithin(task.outputFolder, folder) && !isWithin(place, placeOf(folder))) {
      told.add(task.step);
      const message = `${shown(findings, task)} is elsewhere: a link leads to ${place}`;
      const hint = `if that is meant, say so with out: ${resultsRoot(task, place)}, or checkout will not write there`;
      warn(findings, { code: "out-elsewhere", message, hint }, { path: ["steps", task.step, "out"] });
    }
  }
}

const resultsRoot = ({ row }: TaskBinding, place: string): string =>
  row === undefined ? place : dirname(place);

const isWithin = (path: string, folder: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);

function forbiddenPlace(
  task: TaskBinding,
  place: string,
  { folder, placeOf, findings }: { folder: string; placeOf: PlaceOf; findings: Findings },
): Mistake | undefined {
  const [project, cache] = [placeOf(folder), placeOf(join(folder, ".tomoflow"))];
  const fault = isWithin(place, cache)
    ? "is where tomoflow keeps its cache"
    : isWithin(project, place)
      ? "holds the workflow itself"
      : undefined;
  if (fault === undefined) return undefined;
  const message = `the results folder ${shown(findings, task)} of step ${task.step} leads to ${place}, which ${fault}`;
  return { code: "unsafe-out", message, hint: "give the step another folder with out, or remove the link" };
}

/** By place, the name as it is written: both of a link and of what it leads to. */
function inputPlaces(tasks: readonly TaskBinding[], placeOf: PlaceOf): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const { rows, parameterFiles, classFiles } of tasks)
    for (const source of [
      ...rows.flatMap(({ files }) => Object.values(files)),
      ...Object.values(parameterFiles).flat(),
      ...Object.values(classFiles),
    ])
      if (source.type === "file") {
        places.set(placeOf(source.path), source.path);
        places.set(join(placeOf(dirname(source.path)), basename(source.path)), source.path);
      }
  return places;
}

function outputOnInput(
  { step, outputs, outputFolder }: TaskBinding,
  place: string,
  inputs: ReadonlyMap<string, string>,
): Mistake | undefined {
  for (const [port, path] of Object.entries(outputs)) {
    const input = inputs.get(join(place, relative(outputFolder, path)));
    // one that is written the same is told where it is named
    if (input === undefined || input === path) continue;
    const message = `the output ${port} of step ${step} would take the place of the input ${input}`;
    return { code: "output-on-input", message, hint: "give the step another folder with out" };
  }
  return undefined;
}

const outOf = (findings: Findings, stepId: string): unknown =>
  asMap(valueAt(findings.source.value, ["steps", stepId])).out;

const shown = (findings: Findings, { outputFolder }: TaskBinding): string =>
  relative(resolve(dirname(findings.source.file)), outputFolder) || join(outputFolder);
