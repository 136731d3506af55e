/** Names of checkpoints: trainings that an earlier version began are found again, those of other parameters are not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { identityOf } from "../../src/steps/train/checkpoint.ts";
import { networkOf, trainingOptions } from "../../src/steps/train/training-plan.ts";
import type { TrainParameters } from "../../src/steps/train.ts";

const parameters: TrainParameters = {
  patchSize: 40,
  batchSize: 4,
  epochs: 7,
  stepsPerEpoch: 11,
  validationSteps: 3,
  shift: 13,
  bootstrap: true,
  background: 0,
  tiltAxisTurn: true,
  inPlaneTurn: false,
  mirror: false,
  intensityJitter: 0,
  learningRate: 0.002,
  schedule: "constant",
  finalRate: 0.01,
  warmupSteps: 5,
  loss: "tversky",
  alpha: 0.3,
  beta: 0.6,
  gamma: 3,
  filters: [8, 16, 24],
  initialization: "he",
  classPrior: true,
  averageDecay: 0.9,
  patience: 2,
  seed: 5,
  directRead: "auto",
  checkpointSeconds: 30,
};

function identity(
  changes: Partial<TrainParameters> = {},
  values: Readonly<Record<string, string>> = {},
): string {
  const row = { files: {}, values };
  const context = {
    parameters: { ...parameters, ...changes },
    classes: [
      { label: 1, name: "a" },
      { label: 3, name: "b" },
    ],
    rows: [
      { id: "b", ...row },
      { id: "a", ...row },
    ],
  };
  return identityOf(context, trainingOptions(context, networkOf(context), 4));
}

test("another weight of unknown voxels is another training", () => {
  const identityOfRow = (annotation: string, unknownWeight?: number) =>
    identity({ unknownWeight }, { annotation, split: "train" });
  assert.equal(identityOfRow("complete", 0.5), identity());
  assert.notEqual(identityOfRow("partial"), identity());
  assert.notEqual(identityOfRow("partial", 0.5), identityOfRow("partial"));
});

test("trainings that version 0.1.0 began are found again", () => {
  const weighted = { classWeights: { 0: 0.5, 3: 2 }, schedule: "cosine" } as const;
  const known = {
    tversky: ["f10ce619f4f9", "7ad04b64fe6e"],
    dice: ["20ae89b62066", "8700ae1456a0"],
    "cross-entropy": ["8897611327ea", "643bf02e8080"],
    focal: ["fb822e5e5433", "ddba8763b312"],
    "dice-cross-entropy": ["927abf9a39ef", "efd97fa9f260"],
  } as const;
  for (const [loss, expected] of Object.entries(known))
    assert.deepEqual(
      [
        identity({ loss: loss as keyof typeof known }),
        identity({ loss: loss as keyof typeof known, ...weighted }),
      ],
      expected,
      loss,
    );
});

test("what the state depends on makes another name; more epochs do not, unless a schedule ends with them", () => {
  const name = identity();
  for (const changes of [{ patchSize: 48 }, { filters: [8, 16, 32] }, { seed: 6 }, { beta: 0.5 }])
    assert.notEqual(identity(changes), name, JSON.stringify(changes));
  assert.equal(identity({ epochs: 9 }), name);
  assert.notEqual(identity({ epochs: 9, schedule: "cosine" }), identity({ schedule: "cosine" }));
});
