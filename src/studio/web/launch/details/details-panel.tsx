import type { WorkflowChoice } from "../../../protocol/workflow.ts";
import { Button } from "../../components/button.tsx";
import { Notice } from "../../components/notice.tsx";
import { bytesWords, durationWords, leftWords, numberWords } from "../amounts.ts";
import { whyOf } from "../graph/step-words.ts";
import { useLaunch } from "../launch-store.ts";
import { ProgressBar, StateBar, StateDot, StateMark } from "../state-mark.tsx";
import { partOf, type ShownStep, type ShownTask, stateWords } from "../task-view.ts";
import styles from "./details.module.css";
import { LogView } from "./log-view.tsx";

export interface TaskActions {
  /** Runs this and what it needs. */
  runOnly(what: string): void;
  /** Runs it though it is up to date, from the start. */
  force(what: string): void;
  readonly busy: boolean;
}

interface StepDetailsProps extends TaskActions {
  readonly step: ShownStep;
}

const shownTasks = 100;

/** A step: how its tasks stand, why, and each of them. */
export function StepDetails({ step, ...actions }: StepDetailsProps) {
  const select = useLaunch((state) => state.select);
  const reasons = whyOf(step);
  const words = [...step.counts].map(([state, count]) => `${count} ${stateWords[state]}`).join(", ");
  return (
    <div className={styles.panel}>
      <header className={styles.head}>
        <h2>{step.id}</h2>
        <p>
          {step.kind !== step.id && <code>{step.kind}</code>} {step.summary}
        </p>
      </header>
      <div className={styles.block}>
        <StateBar counts={step.counts} total={step.tasks.length} label={words} />
        <p className={styles.muted}>{words || "No tomogram reaches this step."}</p>
        <Actions what={step.id} {...actions} disabled={!step.enabled || step.tasks.length === 0} />
      </div>
      {reasons.length > 0 && (
        <section className={styles.block}>
          <h3>Why</h3>
          <ul className={styles.reasons}>
            {reasons.slice(0, 12).map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </section>
      )}
      {step.tasks.length > 1 && (
        <section className={styles.block}>
          <h3>Tasks</h3>
          <ul className={styles.tasks}>
            {step.tasks.slice(0, shownTasks).map((task) => (
              <li key={task.id}>
                <button type="button" onClick={() => select({ kind: "task", id: task.id })}>
                  <StateDot state={task.shown} />
                  <span>{task.row ?? task.id}</span>
                  <small>
                    {task.shown === "running"
                      ? `${Math.floor(partOf(task) * 100)} %`
                      : stateWords[task.shown]}
                  </small>
                </button>
              </li>
            ))}
          </ul>
          {step.tasks.length > shownTasks && (
            <p className={styles.muted}>and {step.tasks.length - shownTasks} more: see Tasks</p>
          )}
        </section>
      )}
    </div>
  );
}

interface TaskDetailsProps extends TaskActions {
  readonly task: ShownTask;
  readonly choice: WorkflowChoice;
  readonly nowMs: number;
}

/** A task: its state and why, progress, what it uses, its log. */
export function TaskDetails({ task, choice, nowMs, ...actions }: TaskDetailsProps) {
  const { now, shown, reasons } = task;
  const error = now?.ended?.error;
  const isRunning = shown === "running";
  return (
    <div className={`${styles.panel} ${styles.withLog}`}>
      <header className={styles.head}>
        <h2>{task.id}</h2>
        <p>
          <StateMark state={shown} />
          {now && now.attempt > 1 && <span className={styles.muted}>attempt {now.attempt}</span>}
        </p>
      </header>
      <div className={styles.block}>
        {isRunning && <TaskProgress task={task} nowMs={nowMs} />}
        {now?.retrying && (
          <Notice kind="warn" hint={now.retrying.error.message}>
            Attempt {now.retrying.attempt} failed; the next begins in {durationWords(now.retrying.seconds)}.
          </Notice>
        )}
        {error && (
          <Notice kind="bad" hint={error.hint}>
            {error.message}
          </Notice>
        )}
        {now?.ended?.detail && <p className={styles.muted}>{now.ended.detail}</p>}
        <Facts task={task} nowMs={nowMs} />
        {reasons.length > 0 && shown !== "done" && (
          <ul className={styles.reasons}>
            {reasons.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        <Actions what={task.id} {...actions} />
      </div>
      <h3 className={styles.logTitle}>Log</h3>
      <LogView key={task.id} choice={choice} task={task.id} live={isRunning} />
    </div>
  );
}

export function TaskProgress({ task, nowMs }: { readonly task: ShownTask; readonly nowMs: number }) {
  const { now } = task;
  const progress = now?.progress;
  if (!progress)
    return (
      <p className={styles.muted}>at work for {durationWords((nowMs - (now?.startedMs ?? nowMs)) / 1000)}</p>
    );
  const { done, total, unit, detail, ratePerSecond, etaSeconds } = progress;
  return (
    <div className={styles.progress}>
      <ProgressBar part={partOf(task)} label={`${task.id}: ${done} of ${total} ${unit}`} />
      <p>
        <span>
          {numberWords(done)} of {numberWords(total)} {unit}
          {total === 1 || unit.endsWith("s") ? "" : "s"}
        </span>
        <span>
          {ratePerSecond !== undefined && `${rateWords(ratePerSecond)} `}
          {etaSeconds !== undefined && `${leftWords(etaSeconds)} left`}
        </span>
      </p>
      {detail && <p className={styles.muted}>{detail}</p>}
    </div>
  );
}

const rateWords = (rate: number): string =>
  rate >= 1
    ? `${numberWords(Number(rate.toPrecision(2)))}/s,`
    : `${numberWords(Number((rate * 60).toPrecision(2)))}/min,`;

function Facts({ task, nowMs }: { readonly task: ShownTask; readonly nowMs: number }) {
  const { now, lastDurationSeconds, shown } = task;
  const spent =
    shown === "running" && now?.startedMs !== undefined ? (nowMs - now.startedMs) / 1000 : now?.seconds;
  const use = now?.ended?.use ?? now?.use;
  const facts: [string, string][] = [
    ...(spent ? [[shown === "running" ? "so far" : "took", durationWords(spent)] as [string, string]] : []),
    ...(lastDurationSeconds !== undefined
      ? [["last time", durationWords(lastDurationSeconds)] as [string, string]]
      : []),
    ...(now?.engine ? [["engine", now.engine] as [string, string]] : []),
    ...(now?.resources
      ? [
          [
            "reserved",
            [
              `${now.resources.cores} cores`,
              bytesWords(now.resources.memoryBytes),
              ...now.resources.gpus.map((gpu) => `GPU ${gpu}`),
            ].join(", "),
          ] as [string, string],
        ]
      : []),
    ...(use
      ? [["uses", `${use.cores.toFixed(1)} cores, ${bytesWords(use.memoryBytes)}`] as [string, string]]
      : []),
    // those of single classes are in the curves
    ...Object.entries(now?.metrics ?? {})
      .filter(([name]) => !name.includes("."))
      .slice(0, 6)
      .map(([name, value]): [string, string] => [name, numberWords(value)]),
  ];
  if (facts.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions({
  what,
  busy,
  runOnly,
  force,
  disabled,
}: TaskActions & { readonly what: string; readonly disabled?: boolean }) {
  return (
    <div className={styles.actions}>
      <Button
        size="small"
        icon="launch"
        disabled={busy || disabled}
        title="Run this, and what it needs"
        onClick={() => runOnly(what)}
      >
        Only this
      </Button>
      <Button
        size="small"
        icon="refresh"
        look="quiet"
        disabled={busy || disabled}
        title="Run it again from the start, though it may be up to date"
        onClick={() => force(what)}
      >
        Force
      </Button>
    </div>
  );
}
