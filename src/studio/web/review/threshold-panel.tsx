import { useMemo, useState } from "react";
import type { Comparison, CurveStep, ListScores } from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import { Button } from "../components/button.tsx";
import { Choice, Select, Slider } from "../components/field.tsx";
import { Panel } from "../components/panel.tsx";
import type { ShownClass } from "../viewer/viewer-props.ts";
import { Curve } from "./curve.tsx";
import { isKept, rangeOf, type Thresholds } from "./review-order.ts";
import styles from "./threshold-panel.module.css";

interface ThresholdPanelProps {
  readonly objects: readonly ListedObject[];
  readonly classes: readonly ShownClass[];
  readonly by: "score" | "size";
  readonly least: Thresholds;
  readonly comparison: Comparison | null;
  onBy(by: "score" | "size"): void;
  onLeast(least: Thresholds): void;
}

/** For each class the least score that is kept, on a slider; with a truth, what that does to precision and recall. */
export function ThresholdPanel({
  objects,
  classes,
  by,
  least,
  comparison,
  onBy,
  onLeast,
}: ThresholdPanelProps) {
  const ranged = useMemo(
    () =>
      classes.flatMap((one) => {
        const range = rangeOf(objects, one.label, by);
        return range ? [{ ...one, range }] : [];
      }),
    [classes, objects, by],
  );
  const [chosen, choose] = useState<number | null>(null);
  const one = ranged.find(({ label }) => label === chosen) ?? ranged[0];
  const curve = one && comparison?.curves.find(({ label }) => label === one.label);
  return (
    <Panel title="Thresholds">
      <Choice<"score" | "size"> label="Threshold on" value={by} options={kinds} onChange={onBy} />
      {!one && <p className={styles.none}>The detections have no {by}: there is nothing to threshold.</p>}
      {one && (
        <>
          <Select
            aria-label="Class of the threshold"
            value={one.label}
            onChange={(event) => choose(Number(event.target.value))}
          >
            {ranged.map(({ label, name }) => (
              <option key={label} value={label}>
                {label} {name}
                {least[String(label)] === undefined ? "" : ` · from ${short(least[String(label)]!)}`}
              </option>
            ))}
          </Select>
          <Slider
            label={`Least ${by} of ${one.name}`}
            shown={`${short(least[String(one.label)] ?? one.range[0])} · ${countKept(objects, one.label, { least, by })} kept`}
            min={one.range[0]}
            max={one.range[1]}
            step={by === "size" ? 1 : (one.range[1] - one.range[0]) / 200 || 0.001}
            value={least[String(one.label)] ?? one.range[0]}
            onChange={(value) => onLeast(withThreshold(least, one, value))}
          />
          {curve && curve.steps.length > 0 && (
            <>
              <Curve
                steps={curve.steps}
                name={one.name}
                threshold={least[String(one.label)] ?? one.range[0]}
              />
              <div className={styles.at}>
                <Scores scores={stepAt(curve.steps, least[String(one.label)] ?? one.range[0])} />
                <Button
                  size="small"
                  onClick={() => onLeast(withThreshold(least, one, bestThreshold(curve.steps)))}
                >
                  Best F1
                </Button>
              </div>
            </>
          )}
          {Object.keys(least).length > 0 && (
            <Button size="small" onClick={() => onLeast({})}>
              No thresholds
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

const kinds = [
  { value: "score", label: "Score" },
  { value: "size", label: "Size" },
] as const;

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** All the way down is no threshold. */
function withThreshold(
  least: Thresholds,
  { label, range }: { readonly label: number; readonly range: readonly [number, number] },
  value: number,
): Thresholds {
  const { [String(label)]: _, ...rest } = least;
  return value <= range[0] ? rest : { ...rest, [String(label)]: value };
}

const countKept = (
  objects: readonly ListedObject[],
  label: number,
  thresholds: { least: Thresholds; by: "score" | "size" },
): number => objects.filter((object) => object.label === label && isKept(object, thresholds)).length;

/** Steps go down: the last whose threshold is still kept. */
export const stepAt = (steps: readonly CurveStep[], threshold: number): CurveStep | undefined =>
  steps.findLast((step) => step.threshold >= threshold);

export const bestThreshold = (steps: readonly CurveStep[]): number =>
  steps.reduce((best, step) => ((step.f1 ?? 0) > (best.f1 ?? 0) ? step : best)).threshold;

export function Scores({ scores }: { readonly scores: ListScores | undefined }) {
  const percent = (value: number | null | undefined): string =>
    value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
  return (
    <dl className={styles.scores}>
      <div>
        <dt>Precision</dt>
        <dd>{percent(scores?.precision)}</dd>
      </div>
      <div>
        <dt>Recall</dt>
        <dd>{percent(scores?.recall)}</dd>
      </div>
      <div>
        <dt>F1</dt>
        <dd>{percent(scores?.f1)}</dd>
      </div>
    </dl>
  );
}
