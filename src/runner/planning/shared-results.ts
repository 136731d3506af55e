/** Warns of a workflow, copied from another in its folder perhaps, that writes over the results of that one. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Diagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { Project } from "../project.ts";
import { toProjectPath } from "../store/layout.ts";
import type { Task } from "../tasks/graph.ts";

const lockEnding = ".lock.yaml";

/** `tasks` are those whose results are about to be written. A lock that cannot be read is not looked at. */
export async function sharedResults(
  tasks: readonly Task[],
  { layout }: Project,
): Promise<readonly Diagnostic[]> {
  if (tasks.length === 0) return [];
  const names = await readdir(layout.project).catch(() => [] as string[]);
  const own = basename(layout.lock);
  const others = names.filter((name) => name.endsWith(lockEnding) && name !== own);
  const found = await Promise.all(
    others.map(async (name) => {
      const workflow = workflowOf(name, names);
      if (workflow === undefined || workflow === workflowOf(own, names)) return [];
      const text = await readFile(join(layout.project, name), "utf8").catch(() => "");
      const task = oneOfEachStep(tasks).find((each) => isIn(text, toProjectPath(layout, firstOutput(each))));
      return task ? [warning(workflow, task, layout)] : [];
    }),
  );
  return found.flat();
}

/** File of the workflow that a lock belongs to, also to a variant of it; undefined when it is gone. */
function workflowOf(lock: string, names: readonly string[]): string | undefined {
  const stem = lock.slice(0, -lockEnding.length);
  const stems = [stem, stem.split("@")[0]];
  return names.find((name) => /\.ya?ml$/.test(name) && stems.includes(name.replace(/\.ya?ml$/, "")));
}

const oneOfEachStep = (tasks: readonly Task[]): readonly Task[] =>
  [...new Map(tasks.toReversed().map((task) => [task.step.id, task])).values()].toReversed();

const firstOutput = ({ binding }: Task): string => Object.values(binding.outputs)[0] ?? binding.outputFolder;

/** As the lock writes a file. */
const isIn = (text: string, path: string): boolean =>
  text.includes(`{path: ${path},`) || text.includes(`{path: ${JSON.stringify(path)},`);

function warning(workflow: string, { binding, step }: Task, layout: Project["layout"]): Diagnostic {
  const folder = binding.row === undefined ? binding.outputFolder : dirname(binding.outputFolder);
  const place = toProjectPath(layout, folder);
  return warningDiagnostic(
    "results-shared",
    `${workflow} has its results in ${place}, too: each run puts its own in their place`,
    {
      location: step.location,
      hint: "give one of the workflows another `name`, or its steps another `out`; what is replaced stays in the cache",
    },
  );
}
