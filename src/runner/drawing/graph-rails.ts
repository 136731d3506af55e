/**
 * The graph of a workflow as lines for a terminal, like `git log --graph` from top to bottom: a dot a node, a rail for
 * every node that later ones still read.
 */
import type { GraphNode } from "./graph-view.ts";

export interface RailLine {
  readonly node: GraphNode;
  /** `├─●`: two columns a rail. */
  readonly rails: string;
  /** The rails that go on below this line, for text in between. */
  readonly between: string;
}

/** `nodes` in dependency order. */
export function drawRails(nodes: readonly GraphNode[]): readonly RailLine[] {
  const lastReader = new Map<string, number>();
  nodes.forEach(({ dependsOn }, index) => {
    for (const id of dependsOn) lastReader.set(id, index);
  });
  /** Rail -> the node whose result it stands for. */
  const rails: (string | undefined)[] = [];
  return nodes.map((node, index) => {
    const before = rails.flatMap((id, rail) =>
      id !== undefined && node.dependsOn.includes(id) ? [rail] : [],
    );
    const ends = (rail: number) => lastReader.get(rails[rail]!) === index;
    const place = before.find(ends) ?? freeRail(rails);
    const text = lineOf({ rails, place, before, ends });
    for (const rail of before) if (ends(rail)) rails[rail] = undefined;
    rails[place] = lastReader.has(node.id) ? node.id : undefined;
    while (rails.length > 0 && rails.at(-1) === undefined) rails.pop();
    return { node, rails: text, between: rails.map((id) => (id === undefined ? "  " : "│ ")).join("") };
  });
}

function freeRail(rails: readonly (string | undefined)[]): number {
  const free = rails.indexOf(undefined);
  return free < 0 ? rails.length : free;
}

interface RailState {
  readonly rails: readonly (string | undefined)[];
  /** Of the node. */
  readonly place: number;
  /** Rails that the node reads. */
  readonly before: readonly number[];
  /** No later node reads this rail. */
  readonly ends: (rail: number) => boolean;
}

function lineOf({ rails, place, before, ends }: RailState): string {
  const joined = before.filter((rail) => rail !== place);
  const [least, most] = [Math.min(place, ...joined), Math.max(place, ...joined)];
  let text = "";
  for (let rail = 0; rail < Math.max(rails.length, place + 1); rail++) {
    const inside = rail > least && rail < most;
    if (rail === place) text += "●";
    else if (joined.includes(rail)) text += corner({ inside, left: rail < place, ends: ends(rail) });
    else if (rails[rail] !== undefined) text += "│";
    else text += inside ? "─" : " ";
    text += rail >= least && rail < most ? "─" : " ";
  }
  return text.trimEnd();
}

function corner({ inside, left, ends }: { inside: boolean; left: boolean; ends: boolean }): string {
  if (inside) return ends ? "┴" : "┼";
  if (left) return ends ? "╰" : "├";
  return ends ? "╯" : "┤";
}
