import { type ComponentType, useEffect, useMemo, useState } from "react";
import type { PlanAnswer, RunRequest, WorkflowChoice } from "../../protocol/workflow.ts";
import { Button, IconButton } from "../components/button.tsx";
import { Choice, Select } from "../components/field.tsx";
import { Badge } from "../components/notice.tsx";
import { ScreenBar } from "../components/panel.tsx";
import { toast, toastMistake } from "../components/toast.tsx";
import { useKeys } from "../shell/keys.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import { CurvesView } from "./curves/curves-view.tsx";
import { StepDetails, TaskDetails } from "./details/details-panel.tsx";
import { Overview } from "./details/overview.tsx";
import { GraphView } from "./graph/graph-view.tsx";
import { HistoryView } from "./history/history-view.tsx";
import { runKind } from "./history/run-words.ts";
import styles from "./launch.module.css";
import { startRun, stopRun } from "./launch-api.ts";
import { runOf, useLaunch } from "./launch-store.ts";
import { ResultsView } from "./results/results-view.tsx";
import { RunDialog } from "./run-dialog.tsx";
import { showSteps, showTasks } from "./task-view.ts";
import { TaskTable } from "./tasks/task-table.tsx";

const views = [
  { value: "graph", label: "Graph" },
  { value: "tasks", label: "Tasks" },
  { value: "curves", label: "Curves" },
  { value: "results", label: "Results" },
  { value: "history", label: "History" },
] as const;
export type View = (typeof views)[number]["value"];

/** The view that an address names; the graph where it names none. */
export const asView = (word: string | null): View =>
  views.find(({ value }) => value === word)?.value ?? "graph";

