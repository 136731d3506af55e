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
  /** The way around what lies between, pixels. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

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
  return {
    places,
    arrows: arrows.map(({ from, to }) => ({
      from,
      to,
      points: graph.edge(from, to).points as Arrow["points"],
    })),
  };
}

/** A smooth line through the middles between points, from the first to the last, as SVG. */
export function pathThrough(points: Arrow["points"]): string {
  const [first, ...rest] = points;
  if (!first || rest.length === 0) return "";
  const last = rest.at(-1)!;
  const middles = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!;
    const end = index === rest.length - 2 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x},${point.y} ${end.x},${end.y}`;
  });
  return `M${first.x},${first.y} ${middles.length > 0 ? middles.join(" ") : `L${last.x},${last.y}`}`;
}
