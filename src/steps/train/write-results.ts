/** The outputs of a finished training. */
import { writeFile } from "node:fs/promises";
import { writeKerasWeights } from "../../network/keras.ts";
import type { Architecture } from "../../network/networks.ts";
import { drawCurves } from "../../training/curves.ts";
import { type EpochRecord, writeHistoryCsv, writeHistoryHdf5 } from "../../training/history.ts";
import { meanF1 } from "../../training/train.ts";
import type { TrainingState } from "../../training/training-state.ts";
import { readVolumeInfo } from "../../volume/formats.ts";
import type { Triple } from "../../volume/volume.ts";
import type { RunContext } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { rowsOfSplit } from "./rows-of-split.ts";
import { classCount } from "./training-plan.ts";

export async function writeResults(
  context: RunContext<TrainParameters>,
  network: Architecture,
  { state, batch }: { readonly state: TrainingState; readonly batch: number },
): Promise<void> {
  const { outputs, classes } = context;
  const names = Array.from({ length: classCount(context) }, (_, label) => {
    const known = classes.find((definition) => definition.label === label);
    return label === 0 ? "background" : (known?.name ?? `class ${label}`);
  });
  const sampling = { voxelSizeAngstrom: await voxelSizeOf(context) };
  await writeKerasWeights(outputs.weights!, network, state.averages, sampling);
  await writeKerasWeights(outputs.best!, network, state.best, sampling);
  await writeHistoryHdf5(outputs.history!, state.history);
  await writeHistoryCsv(outputs.historyTable!, state.history, names);
  await writeFile(outputs.curves!, drawCurves(state.history, names));
  const summary = {
    // what `batchSize: auto` took is no part of the task's key
    batchSize: batch,
    bestEpoch: state.bestEpoch,
    best: summarise(state.history[state.bestEpoch - 1]!, names),
    last: summarise(state.history.at(-1)!, names),
  };
  await writeFile(outputs.summary!, `${JSON.stringify(summary, null, 2)}\n`);
}

/** Of the first tomogram that says it. */
async function voxelSizeOf({ rows }: RunContext<TrainParameters>): Promise<Triple | null> {
  for (const { files } of rowsOfSplit(rows).training) {
    const { voxelSizeAngstrom } = await readVolumeInfo(files.tomogram!);
    if (voxelSizeAngstrom) return voxelSizeAngstrom;
  }
  return null;
}

const summarise = (record: EpochRecord, names: readonly string[]) => ({
  loss: rounded(record.loss),
  validationLoss: rounded(record.validationLoss),
  validationAccuracy: rounded(record.validationAccuracy),
  meanF1: rounded(meanF1(record)),
  f1: Object.fromEntries(names.map((name, label) => [name, rounded(record.f1[label]!)])),
});

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
