/**
 * Histories as DeepFinder keeps them: `loss`, `acc`, `val_loss`, `val_acc` (epoch) and `val_f1`, `val_precision`, `val_recall`
 * (epoch, class), to which ours add `epoch` and `learning_rate`. Float64; equal histories give equal bytes.
 */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5File, type Hdf5Library, loadHdf5 } from "../../core/hdf5.ts";
import { checkRegularFile } from "../../core/regular-file.ts";
import { writeWholeFile } from "../../core/whole-file.ts";
import type { EpochRecord, History } from "../history.ts";

type Scalar = "epoch" | "loss" | "accuracy" | "validationLoss" | "validationAccuracy" | "learningRate";
type Scores = "f1" | "precision" | "recall";

/** Data set by field; those of one value an epoch. */
const scalarDatasets: Readonly<Record<Scalar, string>> = {
  epoch: "epoch",
  loss: "loss",
  accuracy: "acc",
  validationLoss: "val_loss",
  validationAccuracy: "val_acc",
  learningRate: "learning_rate",
};

/** Data set by field; those of one value a class and epoch. */
const scoreDatasets: Readonly<Record<Scores, string>> = {
  f1: "val_f1",
  precision: "val_precision",
  recall: "val_recall",
};

/** What DeepFinder's files do not hold. */
const oursAlone: ReadonlySet<string> = new Set([scalarDatasets.epoch, scalarDatasets.learningRate]);

const entries = <Key extends string>(datasets: Readonly<Record<Key, string>>) =>
  Object.entries(datasets) as [Key, string][];

/** Replaces `path` as a whole. @throws TomoflowError `history-empty` */
export async function writeHistoryHdf5(path: string, history: History): Promise<void> {
  if (history.length === 0) throw new TomoflowError("history-empty", `there is no epoch to write to ${path}`);
  const library = await loadHdf5();
  await writeWholeFile(path, async (temporary) =>
    call(library, temporary, () => {
      const file = new library.File(temporary, "w", { libver: ["earliest", "latest"] });
      try {
        fill(file, history);
      } finally {
        file.close();
      }
    }),
  );
}

function fill(file: Hdf5File, history: History): void {
  for (const [field, name] of entries(scalarDatasets)) {
    const data = Float64Array.from(history, (record) => record[field]);
    file.create_dataset({ name, data, shape: [history.length], dtype: "<d" });
  }
  const classes = history[0]!.f1.length;
  for (const [field, name] of entries(scoreDatasets)) {
    const data = Float64Array.from(history.flatMap((record) => record[field]));
    file.create_dataset({ name, data, shape: [history.length, classes], dtype: "<d" });
  }
}

/** Values of a data set, one row an epoch. */
interface Rows {
  readonly epochs: number;
  readonly width: number;
  readonly values: Float64Array | Float32Array;
}

/**
 * Reads ours, and those of DeepFinder: values of single steps in an epoch are averaged, and a learning rate that the file
 * does not hold is NaN. @throws TomoflowError `history-missing`, `history-shape`
 */
export async function readHistoryHdf5(path: string): Promise<History> {
  await checkRegularFile(path);
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  try {
    const tables = call(library, path, () => readTables(library, file, path));
    return assemble(tables, path);
  } finally {
    call(library, path, () => file.close());
  }
}

function readTables({ Dataset }: Hdf5Library, file: Hdf5File, path: string): ReadonlyMap<string, Rows> {
  const tables = new Map<string, Rows>();
  for (const [, name] of [...entries(scalarDatasets), ...entries(scoreDatasets)]) {
    const dataset = file.keys().includes(name) ? file.get(name) : null;
    const values = dataset instanceof Dataset ? dataset.value : null;
    if (dataset instanceof Dataset && (values instanceof Float64Array || values instanceof Float32Array)) {
      const [epochs = 0, ...rest] = dataset.shape ?? [];
      tables.set(name, { epochs, width: rest.reduce((product, length) => product * length, 1), values });
    } else if (!oursAlone.has(name))
      throw new TomoflowError("history-missing", `${path} has no floating-point data set \`${name}\``, {
        hint: "a history is the .h5 file that tomoflow train or DeepFinder writes beside the weights",
      });
  }
  return tables;
}

function assemble(tables: ReadonlyMap<string, Rows>, path: string): History {
  const { epochs } = tables.get("loss")!;
  const { width: classes } = tables.get(scoreDatasets.f1)!;
  for (const [name, table] of tables) {
    const isScore = Object.values<string>(scoreDatasets).includes(name);
    if (table.epochs !== epochs || (isScore && table.width !== classes))
      throw new TomoflowError(
        "history-shape",
        `${path}: \`${name}\` has ${table.epochs}×${table.width} values for ${epochs} epochs and ${classes} classes`,
      );
  }
  const row = (name: string, index: number): number[] | undefined => {
    const table = tables.get(name);
    return table && Array.from({ length: table.width }, (_, i) => table.values[index * table.width + i]!);
  };
  const scalar = (field: Scalar, index: number, absent: number) =>
    mean(row(scalarDatasets[field], index)) ?? absent;
  return Array.from(
    { length: epochs },
    (_, index): EpochRecord => ({
      epoch: scalar("epoch", index, index + 1),
      loss: scalar("loss", index, Number.NaN),
      accuracy: scalar("accuracy", index, Number.NaN),
      validationLoss: scalar("validationLoss", index, Number.NaN),
      validationAccuracy: scalar("validationAccuracy", index, Number.NaN),
      f1: row(scoreDatasets.f1, index)!,
      precision: row(scoreDatasets.precision, index)!,
      recall: row(scoreDatasets.recall, index)!,
      learningRate: scalar("learningRate", index, Number.NaN),
    }),
  );
}

const mean = (values: readonly number[] | undefined): number | undefined =>
  values && values.reduce((sum, value) => sum + value, 0) / values.length;
