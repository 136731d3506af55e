/** What training tells while it runs. */
import type { EpochRecord } from "../../training/history.ts";
import { meanF1, type TrainingOptions, type TrainingProgress } from "../../training/train.ts";
import type { RunContext } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";

type Context = RunContext<TrainParameters>;

export function reportStep(
  { report }: Context,
  { epochs, stepsPerEpoch }: TrainingOptions,
  { state, loss }: { state: TrainingProgress; loss: number },
): void {
  const last = state.history.at(-1);
  const scored = last === undefined ? "" : `, F1 ${meanF1(last).toFixed(3)}`;
  report({
    type: "progress",
    done: state.epoch * stepsPerEpoch + state.step,
    total: epochs * stepsPerEpoch,
    unit: "step",
    detail: `epoch ${state.epoch + 1}/${epochs}, loss ${loss.toFixed(3)}${scored}`,
  });
}

export function reportEpoch({ report, classes }: Context, record: EpochRecord): void {
  const perClass = classes.flatMap(({ label, name }) => [
    [`f1.${name}`, record.f1[label]!],
    [`precision.${name}`, record.precision[label]!],
    [`recall.${name}`, record.recall[label]!],
  ]);
  const { epoch, loss, accuracy, validationLoss, validationAccuracy, learningRate } = record;
  // what matters most comes first: a narrow terminal cuts the rest
  const values = { meanF1: meanF1(record), validationLoss, loss, validationAccuracy, accuracy, learningRate };
  report({ type: "metrics", step: epoch, values: { ...values, ...Object.fromEntries(perClass) } });
  const scores = classes.map(({ label, name }) => `${name} ${record.f1[label]!.toFixed(3)}`).join(", ");
  const losses = `loss ${loss.toFixed(4)}, validation ${validationLoss.toFixed(4)}`;
  report({ type: "log", text: `epoch ${epoch}: ${losses}, F1 ${scores}` });
}
