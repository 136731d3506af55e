/** Where the results go: folders of their own, inside what the user meant. */
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import type { OutputPort } from "../step-description.ts";
import { asMap, valueAt } from "../text/data-path.ts";
import { pathFault, shownName } from "../text/file-name.ts";
import { type Findings, report } from "../text/findings.ts";
import type { TaskBinding } from "../values/bindings.ts";

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
  for (const { name, file } of outputs) {
    const spot = { path: ["steps", stepId, "with"], part: "key" } as const;
    const path = normalize(file);
    const fault = pathFault(file);
    if (fault !== undefined) {
      const hint = "give the file another name";
      const message = `the file of output ${name} of step ${stepId}, ${shownName(file)}, ${fault.replace(/^: /, "")}`;
      report(findings, { code: "unsafe-output", message, hint }, spot);
    } else if (isAbsolute(file) || path.split(sep).includes("..") || path === ".") {
      const hint = "an output is a file inside the results folder: give a plain name";
      report(
        findings,
        { code: "unsafe-output", message: `output ${name} of step ${stepId} cannot be ${file}`, hint },
        spot,
      );
    } else if (seen.has(path)) {
      const message = `outputs ${seen.get(path)} and ${name} of step ${stepId} are both ${file}`;
      report(findings, { code: "shared-output", message, hint: "give each a file of its own" }, spot);
    }
    seen.set(path, name);
  }
}

/** Notes two steps that write into one folder, or one inside the folder of the other's task. */
export function checkOutputFolders(findings: Findings, tasks: readonly TaskBinding[]): void {
  const owners = new Map<string, TaskBinding>();
  const told = new Set<string>();
  const tell = (task: TaskBinding, other: TaskBinding, what: string) => {
    if (told.has(other.step)) return;
    told.add(other.step);
    const later = outOf(findings, task.step) !== undefined ? task : other;
    const hint = "give each step a folder of its own with out, or leave out away";
    report(findings, { code: "shared-folder", message: what, hint }, { path: ["steps", later.step, "out"] });
  };
  for (const task of tasks) {
    const other = owners.get(task.outputFolder);
    if (other && other.step !== task.step)
      tell(task, other, `steps ${other.step} and ${task.step} both write to ${shown(findings, task)}`);
    owners.set(task.outputFolder, other ?? task);
  }
  for (const task of tasks)
    for (let folder = dirname(task.outputFolder); folder !== dirname(folder); folder = dirname(folder)) {
      const outer = owners.get(folder);
      if (outer && outer.step !== task.step)
        tell(
          task,
          outer,
          `step ${task.step} writes inside the folder of step ${outer.step}, ${shown(findings, outer)}`,
        );
    }
}

const outOf = (findings: Findings, stepId: string): unknown =>
  asMap(valueAt(findings.source.value, ["steps", stepId])).out;

const shown = (findings: Findings, { outputFolder }: TaskBinding): string =>
  relative(resolve(dirname(findings.source.file)), outputFolder) || join(outputFolder);
