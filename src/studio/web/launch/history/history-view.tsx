import { useMemo, useState } from "react";
import type { PlanAnswer, RecordedRun, WorkflowChoice } from "../../../protocol/workflow.ts";
import { Waiting } from "../../components/empty-state.tsx";
import { Switch } from "../../components/field.tsx";
import { Mistakes, Notice } from "../../components/notice.tsx";
import { mistakesOf } from "../../connection/request.ts";
import { useComparison, useHistory } from "../launch-api.ts";
import { CompareTable } from "./compare-table.tsx";
import { type ComparedSides, comparedSides } from "./compared-sides.ts";
import styles from "./history.module.css";
import { RunsTable } from "./runs-table.tsx";

interface HistoryViewProps {
  readonly choice: WorkflowChoice;
  readonly plan: PlanAnswer;
  readonly runs: readonly RecordedRun[];
}

/** The runs there were, and revisions or variants side by side. */
export function HistoryView({ choice, plan, runs }: HistoryViewProps) {
  const history = useHistory(choice);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [all, showAll] = useState(false);
  const revisions = history.data?.revisions ?? [];
  const sides = useMemo(
    () => comparedSides(choice, { picked, variants: plan.variants, revisions }),
    [choice, picked, plan.variants, revisions],
  );
  const comparison = useComparison(sides.ask);
  const toggle = (name: string): void =>
    setPicked((before) =>
      before.includes(name) ? before.filter((each) => each !== name) : [...before, name].slice(-4),
    );
  return (
    <div className={styles.view}>
      <section className={styles.part}>
        <h2>Runs</h2>
        <RunsTable runs={runs} />
      </section>
      <section className={styles.part}>
        <h2>Side by side</h2>
        {history.data?.problem && (
          <Notice
            kind="plain"
            hint={plan.variants.length > 0 ? "Variants can be compared without it." : undefined}
          >
            No earlier revisions: {history.data.problem}
          </Notice>
        )}
        <Sides sides={sides} picked={picked} toggle={toggle} />
        {sides.advice && <p className={styles.muted}>{sides.advice}</p>}
        {comparison.isError && <Mistakes mistakes={mistakesOf(comparison.error)} />}
        {sides.ask && comparison.isPending && <Waiting what="Comparing" />}
        {sides.ask && comparison.data && (
          <>
            <div className={styles.switch}>
              <Switch label="Also what is the same" on={all} onChange={showAll} />
            </div>
            <CompareTable comparison={comparison.data} all={all} />
          </>
        )}
      </section>
    </div>
  );
}

function Sides({
  sides: { choices },
  picked,
  toggle,
}: {
  readonly sides: ComparedSides;
  readonly picked: readonly string[];
  toggle(name: string): void;
}) {
  return (
    <div className={styles.sides}>
      {choices.map(({ name, words, detail }) => (
        <button
          key={name}
          type="button"
          aria-pressed={picked.includes(name)}
          title={detail}
          onClick={() => toggle(name)}
        >
          {words}
          {detail && <span>{detail}</span>}
        </button>
      ))}
    </div>
  );
}
