/** What of a training's metrics is drawn in which chart. Without the DOM. */
import type { Training } from "../../../protocol/workflow.ts";
import type { CurvePoint } from "../run-model.ts";

export interface CurveLine {
  /** Which training, from 0. */
  readonly training: number;
  readonly metric: string;
  readonly name: string;
  readonly part: "training" | "validation" | "class" | "other";
  /** Which class, from 0, where it is one's. */
  readonly classIndex?: number;
  /** A value for each step of the chart; null where there is none. */
  readonly values: readonly (number | null)[];
}

export interface CurveChart {
  readonly title: string;
  readonly steps: readonly number[];
  readonly lines: readonly CurveLine[];
  /** Scores from 0 to 1. */
  readonly isScore: boolean;
}

const scores = ["f1", "precision", "recall"] as const;
const scoreTitles = { f1: "F1", precision: "Precision", recall: "Recall" } as const;

/** Loss and accuracy, training against validation; F1, precision and recall of each class; what else there is, a chart each. */
export function chartsOf(
  trainings: readonly Pick<Training, "points">[],
  classNames: readonly string[],
): readonly CurveChart[] {
  const metrics = new Set(
    trainings.flatMap(({ points }) => points.flatMap(({ values }) => Object.keys(values))),
  );
  const used = new Set<string>();
  const chart = (title: string, wanted: readonly Wanted[], isScore: boolean): CurveChart[] => {
    const there = wanted.filter(({ metric }) => metrics.has(metric));
    for (const { metric } of there) used.add(metric);
    if (there.length === 0) return [];
    const steps = stepsOf(trainings);
    const lines = trainings.flatMap(({ points }, training) =>
      there
        .filter(({ metric }) => points.some(({ values }) => metric in values))
        .map((line) => ({ ...line, training, values: valuesAt(points, steps, line.metric) })),
    );
    return [{ title, steps, lines, isScore }];
  };
  const names = [
    ...new Set([...classNames.filter((name) => metrics.has(`f1.${name}`)), ...namesIn(metrics)]),
  ];
  const perClass = scores.flatMap((score) =>
    chart(
      `${scoreTitles[score]} of each class`,
      names.map((name, classIndex) => ({
        metric: `${score}.${name}`,
        name,
        part: "class" as const,
        classIndex,
      })),
      true,
    ),
  );
  const pairs = [
    ...chart("Loss", pairOf("loss", "validationLoss"), false),
    ...chart("Accuracy", pairOf("accuracy", "validationAccuracy"), true),
  ];
  const rest = [...metrics]
    .filter((metric) => !used.has(metric))
    .flatMap((metric) =>
      chart(
        titleOf(metric),
        [{ metric, name: titleOf(metric), part: "other" as const }],
        /f1|precision|recall|accuracy/i.test(metric),
      ),
    );
  return [...pairs, ...perClass, ...rest];
}

type Wanted = Omit<CurveLine, "training" | "values">;

const pairOf = (training: string, validation: string): readonly Wanted[] => [
  { metric: training, name: "training", part: "training" },
  { metric: validation, name: "validation", part: "validation" },
];

const namesIn = (metrics: ReadonlySet<string>): readonly string[] =>
  [...metrics].flatMap((metric) => /^f1\.(.+)$/.exec(metric)?.[1] ?? []);

/** `meanF1` is shown as `Mean F1`. */
function titleOf(metric: string): string {
  const words = metric.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[._]/g, " ");
  return (
    words.charAt(0).toUpperCase() +
    words.slice(1).replace(/ [A-Z](?![A-Z0-9])/g, (part) => part.toLowerCase())
  );
}

const stepsOf = (trainings: readonly Pick<Training, "points">[]): readonly number[] =>
  [...new Set(trainings.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);

function valuesAt(
  points: readonly CurvePoint[],
  steps: readonly number[],
  metric: string,
): readonly (number | null)[] {
  const known = new Map(points.map(({ step, values }) => [step, values[metric]]));
  return steps.map((step) => known.get(step) ?? null);
}

/** The trainings of the records, with what the run that is followed has told since: each step once. */
export function withLive(
  trainings: readonly Training[],
  live: {
    readonly run: string;
    readonly started: string;
    readonly curves: ReadonlyMap<string, readonly CurvePoint[]>;
  } | null,
): readonly Training[] {
  if (live === null) return trainings;
  let all = trainings;
  for (const [task, points] of live.curves) {
    const known = all.find((one) => one.run === live.run && one.task === task);
    const first = points[0]!.step;
    // what it goes on from: an earlier run's curve that this one does not begin anew
    const before =
      known ?? all.find((one) => one.task === task && first > 1 && one.points.at(-1)!.step >= first - 1);
    const kept = before?.points.filter(({ step }) => step < first) ?? [];
    const joined = {
      run: live.run,
      task,
      started: before?.started ?? live.started,
      points: [...kept, ...points],
    };
    all = [joined, ...all.filter((one) => one !== before)];
  }
  return all;
}
