/** The tasks that `--only` and `--force` name. */
import { TomoflowError } from "../../core/error.ts";
import { didYouMean, didYouMeanOrList } from "../../schema/text/suggest.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { TaskGraph } from "./graph.ts";

interface Named {
  readonly graph: TaskGraph;
  readonly workflow: Workflow;
}

/**
 * The tasks named by `step` or `step@row`, and with `withUpstream` every task that they need. Throws `unknown-task`, for a
 * name that fits none, and `step-disabled`.
 */
export function selectTasks(
  { graph, workflow }: Named,
  names: readonly string[],
  options: { withUpstream: boolean },
): ReadonlySet<string> {
  const selected = new Set<string>();
  const add = (id: string) => {
    if (selected.has(id)) return;
    selected.add(id);
    if (options.withUpstream) graph.byId.get(id)?.dependsOn.forEach(add);
  };
  for (const name of names) {
    const matching = graph.byId.has(name)
      ? [{ id: name }]
      : graph.tasks.filter(({ step }) => step.id === name);
    if (matching.length === 0) throw unknownTask({ graph, workflow }, name);
    for (const { id } of matching) add(id);
  }
  return selected;
}

/** What is to be run again must be among what is to be run. Throws `forced-not-selected`. */
export function forcedTasks(
  project: Named,
  names: readonly string[],
  wanted: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const forced = new Set<string>();
  for (const name of names) {
    const ids = [...selectTasks(project, [name], { withUpstream: false })];
    const inside = wanted ? ids.filter((id) => wanted.has(id)) : ids;
    if (inside.length === 0)
      throw new TomoflowError("forced-not-selected", `--force ${name} is not among what --only leaves`, {
        hint: `add --only ${name}, or leave --only out`,
      });
    for (const id of inside) forced.add(id);
  }
  return forced;
}

function unknownTask({ graph, workflow }: Named, name: string): TomoflowError {
  const [stepId, row] = splitName(name);
  const step = workflow.steps.find(({ id }) => id === stepId);
  if (step && !step.enabled)
    return new TomoflowError("step-disabled", `step ${stepId} is disabled`, {
      hint: `remove enabled: false of step ${stepId} to run it`,
    });
  if (!step) return unknownStep(graph, { name, row });
  if (row !== undefined && step.kind.scope === "table")
    return new TomoflowError(
      "unknown-task",
      `step ${stepId} runs once for all rows, so there is no ${name}`,
      {
        hint: `name ${stepId}`,
      },
    );
  const rows = graph.tasks.flatMap(({ step: { id }, binding }) => (id === stepId ? [binding.row ?? ""] : []));
  if (row === undefined)
    return new TomoflowError("unknown-task", `step ${stepId} has no rows, so no tasks`, {
      hint: "look at its where, and at that of the steps it reads from",
    });
  const isLeftOut = workflow.rows.some(({ id }) => id === row);
  return new TomoflowError(
    "unknown-task",
    isLeftOut ? `step ${stepId} leaves row ${row} out` : `step ${stepId} has no row ${row}`,
    {
      hint: isLeftOut
        ? "look at its where, and at that of the steps it reads from"
        : rows.length > 12
          ? didYouMeanOrList(row, rows, "its rows are")
          : `its rows are ${rows.join(", ")}`,
    },
  );
}

/** A row's id may not hold `@`, a step's neither. */
function splitName(name: string): [step: string, row: string | undefined] {
  const at = name.indexOf("@");
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

function unknownStep(
  graph: TaskGraph,
  { name, row }: { readonly name: string; readonly row: string | undefined },
): TomoflowError {
  const steps = [...new Set(graph.tasks.map(({ step }) => step.id))];
  const isRow = graph.tasks.find(({ binding }) => binding.row === name);
  const meant = isRow
    ? `${name} is a row: name a step and it, e.g. ${isRow.id}`
    : didYouMean(row === undefined ? name : splitName(name)[0], steps);
  return new TomoflowError("unknown-task", `there is no step ${splitName(name)[0]}`, {
    hint:
      meant ??
      `name a step (${steps.join(", ")}) or one of its tasks, e.g. ${graph.tasks[0]?.id ?? "segment@t0"}`,
  });
}
