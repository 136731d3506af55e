/** The work of `train`: opens the set, trains from the last checkpoint on, writes weights, history and curves. */

import type { Engine } from "../../compute/engine.ts";
import { formatBytes } from "../../core/bytes.ts";
import { TomoflowError } from "../../core/error.ts";
import { Random } from "../../core/random.ts";
import type { Graph } from "../../network/graph.ts";
import { readKerasWeights } from "../../network/keras.ts";
import { type Architecture, networkParameters } from "../../network/networks.ts";
import type { ParameterValues } from "../../network/parameters.ts";
import { BatchThreads } from "../../training/batch-threads.ts";
import { createSampler, labelFrequencies, type SamplingOptions } from "../../training/patch-sampler.ts";
import { type TrainingHooks, type TrainingOptions, train } from "../../training/train.ts";
import { openTrainingSet, type TrainingSet } from "../../training/training-set.ts";
import { initialState, type TrainingState } from "../../training/training-state.ts";
import { checkFinite, insistOn } from "../check-voxels.ts";
import { withEngine } from "../engine-shelf.ts";
import { readRowObjects } from "../row-objects.ts";
import type { RunContext, StepRow } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { knownWithin } from "./annotation.ts";
import { type Checkpoint, checkpointOf } from "./checkpoint.ts";
import { throughFailures } from "./failures.ts";
import { pastedRadii } from "./pasted-radii.ts";
import { reportEpoch, reportStep } from "./report-training.ts";
import { rowsOfSplit } from "./rows-of-split.ts";
import { networkOf, planTraining, trainingOptions } from "./training-plan.ts";
import { writeResults } from "./write-results.ts";

type Context = RunContext<TrainParameters>;

export async function runTraining(context: Context): Promise<void> {
  const { parameters, report } = context;
  for (const { id, files } of context.rows)
    insistOn(
      await checkFinite({ path: files.tomogram, what: `${id}: the tomogram`, addresses: true }),
      report,
    );
  const initial = parameters.initialWeights ? await readKerasWeights(parameters.initialWeights) : undefined;
  const network = networkOf(context, initial?.network);
  await withEngine(context, async (engine) => {
    const attempt = (memoryShare: number) =>
      trainWithin(context, engine, { network, initial: initial?.parameters, memoryShare });
    const { state, batch } = await throughFailures(attempt, {
      mayShrink: parameters.batchSize === "auto",
      log: (text) => report({ type: "log", text }),
    });
    context.signal.throwIfAborted();
    await writeResults(context, network, { state, batch });
  });
}

/** Trains with a batch for this share of the engine's memory, from the last checkpoint on. */
async function trainWithin(
  context: Context,
  engine: Engine,
  {
    network,
    initial,
    memoryShare,
  }: { network: Architecture; initial?: ParameterValues; memoryShare: number },
): Promise<{ readonly state: TrainingState; readonly batch: number }> {
  const { parameters, report } = context;
  const sets: TrainingSet[] = [];
  let threads: BatchThreads | undefined;
  try {
    const { batch, bytes } = planTraining(context, memoryShare * engine.memoryBytes(), {
      network,
      bytesOf: (graph) => engine.planBytes(graph, { kept: keptOf(graph) }),
    });
    report({ type: "log", text: `batch of ${batch}, about ${formatBytes(bytes)} for a step` });
    const options = trainingOptions(context, network, batch);
    const { training, validation } = rowsOfSplit(context.rows);
    const { classes } = network;
    // an engine that waits for nothing is worth threads; others use the processor's cores themselves
    const isShared = (engine.runsInFlight ?? 1) > 1;
    for (const rows of [training, validation])
      sets.push(await openSet(rows, context, { classes, stepBytes: bytes, isShared }));
    const sampling = samplingOptions(context, { batch, classes });
    const sampled = [sampling, validationSampling(sampling)].map((each, set) => ({
      tomograms: sets[set]!.tomograms,
      options: each,
    }));
    // patches that are read from files are read here: files are not open in threads
    const count = isShared && !sets.some(({ directRead }) => directRead) ? threadsFor(context) : 0;
    threads = count > 0 ? new BatchThreads(sampled, count) : undefined;
    const [trainingSampler, validationSampler] =
      threads?.samplers ?? sampled.map((each) => createSampler(each.tomograms, each.options));
    const samplers = { training: trainingSampler!, validation: validationSampler! };
    const checkpoint = checkpointOf(context, options);
    const start =
      (await checkpoint.read()) ??
      initialState(networkParameters(network), {
        seed: parameters.seed,
        initialization: parameters.initialization,
        parameters: initial,
        ...(parameters.classPrior && {
          classFrequencies: await labelFrequencies(
            samplers.training,
            classes,
            new Random(parameters.seed + 3),
          ),
        }),
      });
    const hooks = trainingHooks(context, options, checkpoint);
    const ahead = count > 0 ? count + 1 : 1;
    return { state: await train(engine, start, { samplers, options, hooks, ahead }), batch };
  } finally {
    await threads?.close();
    await Promise.all(sets.map((set) => set.close()));
  }
}

