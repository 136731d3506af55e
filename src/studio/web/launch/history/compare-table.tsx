import { useState } from "react";
import type { CompareAnswer, ComparedValue } from "../../../protocol/workflow.ts";
import table from "../../components/table.module.css";
import { numberWords } from "../amounts.ts";
import styles from "./history.module.css";

/** Parameters, data and metrics, a column a side; what differs stands first and is marked. */
export function CompareTable({
  comparison,
  all,
}: {
  readonly comparison: CompareAnswer;
  readonly all: boolean;
}) {
  const { sides, parameters, data, metrics } = comparison;
  const [byChange, setByChange] = useState(false);
  const groups: readonly (readonly [string, readonly ComparedValue[]])[] = [
    ["Parameters", parameters],
    ["Data", data],
    ["Metrics", byChange ? sortByChange(metrics) : metrics],
  ];
  const two = sides.length === 2;
  return (
    <div className={`${table.frame} ${styles.compare}`}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>value</th>
            {sides.map((side) => (
              <th key={side} className={table.number} title={side}>
                {/^[0-9a-f]{40}$/.test(side) ? side.slice(0, 8) : side}
              </th>
            ))}
            {two && (
              <th className={table.number} aria-sort={byChange ? "descending" : undefined}>
                <button type="button" onClick={() => setByChange(!byChange)}>
                  change{byChange && " ↓"}
                </button>
              </th>
            )}
          </tr>
        </thead>
        {groups.map(([title, values]) => {
          const shown = values.filter(({ differs }) => all || differs);
          return (
            <tbody key={title}>
              <tr className={styles.group}>
                <th colSpan={sides.length + (two ? 2 : 1)} scope="rowgroup">
                  {title}
                  <span>
                    {shown.length === 0
                      ? "nothing differs"
                      : `${values.filter(({ differs }) => differs).length} differ`}
                  </span>
                </th>
              </tr>
              {shown.map((value) => (
                <tr key={value.name}>
                  <td>{value.name}</td>
                  {value.values.map((each, index) => (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: a column a side
                      key={index}
                      className={`${table.number} ${value.differs ? styles.differs : table.muted}`}
                    >
                      {leafWords(each)}
                    </td>
                  ))}
                  {two && <Change value={value} />}
                </tr>
              ))}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

function Change({ value: { values } }: { readonly value: ComparedValue }) {
  const [before, after] = values;
  if (typeof before !== "number" || typeof after !== "number" || before === after) return <td />;
  const change = after - before;
  return (
    <td className={table.number}>
      {change > 0 ? "+" : "−"}
      {numberWords(Math.abs(change))}
    </td>
  );
}

function leafWords(value: ComparedValue["values"][number]): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return numberWords(value);
  const text = String(value);
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text;
}

const changeOf = ({ values: [before, after] }: ComparedValue): number =>
  typeof before === "number" && typeof after === "number" ? Math.abs(after - before) : -1;

const sortByChange = (values: readonly ComparedValue[]): readonly ComparedValue[] =>
  [...values].sort((a, b) => changeOf(b) - changeOf(a));
