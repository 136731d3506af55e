import { holdingOf } from "../schema/step-description.ts";
import type { Workflow } from "../schema/workflow.ts";

/** Names of the output ports that hold metrics, by step id; a step whose ports cannot be told yet has none. */
export function metricsPortsOf(workflow: Workflow): ReadonlyMap<string, readonly string[]> {
  return new Map(
    workflow.steps.map(({ id, kind, parameters }) => [id, metricsPorts(() => kind.ports(parameters))]),
  );
}

function metricsPorts(
  ports: () => ReturnType<Workflow["steps"][number]["kind"]["ports"]>,
): readonly string[] {
  try {
    return ports()
      .outputs.filter((port) => holdingOf(port) === "metrics")
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
