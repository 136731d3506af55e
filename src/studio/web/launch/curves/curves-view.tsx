import { useEffect, useMemo, useState } from "react";
import type { PlanAnswer, Training, WorkflowChoice } from "../../../protocol/workflow.ts";
import { EmptyState, Waiting } from "../../components/empty-state.tsx";
import { Mistakes } from "../../components/notice.tsx";
import { mistakesOf } from "../../connection/request.ts";
import { colorOfLabel } from "../../design/class-colors.ts";
import { useTheme } from "../../design/theme.ts";
import { timeWords } from "../amounts.ts";
import { useTrainings } from "../launch-api.ts";
import type { RunModel } from "../run-model.ts";
import { CurveChart, type LineLook, resolveColor } from "./curve-chart.tsx";
import { type CurveLine, chartsOf, withLive } from "./curve-data.ts";
import styles from "./curves.module.css";

const dashes: readonly (readonly number[] | undefined)[] = [undefined, [7, 4], [2, 3], [9, 3, 2, 3]];
const trainingColors = ["--accent", "#e8590c", "#12a594", "#c2255c"];
const mostShown = 4;

/** The curves of a training as it goes on, and of earlier ones laid over it. */
export function CurvesView({
  choice,
  plan,
  model,
}: {
  readonly choice: WorkflowChoice;
  readonly plan: PlanAnswer;
  readonly model: RunModel | null;
}) {
  const known = useTrainings(choice);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const theme = useTheme((state) => state.choice);
  const system = useSystemTheme();
  const all = useMemo(
    () =>
      withLive(
        known.data ?? [],
        model && model.startedMs !== undefined
          ? { run: model.run, started: new Date(model.startedMs).toISOString(), curves: model.curves }
          : null,
      ),
    [known.data, model],
  );
  if (known.isPending) return <Waiting what="Gathering curves" />;
  if (known.isError) return <Mistakes mistakes={mistakesOf(known.error)} />;
  if (all.length === 0)
    return (
      <EmptyState icon="launch" title="No training yet">
        Curves appear here after the first epoch of a training, and move while it goes on. Press Run.
      </EmptyState>
    );
  const ids = chosen ?? new Set([idOf(all[0]!)]);
  const shown = all.filter((training) => ids.has(idOf(training))).slice(0, mostShown);
  const charts = chartsOf(
    shown,
    plan.classes.map(({ name }) => name),
  );
  const look = (line: CurveLine): LineLook => lookOf(line, { plan, several: shown.length > 1 });
  return (
    <div className={styles.view}>
      <ul className={styles.choices} aria-label="Trainings shown">
        {all.map((training) => {
          const id = idOf(training);
          const place = shown.findIndex((each) => idOf(each) === id);
          return (
            <li key={id}>
              <button
                type="button"
                aria-pressed={place >= 0}
                disabled={place < 0 && shown.length >= mostShown}
                onClick={() => setChosen(place >= 0 ? without(ids, id) : new Set([...ids, id]))}
              >
                <Sample place={place} several={shown.length > 1} />
                <strong>{training.task}</strong>
                <span>
                  {timeWords(training.started)}, {training.points.at(-1)!.step} epochs
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <div className={styles.charts}>
        {charts.map((chart) => (
          <CurveChart
            key={chart.title}
            chart={chart}
            looks={chart.lines.map(look)}
            theme={`${theme}-${system}`}
            sync="curves"
          />
        ))}
      </div>
    </div>
  );
}

const idOf = ({ run, task }: Pick<Training, "run" | "task">): string => `${run} ${task}`;

/** The last one stays: an empty screen tells nothing. */
const without = (ids: ReadonlySet<string>, id: string): ReadonlySet<string> =>
  ids.size <= 1 ? ids : new Set([...ids].filter((each) => each !== id));

/** One training: training and validation have a colour each. Several: each has its own, and validation is dashed. Classes have their own. */
function lookOf(
  { part, classIndex = 0, training, name }: CurveLine,
  { plan, several }: { readonly plan: PlanAnswer; readonly several: boolean },
): LineLook {
  const ink = (color: string): string => resolveColor(document.body, color);
  const of = several ? ` (${training + 1})` : "";
  if (part === "class") {
    // a training that does not read the classes' names tells of `class 1`
    const label = Number(/^class (\d+)$/.exec(name)?.[1]);
    const known =
      plan.classes.find((each) => each.name === name) ?? plan.classes.find((each) => each.label === label);
    const color = known?.color ?? colorOfLabel(known?.label ?? classIndex + 1);
    return {
      label: `${known?.name ?? name}${of}`,
      color: ink(color),
      ...(several && { dash: dashes[training] }),
    };
  }
  if (several)
    return {
      label: `${name}${of}`,
      color: ink(trainingColors[training]!),
      ...(part === "validation" && { dash: [6, 4] }),
    };
  return { label: name, color: ink(part === "validation" ? "#e8590c" : "--accent") };
}

function Sample({ place, several }: { readonly place: number; readonly several: boolean }) {
  return (
    <span className={styles.sample} data-place={several ? place : Math.min(place, 0)} aria-hidden="true">
      {several && place >= 0 ? place + 1 : ""}
    </span>
  );
}

function useSystemTheme(): string {
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const changed = (): void => setDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return dark ? "dark" : "light";
}
