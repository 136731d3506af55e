import { useState } from "react";
import type { PlanAnswer, TaskResult } from "../../../protocol/workflow.ts";
import table from "../../components/table.module.css";
import { numberWords } from "../amounts.ts";
import styles from "./results.module.css";
import { classScores, classWords, columnsOf, type Scores, scoresOf } from "./scores.ts";

const titles: Readonly<Record<string, string>> = {
  f1: "F1",
  averagePrecision: "average precision",
  tp: "found",
  fp: "false",
  fn: "missed",
  "macro.f1": "macro F1",
  "micro.f1": "micro F1",
  "localization.f1": "place alone F1",
  "best.meanF1": "best mean F1",
};

/** The scores of a step: of one task a tile each and a line a class; of many a line each, sorted as asked. */
export function ScoreTable({
  tasks,
  classes: named,
}: {
  readonly tasks: readonly TaskResult[];
  readonly classes: PlanAnswer["classes"];
}) {
  const scores = scoresOf(tasks);
  const classes = tasks.length === 1 ? Object.values(tasks[0]!.metrics).flatMap(classScores) : [];
  if (tasks.length > 1) return <SortedTable rows={scores} head="" named={named} />;
  const tiles = Object.entries(scores[0]?.values ?? {}).filter(
    ([name]) => classes.length === 0 || !name.includes(" "),
  );
  return (
    <>
      <dl className={styles.tiles}>
        {tiles.slice(0, 6).map(([name, value]) => (
          <div key={name}>
            <dd>{numberWords(value)}</dd>
            <dt>{titles[name] ?? name}</dt>
          </div>
        ))}
      </dl>
      {classes.length > 0 && <SortedTable rows={classes} head="class" named={named} />}
    </>
  );
}

function SortedTable({
  rows,
  head,
  named,
}: {
  readonly rows: readonly Scores[];
  readonly head: string;
  readonly named: PlanAnswer["classes"];
}) {
  const [{ by, down }, sort] = useState<{ by: string | null; down: boolean }>({ by: null, down: true });
  const columns = columnsOf(rows);
  if (columns.length === 0) return null;
  const sorted =
    by === null
      ? rows
      : [...rows].sort((a, b) => (down ? -1 : 1) * ((a.values[by] ?? -1) - (b.values[by] ?? -1)));
  return (
    <div className={`${table.frame} ${styles.scores}`}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>{head}</th>
            {columns.map((name) => (
              <th
                key={name}
                className={table.number}
                aria-sort={by === name ? (down ? "descending" : "ascending") : undefined}
              >
                <button type="button" onClick={() => sort({ by: name, down: by === name ? !down : true })}>
                  {titles[name] ?? classWords(name, named)}
                  {by === name && (down ? " ↓" : " ↑")}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ name, values }) => (
            <tr key={name}>
              <td>{classWords(name, named)}</td>
              {columns.map((column) => (
                <td key={column} className={table.number}>
                  {values[column] === undefined ? "–" : numberWords(values[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
