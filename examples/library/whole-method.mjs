/**
 * The whole method from a script, each step on files, without a workflow: simulate, target, train, segment, cluster, evaluate.
 *
 *   npm install tomoflow
 *   node whole-method.mjs FOLDER
 *
 * Called again after a break, the training goes on from where it was.
 */
import { formatDiagnostic, runStep } from "tomoflow";

const folder = process.argv[2] ?? "whole-method";
const classes = { 1: { name: "ribosome", shape: "two-lobed", radius: 6 } };

/** Runs a step and returns its files; what is wrong with its input ends the script. */
async function step(kind, options) {
  const result = await runStep(kind, { classes, folder, report: show, ...options });
  for (const diagnostic of result.diagnostics) console.error(formatDiagnostic(diagnostic));
  if (!result.ok) process.exit(2);
  console.log(kind, result.value.metrics);
  return result.value.outputs;
}

function show(report) {
  if (report.type === "log") console.log(" ", report.text);
}

const rows = [];
for (const [id, seed] of [
  ["t1", 1],
  ["t2", 2],
  ["t3", 3],
]) {
  const { tomogram, objects } = await step("simulate", {
    parameters: { size: [32, 48, 56], counts: 5, snr: 0.5, seed },
    outputs: { tomogram: `${id}.mrc`, objects: `${id}.xml`, truth: `${id}_truth.mrc` },
  });
  const { target } = await step("target", {
    inputs: { tomogram, objects },
    outputs: { target: `${id}_target.mrc` },
  });
  rows.push({ id, tomogram, objects, target });
}
const [first, second, third] = rows.map(({ id, ...inputs }, index) => ({
  id,
  inputs,
  values: { split: index ? "valid" : "train" },
}));

const { best } = await step("train", {
  rows: [first, second],
  parameters: {
    filters: [16, 16, 16],
    patchSize: 24,
    batchSize: 2,
    epochs: 2,
    stepsPerEpoch: 3,
    validationSteps: 1,
    shift: 4,
  },
});
const { labels } = await step("segment", {
  inputs: { tomogram: third.inputs.tomogram },
  parameters: { weights: best },
});
const { detections } = await step("cluster", { id: third.id, inputs: { labels } });
await step("evaluate", { rows: [{ id: third.id, inputs: { detections, objects: third.inputs.objects } }] });
