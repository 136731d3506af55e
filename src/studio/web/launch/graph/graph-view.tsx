import "@xyflow/react/dist/base.css";
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  type EdgeProps,
  type EdgeTypes,
  MarkerType,
  type NodeTypes,
  ReactFlow,
  type ReactFlowInstance,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { leftWords } from "../amounts.ts";
import { useLaunch } from "../launch-store.ts";
import { etaSeconds, type ShownStep } from "../task-view.ts";
import styles from "./graph.module.css";
import { layOutSteps, nodeSize, pathThrough } from "./graph-layout.ts";
import { StepNode, type StepNodeType } from "./step-node.tsx";

const nodeTypes: NodeTypes = { step: StepNode };

type WayEdge = Edge<{ readonly path: string }, "way">;

/** An arrow around the steps that lie between. */
const edgeTypes: EdgeTypes = {
  way: ({ id, data, markerEnd }: EdgeProps<WayEdge>) => (
    <BaseEdge id={id} path={data?.path ?? ""} markerEnd={markerEnd} />
  ),
};

/** The steps and what reads what; a step stands for all its tasks, so that a thousand are as quick as ten. */
export function GraphView({
  steps,
  nowMs,
}: {
  readonly steps: readonly ShownStep[];
  readonly nowMs: number;
}) {
  const selection = useLaunch((state) => state.selection);
  const select = useLaunch((state) => state.select);
  const frame = useRef<HTMLDivElement>(null);
  const shape = steps.map(({ id, dependsOn }) => `${id}<${dependsOn.join()}`).join(";");
  // biome-ignore lint/correctness/useExhaustiveDependencies: laid out again when the graph's shape changes, not with each event
  const laidOut = useMemo(() => layOutSteps(steps), [shape]);
  const chosen = selection?.kind === "task" ? selection.id.split("@")[0] : selection?.id;
  const nodes = useMemo(() => {
    const places = new Map(laidOut.places.map((place) => [place.id, place]));
    return steps.map((step): StepNodeType => {
      const { x = 0, y = 0 } = places.get(step.id) ?? {};
      const eta = etaSeconds(step.tasks, nowMs);
      return {
        id: step.id,
        type: "step",
        position: { x, y },
        ...nodeSize,
        selected: step.id === chosen,
        data: { step, ...(eta !== undefined && { left: leftWords(eta) }) },
        ariaLabel: `Step ${step.id}`,
      };
    });
  }, [steps, laidOut, chosen, nowMs]);
  const edges = useMemo(() => {
    const running = new Set(steps.filter(({ counts }) => counts.has("running")).map(({ id }) => id));
    return laidOut.arrows.map(
      ({ from, to, points }): WayEdge => ({
        id: `${from}-${to}`,
        type: "way",
        data: { path: pathThrough(points) },
        source: from,
        target: to,
        animated: running.has(to),
        focusable: false,
        selectable: false,
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: "var(--line-strong)" },
      }),
    );
  }, [laidOut, steps]);
  const choose = useCallback((id: string) => select({ kind: "step", id }), [select]);
  useArrowKeys(frame, steps, chosen, choose);
  const flow = useRef<ReactFlowInstance<StepNodeType, WayEdge> | null>(null);
  useRefit(frame, flow);
  return (
    <div className={styles.frame} ref={frame}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, { id }) => choose(id)}
        onPaneClick={() => select(null)}
        onNodesChange={(changes) => {
          for (const change of changes) if (change.type === "select" && change.selected) choose(change.id);
        }}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        onInit={(instance) => {
          flow.current = instance;
        }}
        fitView
        fitViewOptions={fitting}
        minZoom={0.2}
        maxZoom={1.6}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1} color="var(--line)" />
        <Controls showInteractive={false} position="bottom-left" />
      </ReactFlow>
    </div>
  );
}

const fitting = { maxZoom: 1, padding: 0.08 };

/** The whole graph stays in sight when the window's size changes. */
function useRefit(
  frame: React.RefObject<HTMLDivElement | null>,
  flow: React.RefObject<ReactFlowInstance<StepNodeType, WayEdge> | null>,
): void {
  useEffect(() => {
    const observer = new ResizeObserver(() => void flow.current?.fitView(fitting));
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame, flow]);
}

/** Up and down the graph's order, with the graph in focus or nothing else. */
function useArrowKeys(
  frame: React.RefObject<HTMLDivElement | null>,
  steps: readonly ShownStep[],
  chosen: string | undefined,
  choose: (id: string) => void,
): void {
  useEffect(() => {
    const element = frame.current;
    const pressed = (event: KeyboardEvent): void => {
      const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (by === undefined || event.ctrlKey || event.altKey) return;
      const at = steps.findIndex(({ id }) => id === chosen);
      const next = steps[at < 0 ? 0 : Math.max(0, Math.min(steps.length - 1, at + by))];
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      choose(next.id);
      element
        ?.querySelector<HTMLElement>(`[data-id="${CSS.escape(next.id)}"]`)
        ?.focus({ preventScroll: true });
    };
    element?.addEventListener("keydown", pressed, true);
    return () => element?.removeEventListener("keydown", pressed, true);
  }, [frame, steps, chosen, choose]);
}
