import { useState } from "react";
import type { RecordedRun } from "../../../protocol/workflow.ts";
import { Badge } from "../../components/notice.tsx";
import table from "../../components/table.module.css";
import { durationWords, timeWords } from "../amounts.ts";
import { useLaunch } from "../launch-store.ts";
import styles from "./history.module.css";
import { askedWords, outcomeWords, runKind, secondsOf } from "./run-words.ts";

type Column = "began" | "took" | "done";

const titles: Readonly<Record<Column, string>> = { began: "Began", took: "Took", done: "Tasks done" };

const amountOf: Readonly<Record<Column, (run: RecordedRun) => number>> = {
  began: ({ started }) => Date.parse(started),
  took: secondsOf,
  done: ({ end }) => (end?.type === "run-ended" ? end.counts.done : -1),
};

/** A line a run, of whichever terminal; pressed, the screen shows what happened in it. */
export function RunsTable({ runs }: { readonly runs: readonly RecordedRun[] }) {
  const [{ by, down }, sort] = useState<{ by: Column; down: boolean }>({ by: "began", down: true });
  const pinned = useLaunch((state) => state.pinned);
  const pin = useLaunch((state) => state.pin);
  if (runs.length === 0) return <p className={styles.muted}>This workflow has not been run yet.</p>;
  const sorted = [...runs].sort((a, b) => (down ? -1 : 1) * (amountOf[by](a) - amountOf[by](b)));
  const head = (column: Column) => (
    <th
      className={column === "began" ? "" : table.number}
      aria-sort={by === column ? (down ? "descending" : "ascending") : undefined}
    >
      <button type="button" onClick={() => sort({ by: column, down: by === column ? !down : true })}>
        {titles[column]}
        {by === column && (down ? " ↓" : " ↑")}
      </button>
    </th>
  );
  return (
    <div className={`${table.frame} ${styles.runs}`}>
      <table className={table.table}>
        <thead>
          <tr>
            {head("began")}
            <th>Ended</th>
            {head("took")}
            {head("done")}
            <th>What else</th>
            <th>Asked for</th>
            <th>By</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((run) => (
            <tr
              key={run.id}
              aria-selected={run.id === pinned}
              onClick={() => pin(run.id === pinned ? null : run.id)}
            >
              <td>
                <button type="button" className={styles.link} title={run.id}>
                  {timeWords(run.started)}
                </button>
              </td>
              <td>
                <Badge kind={runKind(run.state)}>{run.state}</Badge>
              </td>
              <td className={table.number}>{durationWords(secondsOf(run))}</td>
              <td className={table.number}>{run.end?.type === "run-ended" ? run.end.counts.done : ""}</td>
              <td className={table.muted}>{outcomeWords(run)}</td>
              <td className={table.muted}>{askedWords(run)}</td>
              <td className={table.muted}>
                {run.asked.process.host}, {run.asked.process.pid}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
