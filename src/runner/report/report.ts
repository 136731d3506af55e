/** A workflow and its results as one HTML page that needs nothing else: to keep, to send, to print. */
import type { Workflow } from "../../schema/workflow.ts";
import { drawGraph } from "../drawing/graph-svg.ts";
import { graphViewOf } from "../drawing/graph-view.ts";
import type { TaskMetrics } from "../history.ts";
import { planProject } from "../plan.ts";
import { openProject, type Project } from "../project.ts";
import { parametersOf } from "../revisions/lock-parameters.ts";
import { reportPage, type StepParameters } from "./page.ts";
import { readPictures } from "./pictures.ts";
import { layOutTimeline } from "./timeline.ts";

export interface ReportOptions {
  /** The few numbers of a metrics file that belong to the top of the page. */
  readonly headline?: (content: unknown) => Readonly<Record<string, number>>;
}

/** The page as text. Reads the lock, the pictures that steps wrote and what `plan` reads; throws as `planWorkflow`. */
export async function buildReport(workflow: Workflow, { headline }: ReportOptions = {}): Promise<string> {
  const project = await openProject(workflow);
  try {
    const plan = await planProject(project, {});
    const { graph } = project;
    const metrics = metricsNow(project);
    return reportPage({
      workflow,
      tasks: plan.tasks,
      counts: plan.counts,
      headline: metrics.flatMap(([task, ports]) =>
        Object.values(ports).flatMap((content) =>
          Object.entries(headline?.(content) ?? {}).map(([name, value]) => ({ task, name, value })),
        ),
      ),
      graph: drawGraph(graphViewOf(project, plan, "steps"), { framed: false }),
      timeline: layOutTimeline(
        plan.tasks.map((task) => ({ ...task, dependsOn: graph.byId.get(task.id)!.dependsOn })),
      ),
      metrics,
      pictures: await readPictures(project),
      parameters: stepParameters(project),
      engines: [...new Set(lockedNow(project).flatMap(([, { engine }]) => engine ?? []))],
      versions: [...new Set(lockedNow(project).map(([, { tomoflow }]) => tomoflow))],
    });
  } finally {
    await project.contents.close();
  }
}

/** Records of the tasks that the workflow still has. */
const lockedNow = ({ graph, lock }: Project) =>
  graph.tasks.flatMap(({ id }) => {
    const locked = lock.get(id);
    return locked ? [[id, locked] as const] : [];
  });

const metricsNow = (project: Project): readonly (readonly [string, TaskMetrics])[] =>
  lockedNow(project).flatMap(([id, { metrics }]) => (metrics ? [[id, metrics] as const] : []));

/** By step, in the order of the workflow; with the default of each, to show what was chosen. */
function stepParameters(project: Project): readonly StepParameters[] {
  const [values] = parametersOf([new Map(lockedNow(project))]);
  return project.workflow.steps.map(({ id, kind }) => ({
    step: id,
    kind: kind.name,
    summary: kind.summary,
    values: [...values!]
      .filter(([name]) => name.startsWith(`${id}.`) || name.startsWith(`${id}@`))
      .map(([name, value]) => {
        const own = name.slice(id.length).replace(/^\./, "");
        const [parameter, ...inside] = own.slice(own.startsWith("@") ? own.indexOf(".") + 1 : 0).split(".");
        const schema = kind.parameters.properties[parameter!];
        const chosen = schema !== undefined && !matchesDefault(valueIn(schema.default, inside), value);
        return { name: own, value, chosen, unit: schema?.["x-unit"] };
      }),
  }));
}

const valueIn = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);

/** A list is compared as the text that stands for it. */
const matchesDefault = (byDefault: unknown, value: unknown): boolean =>
  (Array.isArray(byDefault) ? JSON.stringify(byDefault) : byDefault) === value;
