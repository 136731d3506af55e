/** A workflow and its results as one HTML page that needs nothing else: to keep, to send, to print. */
import { basename } from "node:path";
import type { Workflow } from "../../schema/workflow.ts";
import { drawGraph } from "../drawing/graph-svg.ts";
import { graphViewOf } from "../drawing/graph-view.ts";
import { planProject } from "../planning/plan.ts";
import { openProject, type Project } from "../project.ts";
import type { TaskMetrics } from "../record/history.ts";
import { listRuns } from "../record/runs/list-runs.ts";
import { parametersOf } from "../revisions/lock-parameters.ts";
import type { RecordedRun } from "../run-records.ts";
import { reportPage, type StepParameters } from "./page.ts";
import { readPictures } from "./pictures.ts";
import { type Headline, rowMetrics } from "./row-metrics.ts";
import { layOutTimeline } from "./timeline.ts";

/** What the page of `buildReport` may show beside the lock's own values. */
export interface ReportOptions {
  /** The few numbers of a metrics file that belong to the top of the page. */
  readonly headline?: Headline;
}

/** The page as text. Reads the lock, the pictures that steps wrote and what `plan` reads; throws as `planWorkflow`. */
export async function buildReport(workflow: Workflow, { headline }: ReportOptions = {}): Promise<string> {
  const project = await openProject(workflow);
  try {
    const plan = await planProject(project, {});
    const { graph } = project;
    const metrics = metricsNow(project);
    const top = metrics.whole.length > 0 ? metrics.whole : metrics.single;
    return reportPage({
      workflow,
      tasks: plan.tasks,
      counts: plan.counts,
      headline: top.flatMap(([task, ports]) =>
        Object.values(ports).flatMap((content) =>
          Object.entries(headline?.(content) ?? {}).map(([name, value]) => ({ task, name, value })),
        ),
      ),
      graph: drawGraph(graphViewOf(project, plan, "steps"), { framed: false }),
      timeline: layOutTimeline(
        plan.tasks.map((task) => ({ ...task, dependsOn: graph.byId.get(task.id)!.dependsOn })),
      ),
      metrics: [...metrics.whole, ...metrics.single],
      rowMetrics: metrics.many.flatMap(([step, tasks]) => {
        const table = rowMetrics(tasks, headline);
        return table ? [[step, table] as const] : [];
      }),
      pictures: await readPictures(project),
      parameters: stepParameters(project),
      runs: await lastRuns(project),
      engines: [...new Set(lockedNow(project).flatMap(([, { engine }]) => engine ?? []))],
      versions: [...new Set(lockedNow(project).map(([, { tomoflow }]) => tomoflow))],
    });
  } finally {
    await project.contents.close();
  }
}

/** More than these are not shown. */
const shownRuns = 10;

function lastRuns({ workflow, layout }: Project): Promise<readonly RecordedRun[]> {
  const of = { workflowPath: basename(workflow.path), variant: workflow.variant };
  return listRuns(layout, { of, most: shownRuns });
}

/** Records of the tasks that the workflow still has. */
const lockedNow = ({ graph, lock }: Project) =>
  graph.tasks.flatMap(({ id }) => {
    const locked = lock.get(id);
    return locked ? [[id, locked] as const] : [];
  });

type Metrics = readonly (readonly [name: string, ports: TaskMetrics])[];

/** More rows of a step than these share a table. */
const mostSingle = 3;

/** By task id; those of steps with many rows by step and row. */
function metricsNow(project: Project): {
  readonly whole: Metrics;
  readonly single: Metrics;
  readonly many: readonly (readonly [step: string, rows: Metrics])[];
} {
  const all = lockedNow(project).flatMap(([id, { metrics }]) => (metrics ? [[id, metrics] as const] : []));
  const steps = new Map<string, (readonly [string, TaskMetrics])[]>();
  for (const [id, ports] of all) {
    const [step = "", row] = id.split("@");
    if (row === undefined) continue;
    const rows = steps.get(step);
    if (rows) rows.push([row, ports]);
    else steps.set(step, [[row, ports]]);
  }
  const many = [...steps].filter(([, rows]) => rows.length > mostSingle);
  const isMany = (id: string) => many.some(([step]) => id.startsWith(`${step}@`));
  return {
    whole: all.filter(([id]) => !id.includes("@")),
    single: all.filter(([id]) => id.includes("@") && !isMany(id)),
    many,
  };
}

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
