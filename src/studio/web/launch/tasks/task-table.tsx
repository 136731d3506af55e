import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { TextInput } from "../../components/field.tsx";
import table from "../../components/table.module.css";
import { durationWords } from "../amounts.ts";
import { useLaunch } from "../launch-store.ts";
import { ProgressBar, StateDot, StateMark } from "../state-mark.tsx";
import { countStates, partOf, type ShownState, type ShownTask, stateWords } from "../task-view.ts";
import { filterTasks, sortTasks, type TaskOrder } from "./task-filter.ts";
import styles from "./task-table.module.css";

const rowHeight = 30;
const columns: readonly { readonly order: TaskOrder; readonly title: string }[] = [
  { order: "name", title: "Task" },
  { order: "state", title: "State" },
  { order: "time", title: "Time" },
];

/** Every task in a line, filtered and sorted; only what is in sight is drawn. */
export function TaskTable({
  tasks,
  nowMs,
}: {
  readonly tasks: readonly ShownTask[];
  readonly nowMs: number;
}) {
  const [text, setText] = useState("");
  const [states, setStates] = useState<ReadonlySet<ShownState>>(new Set());
  const [{ order, down }, setOrder] = useState<{ order: TaskOrder; down: boolean }>({
    order: "plan",
    down: false,
  });
  const selection = useLaunch((state) => state.selection);
  const select = useLaunch((state) => state.select);
  const shown = useMemo(
    () => sortTasks(filterTasks(tasks, { text, states }), order, down),
    [tasks, text, states, order, down],
  );
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const move = (by: number): void => {
    const at = shown.findIndex(({ id }) => selection?.kind === "task" && id === selection.id);
    const next = Math.max(0, Math.min(shown.length - 1, at + by));
    if (!shown[next]) return;
    select({ kind: "task", id: shown[next].id });
    rows.scrollToIndex(next);
  };
  return (
    <div className={styles.view}>
      <div className={styles.filters}>
        <TextInput
          className={styles.search}
          placeholder="Find a task"
          aria-label="Find a task"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {[...countStates(tasks)].map(([state, count]) => (
          <button
            key={state}
            type="button"
            className={styles.chip}
            aria-pressed={states.has(state)}
            onClick={() => setStates(toggled(states, state))}
          >
            <StateDot state={state} />
            {stateWords[state]} <b>{count}</b>
          </button>
        ))}
      </div>
      <section
        className={styles.frame}
        ref={frame}
        aria-label="Tasks"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled and walked through by keys
        tabIndex={0}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -1e9, End: 1e9 }[
            event.key
          ];
          if (by === undefined) return;
          event.preventDefault();
          move(by);
        }}
      >
        <table className={`${table.table} ${styles.table}`}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.order}
                  aria-sort={order === column.order ? (down ? "descending" : "ascending") : undefined}
                >
                  <button type="button" onClick={() => setOrder(nextOrder({ order, down }, column.order))}>
                    {column.title}
                    {order === column.order && (down ? " ↓" : " ↑")}
                  </button>
                </th>
              ))}
              <th>Why, or how far</th>
            </tr>
          </thead>
          <tbody>
            <Gap height={items[0]?.start ?? 0} />
            {items.map(({ index }) => {
              const task = shown[index]!;
              const chosen = selection?.kind === "task" && selection.id === task.id;
              return (
                <tr
                  key={task.id}
                  aria-selected={chosen}
                  onClick={() => select({ kind: "task", id: task.id })}
                >
                  <td>{task.id}</td>
                  <td>
                    <StateMark state={task.shown} />
                  </td>
                  <td className={table.muted}>{timeOf(task, nowMs)}</td>
                  <td className={styles.why}>
                    <Why task={task} />
                  </td>
                </tr>
              );
            })}
            <Gap height={rows.getTotalSize() - (items.at(-1)?.end ?? 0)} />
          </tbody>
        </table>
        {shown.length === 0 && <p className={styles.none}>No task is like that.</p>}
      </section>
    </div>
  );
}

const Gap = ({ height }: { readonly height: number }) =>
  height > 0 ? (
    <tr className={styles.gap}>
      <td colSpan={4} style={{ height }} />
    </tr>
  ) : null;

function Why({ task }: { readonly task: ShownTask }) {
  const { now, shown, reasons } = task;
  if (shown === "running" && now?.progress) {
    const { done, total, unit, detail } = now.progress;
    return (
      <span className={styles.progress}>
        <ProgressBar part={partOf(task)} label={`${task.id}: ${done} of ${total} ${unit}`} />
        <span>{detail ?? `${done} of ${total} ${unit}`}</span>
      </span>
    );
  }
  const words =
    now?.ended?.error?.message ?? now?.ended?.detail ?? reasons.map(({ text }) => text).join("; ");
  return <span title={words}>{words.split("\n", 1)[0]}</span>;
}

function timeOf({ now, shown, lastDurationSeconds }: ShownTask, nowMs: number): string {
  if (shown === "running" && now?.startedMs !== undefined)
    return durationWords((nowMs - now.startedMs) / 1000);
  const seconds = now?.seconds || lastDurationSeconds;
  return seconds === undefined ? "" : durationWords(seconds);
}

const toggled = (states: ReadonlySet<ShownState>, state: ShownState): ReadonlySet<ShownState> =>
  states.has(state) ? new Set([...states].filter((each) => each !== state)) : new Set([...states, state]);

/** Up, down, and as the plan has them. */
function nextOrder(
  { order, down }: { readonly order: TaskOrder; readonly down: boolean },
  asked: TaskOrder,
): { order: TaskOrder; down: boolean } {
  if (order !== asked) return { order: asked, down: false };
  return down ? { order: "plan", down: false } : { order: asked, down: true };
}
