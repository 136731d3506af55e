/** Pictures of a workflow: for the terminal, as Mermaid, as SVG. A door of its own: `tomoflow run` draws nothing. */
export { drawRails, type RailLine } from "./graph-rails.ts";
export { drawGraph } from "./graph-svg.ts";
export { type GraphNode, type GraphView, viewGraph } from "./graph-view.ts";
export { mermaidGraph } from "./mermaid.ts";
