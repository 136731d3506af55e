import styles from "./state-mark.module.css";
import { type ShownState, stateWords, toneOf } from "./task-view.ts";

/** A round mark in the colour of a state; what runs turns. */
export function StateDot({ state }: { readonly state: ShownState }) {
  return (
    <span className={`${styles.dot} ${styles[toneOf(state)]} ${styles[state] ?? ""}`} aria-hidden="true" />
  );
}

export function StateMark({ state }: { readonly state: ShownState }) {
  return (
    <span className={styles.mark}>
      <StateDot state={state} />
      {stateWords[state]}
    </span>
  );
}

/** Shares of a step's tasks by state, from those that run to those that wait. */
export function StateBar({
  counts,
  total,
  label,
}: {
  readonly counts: ReadonlyMap<ShownState, number>;
  readonly total: number;
  readonly label: string;
}) {
  return (
    <span className={styles.bar} role="img" aria-label={label}>
      {[...counts].map(([state, count]) => (
        <span
          key={state}
          className={`${styles.share} ${styles[toneOf(state)]} ${styles[state] ?? ""}`}
          style={{ flexGrow: count / Math.max(1, total) }}
        />
      ))}
    </span>
  );
}

/** How far something is, 0 to 1. */
export function ProgressBar({ part, label }: { readonly part: number; readonly label: string }) {
  return (
    <span
      className={styles.progress}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(part * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <span style={{ width: `${Math.max(0, Math.min(1, part)) * 100}%` }} />
    </span>
  );
}
