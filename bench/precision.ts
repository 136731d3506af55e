/**
 * Whether training in 16 bits is as good as in 32: a small network on two simulated tomograms of the quick start, from the same
 * start and the same batches, once a way to compute; prints losses and F1 on the validation patches of every epoch:
 *   node --import tsx bench/precision.ts [WAY,WAY …] [EPOCHS]
 * A way is an engine, or `webgpu:f32`, `webgpu:f16`.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClassDefinition } from "../src/schema/step-description.ts";
import { withDefaults } from "../src/schema/values/input-ports.ts";
import { stepKinds } from "../src/steps/catalog.ts";
import type { StepReport, StepRow } from "../src/steps/step-kind.ts";

const [ways = "onnx,webgpu:f32,webgpu:f16", epochs = "10"] = process.argv.slice(2);

const classes: readonly ClassDefinition[] = [
  { label: 1, name: "ribosome", shape: "two-lobed", radius: 9 },
  { label: 2, name: "proteasome", shape: "barrel", radius: 8 },
  { label: 3, name: "ferritin", shape: "shell", radius: 5 },
];
const training = {
  filters: [8, 16, 16],
  loss: "dice-cross-entropy",
  patchSize: 24,
  batchSize: 2,
  epochs: Number(epochs),
  stepsPerEpoch: 40,
  validationSteps: 20,
  shift: 8,
  learningRate: 0.002,
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = await mkdtemp(join(tmpdir(), "tomoflow-precision-"));

/** Runs a step as the runner would; returns its outputs. */
async function step(
  name: string,
  given: {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly rows: readonly StepRow[];
    readonly engine?: string;
    readonly report?: (report: StepReport) => void;
  },
): Promise<Readonly<Record<string, string>>> {
  const kind = stepKinds.get(name)!;
  const parameters = withDefaults(kind, given.parameters);
  const place = await mkdtemp(join(folder, `${name}-`));
  const checkpointFolder = join(place, "checkpoint");
  await mkdir(checkpointFolder);
  const outputs = Object.fromEntries(
    kind.ports(parameters).outputs.map((port) => [port.name, join(place, port.file)]),
  );
  await kind.run({
    parameters,
    rows: given.rows,
    classes,
    outputs,
    checkpointFolder,
    engine: given.engine ?? "onnx",
    threads: 2,
    memoryBytes: 2e9,
    signal: new AbortController().signal,
    report: given.report ?? (() => undefined),
    runProgram: () => Promise.reject(new Error("no step here runs a program")),
  });
  return outputs;
}

async function tomogram(id: string, split: string): Promise<StepRow> {
  const size = { size: [48, 96, 96], counts: 8, snr: 0.2 };
  const made = await step("simulate", { parameters: size, rows: [{ id, values: {}, files: {} }] });
  const files = { tomogram: made.tomogram!, objects: made.objects! };
  const radii = { strategy: "spheres", radii: { 1: 6, 2: 5, 3: 4 } };
  const { target } = await step("target", { parameters: radii, rows: [{ id, values: {}, files }] });
  return { id, values: { split }, files: { ...files, target: target! } };
}

try {
  const rows = [await tomogram("t1", "train"), await tomogram("t2", "valid")];
  for (const way of ways.split(",")) {
    const [engine, precision] = way.split(":");
    if (precision !== undefined) process.env.TOMOFLOW_GPU_PRECISION = precision;
    const from = performance.now();
    const report = (message: StepReport): void => {
      if (message.type === "engine") print(`\n${message.name}`);
      if (message.type !== "metrics") return;
      const { loss, validationLoss, meanF1 } = message.values;
      print(
        `epoch ${message.step}: loss ${loss!.toFixed(4)}, validation ${validationLoss!.toFixed(4)}, mean F1 ${meanF1!.toFixed(4)}`,
      );
    };
    await step("train", { parameters: training, rows, engine, report });
    print(`${((performance.now() - from) / 1000).toFixed(0)} s`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
