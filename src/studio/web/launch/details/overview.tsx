import type { PlanAnswer, RecordedRun } from "../../../protocol/workflow.ts";
import { Button } from "../../components/button.tsx";
import { Mistakes, Notice } from "../../components/notice.tsx";
import { countWords, durationWords, leftWords, timeWords } from "../amounts.ts";
import { useLaunch } from "../launch-store.ts";
import { MachineMeters } from "../machine/machine-meters.tsx";
import type { RunModel } from "../run-model.ts";
import { StateBar, StateDot } from "../state-mark.tsx";
import { countStates, etaSeconds, isOver, partOf, type ShownTask, stateWords } from "../task-view.ts";
import styles from "./details.module.css";
import { TaskProgress } from "./details-panel.tsx";

interface OverviewProps {
  readonly plan: PlanAnswer;
  readonly tasks: readonly ShownTask[];
  readonly run: RecordedRun | undefined;
  readonly model: RunModel | null;
  readonly nowMs: number;
}

const shownRunning = 6;

/** The workflow as a whole: how far the run is, what is at work, what the machine does. */
export function Overview({ plan, tasks, run, model, nowMs }: OverviewProps) {
  const select = useLaunch((state) => state.select);
  const running = tasks.filter(({ shown }) => shown === "running");
  const failed = tasks.filter(({ shown }) => shown === "failed" || shown === "tainted");
  const counts = countStates(tasks);
  const mistakes = model?.diagnostics ?? [];
  return (
    <div className={styles.panel}>
      <section className={styles.block}>
        <RunHead {...{ plan, tasks, run, model, nowMs }} />
        <StateBar
          counts={counts}
          total={tasks.length}
          label={[...counts].map(([state, count]) => `${count} ${stateWords[state]}`).join(", ")}
        />
        <ul className={styles.legend}>
          {[...counts].map(([state, count]) => (
            <li key={state}>
              <StateDot state={state} /> {stateWords[state]} <b>{count}</b>
            </li>
          ))}
        </ul>
        {mistakes.length > 0 && run && run.state !== "done" && (
          <Mistakes mistakes={mistakes.filter(({ severity }) => severity === "error").slice(0, 4)} />
        )}
        {model?.end?.type === "run-broken" && <Mistakes mistakes={[model.end.error]} />}
        {mistakes.some(({ severity }) => severity === "warning") && (
          <details className={styles.warnings}>
            <summary>
              {countWords(mistakes.filter(({ severity }) => severity === "warning").length, "warning")}
            </summary>
            {mistakes
              .filter(({ severity }) => severity === "warning")
              .map(({ message, hint }) => (
                <Notice key={message} kind="warn" hint={hint}>
                  {message}
                </Notice>
              ))}
          </details>
        )}
      </section>
      {running.length > 0 && (
        <section className={styles.block}>
          <h3>At work</h3>
          {running.slice(0, shownRunning).map((task) => (
            <button
              key={task.id}
              type="button"
              className={styles.working}
              onClick={() => select({ kind: "task", id: task.id })}
            >
              <strong>{task.id}</strong>
              <TaskProgress task={task} nowMs={nowMs} />
            </button>
          ))}
          {running.length > shownRunning && (
            <p className={styles.muted}>and {running.length - shownRunning} more</p>
          )}
        </section>
      )}
      {failed.length > 0 && (
        <section className={styles.block}>
          <h3>Went wrong</h3>
          {failed.slice(0, shownRunning).map((task) => (
            <Notice
              key={task.id}
              kind={task.shown === "failed" ? "bad" : "warn"}
              hint={task.now?.ended?.error?.hint}
              action={
                <Button size="small" look="quiet" onClick={() => select({ kind: "task", id: task.id })}>
                  Log
                </Button>
              }
            >
              {task.id}: {task.now?.ended?.error?.message ?? task.now?.ended?.detail}
            </Notice>
          ))}
        </section>
      )}
      <section className={styles.block}>
        <h3>This machine</h3>
        <MachineMeters />
      </section>
    </div>
  );
}

function RunHead({ plan, tasks, run, model, nowMs }: OverviewProps) {
  const pin = useLaunch((state) => state.pin);
  const pinned = useLaunch((state) => state.pinned);
  const todo = tasks.filter((task) => !isOver(task)).length;
  if (run?.state === "running") {
    const eta = etaSeconds(tasks, nowMs);
    const mine = tasks.filter(({ now }) => now !== undefined);
    const part = mine.reduce((sum, task) => sum + partOf(task), 0) / Math.max(1, mine.length);
    return (
      <header className={styles.head}>
        <h2>Running</h2>
        <p className={styles.figures}>
          <b>{Math.min(99, Math.floor(part * 100))} %</b>
          <span>
            for {durationWords((nowMs - Date.parse(run.started)) / 1000)}
            {eta !== undefined && `, about ${leftWords(eta)} left`}
          </span>
        </p>
      </header>
    );
  }
  if (pinned !== null && run)
    return (
      <header className={styles.head}>
        <h2>Run of {timeWords(run.started)}</h2>
        <p>
          {run.state} after {durationWords((Date.parse(run.last) - Date.parse(run.started)) / 1000)}{" "}
          <Button size="small" look="quiet" onClick={() => pin(null)}>
            Back to now
          </Button>
        </p>
      </header>
    );
  return (
    <header className={styles.head}>
      <h2>{todo === 0 ? "All is up to date" : `${countWords(todo, "task")} to do`}</h2>
      <p className={styles.muted}>
        {plan.estimatedSeconds !== null && todo > 0
          ? `about ${durationWords(plan.estimatedSeconds)}, from earlier runs`
          : run
            ? `last run ${run.state} at ${timeWords(run.last)}${model?.end?.type === "run-ended" ? ` after ${durationWords(model.end.seconds)}` : ""}`
            : "It has not been run yet."}
      </p>
    </header>
  );
}
