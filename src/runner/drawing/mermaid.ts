/** The graph of a workflow in the language of Mermaid, which GitHub and GitLab draw in Markdown. */
import type { TaskState } from "../events.ts";
import type { GraphNode, GraphView } from "./graph-view.ts";
import { countsText, stateOrder } from "./state-colors.ts";

/** A flowchart from left to right, without a code fence; every node tells the number of its tasks by state. */
export function mermaidGraph({ nodes }: GraphView): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const lines = nodes.flatMap((node) => {
    const name = names.get(node.id)!;
    const box = `  ${name}["${escapeLabel(node.id)}<br/>${countsText(node.counts) || "disabled"}"]:::${classOf(node)}`;
    return [box, ...node.dependsOn.map((before) => `  ${names.get(before)} --> ${name}`)];
  });
  return ["flowchart LR", ...lines, ...classes].join("\n");
}

/** The state that matters most: what is to be done before what is done. */
function classOf({ counts, disabled }: GraphNode): TaskState | "disabled" {
  if (disabled) return "disabled";
  const matters: readonly TaskState[] = ["run", "pending", "restore", "fresh"];
  return matters.find((state) => counts[state] > 0) ?? stateOrder[0]!;
}

const escapeLabel = (text: string): string =>
  text.replace(/[^A-Za-z0-9_. -]/g, (character) => `#${character.codePointAt(0)};`);

const classes = [
  "  classDef fresh fill:#d9f2e3,stroke:#2f9e5f,color:#123",
  "  classDef restore fill:#d8ebf9,stroke:#2f86c6,color:#123",
  "  classDef run fill:#fdeecf,stroke:#e39a14,color:#123",
  "  classDef pending fill:#eceff2,stroke:#a3adb8,color:#123",
  "  classDef disabled fill:#f8f9fa,stroke:#c9d1d9,color:#789,stroke-dasharray:4 3",
];
