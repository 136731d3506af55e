/** Where the steps of a workflow lie: layers from top to bottom, few crossings (dagre). Without the DOM. */
import { Graph, layout } from "@dagrejs/dagre";

export const nodeSize = { width: 232, height: 76 } as const;

export interface PlacedStep {
  readonly id: string;
  /** Upper left corner, pixels. */
  readonly x: number;
  readonly y: number;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** Arrows that only repeat a longer way are left out. */
export function layOutSteps(
  steps: readonly { readonly id: string; readonly dependsOn: readonly string[] }[],
): { readonly places: readonly PlacedStep[]; readonly arrows: readonly Arrow[] } {
  const known = new Set(steps.map(({ id }) => id));
  const before = new Map(steps.map(({ id, dependsOn }) => [id, dependsOn.filter((each) => known.has(each))]));
  const arrows = steps.flatMap(({ id }) => before.get(id)!.map((from) => ({ from, to: id })));
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 32, ranksep: 36, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of steps) graph.setNode(id, { ...nodeSize });
  for (const { from, to } of arrows) graph.setEdge(from, to);
  layout(graph);
  const places = steps.map(({ id }) => {
    const { x, y } = graph.node(id) as { x: number; y: number };
    return { id, x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 };
  });
  return { places, arrows };
}
