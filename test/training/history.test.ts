import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { call, type Hdf5File, loadHdf5 } from "../../src/core/hdf5.ts";
import {
  type History,
  readHistoryCsv,
  readHistoryHdf5,
  writeHistoryCsv,
  writeHistoryHdf5,
} from "../../src/training/history.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Two epochs, three classes, numbers that no short decimal holds. */
const history: History = [
  {
    epoch: 1,
    loss: 2 / 3,
    accuracy: 0.1 + 0.2,
    validationLoss: 1.75,
    validationAccuracy: 1 / 7,
    f1: [0.9, 0, 1e-9],
    precision: [0.8, 0.25, 0.5],
    recall: [1, 0, Math.PI / 4],
    learningRate: 1e-4,
  },
  {
    epoch: 2,
    loss: 0.5,
    accuracy: 0.75,
    validationLoss: 1.5,
    validationAccuracy: 0.625,
    f1: [0.95, 0.375, 0.125],
    precision: [0.875, 1 / 3, 0.5],
    recall: [1, 0.25, 0.75],
    learningRate: 5e-5,
  },
];

const classNames = ["background", 'ribosome, "80S"', "line\nbreak"];

test("the HDF5 file gives the history back, in DeepFinder's data sets", async (context) => {
  const path = join(await temporaryFolder(context), "history.h5");
  await writeHistoryHdf5(path, history);
  assert.deepEqual(await readHistoryHdf5(path), history);
  const shapes = await inFile(path, "r", (file) =>
    Object.fromEntries(
      file.keys().map((name) => {
        const dataset = file.get(name);
        assert.ok(dataset && "shape" in dataset);
        return [name, dataset.shape];
      }),
    ),
  );
  assert.deepEqual(shapes, {
    acc: [2],
    epoch: [2],
    learning_rate: [2],
    loss: [2],
    val_acc: [2],
    val_f1: [2, 3],
    val_loss: [2],
    val_precision: [2, 3],
    val_recall: [2, 3],
  });
});

test("equal histories give equal bytes", async (context) => {
  const folder = await temporaryFolder(context);
  const now = Date.now;
  context.after(() => {
    Date.now = now;
  });
  await writeHistoryHdf5(join(folder, "a.h5"), history);
  Date.now = () => now() + 100_000_000;
  await writeHistoryHdf5(join(folder, "b.h5"), history);
  assert.ok((await readFile(join(folder, "a.h5"))).equals(await readFile(join(folder, "b.h5"))));
});

test("DeepFinder's own history, a row of steps an epoch, is averaged over the steps", async (context) => {
  const path = join(await temporaryFolder(context), "history.h5");
  await inFile(path, "w", (file) => {
    const add = (name: string, shape: number[], values: number[]) =>
      file.create_dataset({ name, data: Float64Array.from(values), shape });
    add("loss", [2, 3], [1, 2, 6, 0, 1, 2]);
    add("acc", [2, 3], [0, 0.5, 1, 1, 1, 1]);
    add("val_loss", [2, 2], [4, 2, 1, 0]);
    add("val_acc", [2, 2], [0.25, 0.75, 1, 0]);
    for (const name of ["val_f1", "val_precision", "val_recall"]) add(name, [2, 2], [0.125, 0.25, 0.5, 1]);
  });
  const [first, second] = await readHistoryHdf5(path);
  assert.deepEqual(first, {
    epoch: 1,
    loss: 3,
    accuracy: 0.5,
    validationLoss: 3,
    validationAccuracy: 0.5,
    f1: [0.125, 0.25],
    precision: [0.125, 0.25],
    recall: [0.125, 0.25],
    learningRate: Number.NaN,
  });
  assert.deepEqual([second!.epoch, second!.loss, second!.recall], [2, 1, [0.5, 1]]);
});