/** A workflow that could be planned: its graph, tasks, curves, results and history, and what runs it. */
export function OpenedWorkflow({
  choice,
  plan,
  view,
}: {
  readonly choice: WorkflowChoice;
  readonly plan: PlanAnswer;
  readonly view: View;
}) {
  const model = useLaunch((state) => state.model);
  const runs = useLaunch((state) => state.runs);
  const pinned = useLaunch((state) => state.pinned);
  const selection = useLaunch((state) => state.selection);
  const run = runOf({ runs, model });
  const running = runs?.find(({ state }) => state === "running");
  const [asking, setAsking] = useState(false);
  const [dialog, showDialog] = useState(false);
  const nowMs = useNow(running !== undefined);
  // what ended is in the plan; a run that goes on, or that one looks back at, lies over it
  const over = run && (run.state === "running" || pinned === run.id) ? model : null;
  const tasks = useMemo(() => showTasks(plan, over), [plan, over]);
  const steps = useMemo(() => showSteps(plan, tasks), [plan, tasks]);
  const toView = (next: View): void =>
    goTo(
      routeTo("launch", {
        workflow: choice.path,
        variant: choice.variant,
        view: next === "graph" ? null : next,
      }),
    );
  const launch = async (options: Omit<RunRequest, "path" | "variant"> = {}): Promise<void> => {
    setAsking(true);
    useLaunch.getState().pin(null);
    try {
      await startRun({ ...choice, ...options });
    } catch (error) {
      toastMistake(error);
    } finally {
      setAsking(false);
    }
  };
  const stop = async (): Promise<void> => {
    if (!running) return;
    try {
      const { stage } = await stopRun(choice, running.id);
      toast({
        kind: "plain",
        message: stage === "stopping" ? "Stopping at a safe point" : "Stopping at once",
        ...(stage === "stopping" && { hint: "Press Stop again to stop at once." }),
      });
    } catch (error) {
      toastMistake(error);
    }
  };
  const busy = asking || running !== undefined;
  useKeys(
    // biome-ignore lint/correctness/useExhaustiveDependencies: the actions change with the state alone
    useMemo(
      () => ({
        title: "Launch",
        bindings: [
          {
            keys: ["r"],
            does: "Run what is not up to date",
            whileHeld: false,
            run: () => !busy && void launch(),
          },
          {
            keys: ["s"],
            does: "Stop the run at a safe point; again: at once",
            whileHeld: false,
            run: () => void stop(),
          },
          { keys: ["Escape"], does: "Back to the overview", run: () => useLaunch.getState().select(null) },
          ...views.map(({ value, label }, index) => ({
            keys: [String(index + 1)],
            does: `Show ${label}`,
            run: () => toView(value),
          })),
        ],
      }),
      [busy, choice, running?.id],
    ),
  );
  const actions = {
    busy,
    runOnly: (what: string) => void launch({ only: [what] }),
    force: (what: string) => void launch({ only: [what], force: [what] }),
  };
  const step = selection?.kind === "step" ? steps.find(({ id }) => id === selection.id) : undefined;
  const task =
    selection?.kind === "task"
      ? tasks.find(({ id }) => id === selection.id)
      : step?.tasks.length === 1
        ? step.tasks[0]
        : undefined;
  const Main = mainOf[view];
  return (
    <div className={styles.screen}>
      <ScreenBar
        title={plan.name}
        detail={<Detail choice={choice} plan={plan} state={running?.state ?? run?.state} />}
      >
        <Choice label="What to show" value={view} options={views} onChange={toView} />
        {running ? (
          <Button icon="stop" onClick={() => void stop()} title="Stop at a safe point; again: at once (s)">
            Stop
          </Button>
        ) : (
          <>
            <IconButton icon="more" label="Run with…" onClick={() => showDialog(true)} />
            <Button
              look="primary"
              icon="launch"
              disabled={busy}
              onClick={() => void launch()}
              title="Run what is not up to date (r)"
            >
              Run
            </Button>
          </>
        )}
      </ScreenBar>
      <div className={styles.body}>
        <div className={styles.main}>
          <Main {...{ choice, plan, tasks, steps, model, nowMs, runs: runs ?? [] }} />
        </div>
        {view !== "results" && view !== "history" && (
          <aside className={styles.side} aria-label="Details">
            {task ? (
              <TaskDetails task={task} choice={choice} nowMs={nowMs} {...actions} />
            ) : step ? (
              <StepDetails step={step} {...actions} />
            ) : (
              <Overview plan={plan} tasks={tasks} run={run} model={model} nowMs={nowMs} />
            )}
          </aside>
        )}
      </div>
      <RunDialog
        plan={plan}
        open={dialog}
        onClose={() => showDialog(false)}
        onRun={(options) => {
          showDialog(false);
          void launch(options);
        }}
      />
    </div>
  );
}

interface MainProps {
  readonly choice: WorkflowChoice;
  readonly plan: PlanAnswer;
  readonly tasks: ReturnType<typeof showTasks>;
  readonly steps: ReturnType<typeof showSteps>;
  readonly model: ReturnType<typeof useLaunch.getState>["model"];
  readonly runs: NonNullable<ReturnType<typeof useLaunch.getState>["runs"]>;
  readonly nowMs: number;
}

const mainOf: Readonly<Record<View, ComponentType<MainProps>>> = {
  graph: GraphView,
  tasks: TaskTable,
  curves: CurvesView,
  results: ResultsView,
  history: HistoryView,
};

function Detail({
  choice,
  plan,
  state,
}: {
  readonly choice: WorkflowChoice;
  readonly plan: PlanAnswer;
  readonly state: Parameters<typeof runKind>[0] | undefined;
}) {
  return (
    <span className={styles.detail}>
      <span>{choice.path}</span>
      {plan.variants.length > 0 && (
        <Select
          aria-label="Variant"
          className={styles.variant}
          value={choice.variant ?? ""}
          onChange={({ target }) =>
            goTo(routeTo("launch", { workflow: choice.path, variant: target.value || null }))
          }
        >
          <option value="">no variant</option>
          {plan.variants.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      )}
      {state && <Badge kind={runKind(state)}>{state === "running" ? "running" : `last run ${state}`}</Badge>}
    </span>
  );
}

/** Now, again every second while something runs. */
function useNow(moves: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (!moves) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [moves]);
  return now;
}
