import { type Command, Option } from "commander";
import {
  drawGraph,
  drawRails,
  type GraphNode,
  type GraphView,
  mermaidGraph,
  viewGraph,
} from "../runner/drawing/index.ts";
import { count, formatTable, paint, type Style, writeJson, writeLine } from "./output.ts";
import { openWorkflow, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface GraphFlags extends WorkflowFlags {
  readonly format: "text" | "mermaid" | "svg";
  readonly tasks?: boolean;
  readonly json?: boolean;
}

export function registerGraphCommand(program: Command): void {
  withWorkflow(program.command("graph"))
    .description("Show the steps of a workflow, what reads what, and how far each is.")
    .addOption(
      new Option("--format <format>", "how to draw it").choices(["text", "mermaid", "svg"]).default("text"),
    )
    .option("--tasks", "every task instead of every step")
    .option("--json", "print {workflow, of, nodes, counts} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: GraphFlags) => {
      const workflow = await openWorkflow(path, flags);
      if (!workflow) return;
      const view = await viewGraph(workflow, { of: flags.tasks ? "tasks" : "steps" });
      if (flags.json) writeJson(view);
      else writeLine(drawnAs[flags.format](view));
    });
}

const examples = `
Examples:
  tomoflow graph chlamy.yaml
  tomoflow graph chlamy.yaml --format svg > graph.svg
  tomoflow graph chlamy.yaml --format mermaid --tasks`;

const drawnAs: Readonly<Record<GraphFlags["format"], (view: GraphView) => string>> = {
  text: graphText,
  mermaid: mermaidGraph,
  svg: (view) => drawGraph(view).trimEnd(),
};

/** Hundreds of tasks side by side leave no room for their names: then without rails. */
const widestRails = 24;

/** A line a node: rails, name, states, and what it reads. */
function graphText(view: GraphView): string {
  const lines = drawRails(view.nodes);
  const tooWide = lines.some(({ rails }) => rails.length > widestRails);
  const showKinds = view.of === "steps" && view.nodes.some((node) => kindText(node) !== "");
  const rows = lines.map(({ rails, node }) => [
    `${tooWide ? "●" : rails}  ${paint("bold", node.id)}`,
    ...(showKinds ? [kindText(node)] : []),
    node.disabled ? paint("dim", "disabled") : statesText(node, view.of),
    node.dependsOn.length > 0 ? paint("dim", `reads ${readsText(node.dependsOn)}`) : "",
  ]);
  const total = Object.values(view.counts).reduce((sum, number) => sum + number, 0);
  return `${formatTable(rows)}\n\n${paint("bold", view.workflow)}: ${count(total, "task")}`;
}

const kindText = ({ id, kind }: GraphNode): string => (kind === id ? "" : kind);

/** Names longer than a line are counted. */
function readsText(ids: readonly string[]): string {
  const text = ids.join(", ");
  return text.length <= 30 ? text : `${ids[0]} and ${ids.length - 1} more`;
}

const states: readonly (readonly [keyof GraphNode["counts"], Style, string])[] = [
  ["fresh", "green", "fresh"],
  ["restore", "cyan", "to restore"],
  ["run", "yellow", "to run"],
  ["pending", "dim", "waiting"],
];

const statesText = ({ counts }: GraphNode, of: GraphView["of"]): string =>
  states
    .filter(([state]) => counts[state] > 0)
    .map(([state, style, word]) => paint(style, of === "tasks" ? word : `${counts[state]} ${word}`))
    .join(", ");