test("other HDF5 files are refused by what they lack", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "history.h5");
  await assert.rejects(readHistoryHdf5(path), { code: "file-missing" });
  await assert.rejects(writeHistoryHdf5(path, []), { code: "history-empty" });
  await inFile(path, "w", (file) =>
    file.create_dataset({ name: "loss", data: Float64Array.of(1, 2), shape: [2] }),
  );
  await assert.rejects(readHistoryHdf5(path), {
    code: "history-missing",
    message: `${path} has no floating-point data set \`acc\``,
  });
  await inFile(path, "w", (file) => {
    for (const name of ["loss", "acc", "val_loss", "val_f1", "val_precision", "val_recall"])
      file.create_dataset({ name, data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
    file.create_dataset({ name: "val_acc", data: Float64Array.of(1, 2, 3), shape: [3] });
  });
  await assert.rejects(readHistoryHdf5(path), {
    code: "history-shape",
    message: `${path}: \`val_acc\` has 3×1 values for 2 epochs and 3 classes`,
  });
});

const library = await loadHdf5();

async function inFile<T>(path: string, mode: "r" | "w", work: (file: Hdf5File) => T): Promise<T> {
  return call(library, path, () => {
    const file = new library.File(path, mode);
    try {
      return work(file);
    } finally {
      file.close();
    }
  });
}

test("the table gives history and class names back", async (context) => {
  const path = join(await temporaryFolder(context), "history.csv");
  const unknown: History = [
    history[0]!,
    { ...history[1]!, learningRate: Number.NaN, recall: [1, 0, Number.NaN] },
  ];
  await writeHistoryCsv(path, unknown, classNames);
  assert.deepEqual(await readHistoryCsv(path), { history: unknown, classNames });
  const text = await readFile(path, "utf8");
  assert.ok(
    text.startsWith(
      'epoch,loss,acc,val_loss,val_acc,learning_rate,val_f1_background,"val_f1_ribosome, ""80S""",',
    ),
    text,
  );
  assert.ok(
    text.endsWith("\n2,0.5,0.75,1.5,0.625,,0.95,0.375,0.125,0.875,0.3333333333333333,0.5,1,0,\n"),
    text,
  );
});

test("a table saved again by a spreadsheet is still read", async (context) => {
  const path = join(await temporaryFolder(context), "history.csv");
  await writeHistoryCsv(path, history, ["background", "ribosome", "proteasome"]);
  const text = await readFile(path, "utf8");
  await writeFile(path, `\uFEFF${text.replaceAll("\n", "\r\n").trimEnd()}`);
  assert.deepEqual((await readHistoryCsv(path)).history, history);
});

test("other tables are refused by line and cell", async (context) => {
  const path = join(await temporaryFolder(context), "history.csv");
  const refuses = async (text: string, expected: { code: string; message: string }) => {
    await writeFile(path, text);
    await assert.rejects(readHistoryCsv(path), { ...expected, message: `${path}${expected.message}` });
  };
  const header = "epoch,loss,acc,val_loss,val_acc,learning_rate,val_f1_a,val_precision_a,val_recall_a\n";
  await assert.rejects(readHistoryCsv(`${path}.none`), { code: "file-missing" });
  await refuses("x,y,z\n1,2,3\n", {
    code: "history-columns",
    message: " is not a training history: it differs at column 1, which should be epoch",
  });
  await refuses(header.replace("val_recall_a", "val_recall_b"), {
    code: "history-columns",
    message: " is not a training history: it differs at column 9, which should be val_recall_a",
  });
  await refuses(`${header}1,2,3,4,5,6,7,8,nine\n`, {
    code: "history-number",
    message: ", line 2: `nine` is not a number",
  });
  await refuses(`${header}1,2,3,4,5,6,7,8\n`, {
    code: "history-number",
    message: ", line 2: 8 cells instead of 9",
  });
  await refuses(`${header}"1,2\n`, { code: "history-quotes", message: ", row 2: a quote is not closed" });
});
