import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { StateBar, StateDot } from "../state-mark.tsx";
import type { ShownStep } from "../task-view.ts";
import { stateWords } from "../task-view.ts";
import styles from "./graph.module.css";
import { headState, whyOf } from "./step-words.ts";

export type StepNodeType = Node<{ readonly step: ShownStep; readonly left?: string }, "step">;

/** A step: its name and kind, how its tasks stand, and what keeps it. */
export function StepNode({ data: { step, left }, selected }: NodeProps<StepNodeType>) {
  const { id, kind, enabled, tasks, counts, done } = step;
  const state = headState(step);
  const words = [...counts].map(([each, count]) => `${count} ${stateWords[each]}`).join(", ");
  const isRunning = counts.has("running");
  return (
    <div
      className={`${styles.node} ${selected ? styles.selected : ""} ${enabled ? "" : styles.off} ${isRunning ? styles.running : ""}`}
      title={[words, ...whyOf(step).slice(0, 6)].join("\n")}
    >
      <Handle type="target" position={Position.Top} className={styles.handle} isConnectable={false} />
      <div className={styles.head}>
        {state && <StateDot state={state} />}
        <strong>{id}</strong>
        {kind !== id && <span className={styles.kind}>{kind}</span>}
        <span className={styles.count}>{tasks.length > 1 ? `× ${tasks.length}` : ""}</span>
      </div>
      <div className={styles.words}>
        {!enabled && "switched off"}
        {enabled && tasks.length === 0 && "no tomogram for it"}
        {enabled &&
          tasks.length > 0 &&
          (isRunning ? `${Math.floor(done * 100)} %${left ? `, ${left} left` : ""}` : words)}
      </div>
      <StateBar counts={counts} total={tasks.length} label={words || "nothing to do"} />
      <Handle type="source" position={Position.Bottom} className={styles.handle} isConnectable={false} />
    </div>
  );
}
