/** Workflows to begin from, for `tomoflow init` and the studio: the starter, and those that come with the program. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TomoflowError } from "../core/error.ts";
import { newWorkflowName, schemaPathFrom } from "./new-workflow.ts";
import { starterWorkflow } from "./starter-workflow.ts";

/** From src/ and from dist/ alike. */
const packageFolder = fileURLToPath(new URL("../../", import.meta.url));

export interface WorkflowTemplate {
  /** As `tomoflow init --template` takes it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

const starter: WorkflowTemplate = {
  name: "starter",
  title: "Starter",
  description: "The whole method in few lines, each explained: target, train, segment, cluster.",
};

/** Small ones that run in minutes without any data. */
const examples: readonly (WorkflowTemplate & { readonly file: string })[] = [
  {
    name: "quickstart",
    title: "Quick start",
    description:
      "Simulated tomograms, a small network: the whole method in a few minutes, to see how it goes.",
    file: "examples/quickstart/workflow.yaml",
  },
];

export async function listTemplates(): Promise<readonly WorkflowTemplate[]> {
  const ready = await readyWorkflows();
  return [starter, ...ready, ...examples].map(({ name, title, description }) => ({
    name,
    title,
    description,
  }));
}

/**
 * The text of a new workflow at `path`, absolute. Throws `unknown-template`.
 */
export async function textOfTemplate(name: string, path: string): Promise<string> {
  if (name === starter.name) return starterWorkflow(newWorkflowName(path), schemaPathFrom(dirname(path)));
  const template = [...(await readyWorkflows()), ...examples].find((each) => each.name === name);
  if (template === undefined)
    throw new TomoflowError("unknown-template", `there is no template ${name}`, {
      hint: `choose one of ${(await listTemplates()).map((each) => each.name).join(", ")}`,
    });
  const text = await readFile(join(packageFolder, template.file), "utf8");
  return text
    .replace(
      /(# yaml-language-server: \$schema=).*/,
      (_, start: string) => start + schemaPathFrom(dirname(path)),
    )
    .replace(/^name: .*$/m, () => `name: ${JSON.stringify(newWorkflowName(path))}`);
}

/** Those that most begin from, before the others. */
const offeredFirst = ["deepfinder.yaml", "recommended.yaml"];
const placeOf = (file: string): number => -offeredFirst.indexOf(file);

/** Each file of workflows/, told by its first comment. */
async function readyWorkflows(): Promise<readonly (WorkflowTemplate & { readonly file: string })[]> {
  const names = await readdir(join(packageFolder, "workflows")).catch(() => [] as string[]);
  const files = names.filter((name) => name.endsWith(".yaml") && !name.endsWith(".lock.yaml"));
  files.sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
  return Promise.all(
    files.map(async (name) => {
      const file = `workflows/${name}`;
      const text = await readFile(join(packageFolder, file), "utf8");
      const title = basename(name, ".yaml");
      return { name: title, title: titled(title), description: firstComment(text), file };
    }),
  );
}

const titled = (name: string): string => (name === "deepfinder" ? "DeepFinder" : name.replaceAll("-", " "));

/** The first words of a file that explain it. */
function firstComment(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("# yaml-language-server"));
  const from = lines.findIndex((line) => /^# \S/.test(line));
  const to = lines.findIndex((line, index) => index > from && !/^# \S/.test(line));
  return lines
    .slice(Math.max(0, from), to < 0 ? from + 1 : to)
    .map((line) => line.replace(/^# /, ""))
    .join(" ");
}