/** One core is left to the thread that feeds the engine; more than four threads fill faster than any GPU trains. */
const threadsFor = ({ threads }: Context): number => Math.max(1, Math.min(4, threads - 1));

/** What a step changes and the engine keeps. */
const keptOf = ({ inputs, outputs }: Graph): readonly string[] =>
  Object.keys(inputs).filter((name) => Object.hasOwn(outputs, name));

async function openSet(
  rows: readonly StepRow[],
  context: Context,
  { classes, stepBytes, isShared }: { classes: number; stepBytes: number; isShared: boolean },
): Promise<TrainingSet> {
  const { parameters, memoryBytes, signal } = context;
  if (rows.length === 0)
    throw new TomoflowError(
      "split-missing",
      "training needs rows with `split: train` and rows with `split: valid`",
    );
  const files = [];
  for (const row of rows)
    files.push({
      id: row.id,
      tomogram: row.files.tomogram!,
      target: row.files.target!,
      objects: await readRowObjects(row, "objects"),
      knownWithin: knownWithin(context, row),
    });
  const left = Math.max(0, memoryBytes - stepBytes) / 2;
  const { directRead } = parameters;
  return openTrainingSet(files, { classes, directRead, memoryBytes: left, isShared, signal });
}

const samplingOptions = (
  { parameters, classes: definitions }: Context,
  { batch, classes }: Pick<SamplingOptions, "batch" | "classes">,
): SamplingOptions => ({
  batch,
  classes,
  patchSize: parameters.patchSize,
  bootstrap: parameters.bootstrap,
  shift: parameters.shift,
  tiltAxisTurn: parameters.tiltAxisTurn,
  inPlaneTurn: parameters.inPlaneTurn,
  mirror: parameters.mirror,
  intensityJitter: parameters.intensityJitter,
  background: parameters.background,
  blur: parameters.blur,
  noise: parameters.noise,
  ...(parameters.paste && {
    paste: { perPatch: parameters.paste, radii: pastedRadii({ parameters, classes: definitions }) },
  }),
  ...(parameters.sampleWeight !== undefined && { sampleWeight: parameters.sampleWeight }),
});

/** Validation patches are real ones, each object as likely as the next. */
const validationSampling = ({
  sampleWeight: _,
  paste: __,
  ...sampling
}: SamplingOptions): SamplingOptions => ({
  ...sampling,
  mirror: false,
  intensityJitter: 0,
  blur: 0,
  noise: 0,
});

/** A checkpoint at the end of an epoch spares its validation, so it is written after a shorter time. */
const shareAtEpochEnds = 1 / 6;

function trainingHooks(context: Context, options: TrainingOptions, checkpoint: Checkpoint): TrainingHooks {
  const { checkpointSeconds } = context.parameters;
  let last = performance.now();
  return {
    signal: context.signal,
    onStep: (state, loss) => reportStep(context, options, { state, loss }),
    onEpoch: (record) => reportEpoch(context, record),
    checkpoint: async (snapshot, important) => {
      const seconds = (performance.now() - last) / 1000;
      const isDue = seconds >= checkpointSeconds * (important ? shareAtEpochEnds : 1);
      if (!isDue && !important) return;
      const state = await snapshot();
      const isLast = state.epoch === options.epochs || context.signal.aborted;
      if (!isDue && !isLast) return;
      await checkpoint.write(state);
      last = performance.now();
    },
  };
}
