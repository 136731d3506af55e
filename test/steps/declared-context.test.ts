/** What a step's `run` may read: what its ports declare, which is what enters the key. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { writeKerasWeights } from "../../src/network/keras.ts";
import { writeObjects } from "../../src/objects/formats.ts";
import type { ClassDefinition, Ports } from "../../src/schema/step-description.ts";
import { stepKinds } from "../../src/steps/catalog.ts";
import { declaredContext } from "../../src/steps/declared-context.ts";
import type { StepRow } from "../../src/steps/step-kind.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { tinyWeights } from "../support/tiny-segmentation.ts";
import { tinyNetwork } from "../support/tiny-training.ts";
import { tinyParameters, writeTinyFiles } from "../support/tiny-training-files.ts";

const kindOf = (ports: Partial<Ports>) => ({
  name: "toy",
  ports: (): Ports => ({ inputs: [], outputs: [], columns: [], classFields: [], ...ports }),
});
const row: StepRow = { id: "t0", values: { split: "train", seed: 5 }, files: { a: "/a", b: "/b" } };
const classes: readonly ClassDefinition[] = [{ label: 1, name: "ribosome", radius: 4, color: "#123456" }];
const given = { parameters: {}, rows: [row], classes };
const input = { name: "a", required: true, description: "It." };

test("what is declared is there, the rest is not, and reading it says what to declare", () => {
  const some = declaredContext(
    kindOf({ inputs: [input], columns: ["split", "tilt"], classFields: ["radius"] }),
    given,
  );
  const [{ values, files }] = some.rows as [StepRow];
  assert.deepEqual([{ ...values }, files], [{ split: "train" }, { a: "/a" }]);
  assert.equal(values.tilt, undefined, "declared, and empty in this row");
  assert.deepEqual({ ...some.classes[0] }, { label: 1, name: "class 1", radius: 4 });
  assert.deepEqual(JSON.parse(JSON.stringify(some.rows)), [
    { values: { split: "train" }, files: { a: "/a" } },
  ]);
  const undeclared = (message: RegExp) => ({ code: "undeclared-read", message });
  assert.throws(
    () => some.rows[0]!.id,
    undeclared(/^the step kind toy reads the row's id, which its ports do not declare$/),
  );
  assert.throws(() => values.seed, undeclared(/reads the column seed/));
  assert.throws(() => some.classes[0]!.color, undeclared(/reads the color of classes/));
  const all = declaredContext(kindOf({ columns: ["id", "seed"], classFields: ["name", "color"] }), given);
  assert.deepEqual([all.rows[0]!.id, all.rows[0]!.values.seed], ["t0", 5]);
  assert.deepEqual({ ...all.classes[0] }, { label: 1, name: "ribosome", color: "#123456" });
  assert.deepEqual(declaredContext(kindOf({}), given).classes, [], "no field, no classes");
});

test("no built-in kind reads a column, an id or a class field that it does not declare", async (context) => {
  const { folder, path, rows } = await writeTinyFiles(context);
  await writeKerasWeights(path("w.h5"), tinyNetwork, tinyWeights(6));
  const mask = { shape: [5, 5, 5], voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] } as const;
  await writeVolume(path("mask.mrc"), { ...mask, data: new Uint8Array(125).fill(1) });
  const turned = { phi: 0, psi: 0, the: 0, score: 0.5, clusterSize: 9 };
  const list = [
    { label: 1, x: 8, y: 9, z: 10, ...turned },
    { label: 2, x: 20, y: 12, z: 6, ...turned },
  ];
  await writeObjects(path("all.xml"), [
    ...list.map((one) => ({ ...one, tomogramId: "t0" })),
    ...list.map((one) => ({ ...one, tomogramId: "t1" })),
  ]);
  await writeObjects(path("own.xml"), list);
  const files = {
    ...rows[0]!.files,
    labels: rows[0]!.files.target!,
    detections: path("own.xml"),
    objects: path("all.xml"),
  };
  const full = (label: number, name: string): ClassDefinition => ({
    label,
    name,
    radius: 2,
    mask: path("mask.mrc"),
    density: path("mask.mrc"),
    shape: "rod",
    color: "#123456",
  });
  const one: StepRow = { id: "t0", values: { split: "train", seed: 3, tomo_idx: 0, extra: 1 }, files };
  const trials: readonly (readonly [kind: string, Partial<StepTrial>])[] = [
    ["simulate", { parameters: { size: [16, 24, 24], counts: 1 } }],
    ["simulate", { parameters: { size: [20, 24, 28] }, rows: [one] }],
    ["target", { rows: [one] }],
    ["target", { rows: [one], parameters: { strategy: "shapes" } }],
    ["target", { rows: [one], parameters: { size: [20, 24, 28], radii: { 1: 2, 2: 3 } } }],
    [
      "train",
      {
        rows: rows.map((each) => ({ ...each, values: { ...each.values, extra: 1 } })),
        parameters: tinyParameters,
      },
    ],
    ["segment", { rows: [one], parameters: { weights: path("w.h5"), scores: true, binned: true } }],
    ["cluster", { rows: [one] }],
    ["cluster", { rows: [one], parameters: { method: "components" } }],
    ["cluster", { rows: [one], parameters: { radius: 3 } }],
    ["evaluate", { rows: [one] }],
    ["evaluate", { rows: [one], parameters: { match: "shapes" } }],
    ["evaluate", { rows: [one], parameters: { distance: 3 } }],
    ["export", { rows: [one] }],
    ["export", { rows: [one], parameters: { format: "relion4", binning: 4 } }],
    ["export", { rows: [one], parameters: { format: "dynamo" } }],
    ["export", { rows: [one], parameters: { format: "czii" } }],
    [
      "command",
      {
        rows: [one],
        parameters: {
          inputs: ["objects"],
          outputs: { copy: "c.xml" },
          stdout: "copy",
          run: ["cat", "{inputs.objects}"],
        },
      },
    ],
  ];
  assert.deepEqual(new Set(trials.map(([name]) => name)), new Set(stepKinds.keys()));
  for (const [name, trial] of trials) {
    const kind = stepKinds.get(name)!;
    const step = stepContext(kind, folder, { classes: [full(1, "ribosome"), full(2, "rod")], ...trial });
    const { id, ...rest } = one;
    const rowsGiven = trial.rows ?? [{ id, ...rest, files: {} }];
    await kind.run({ ...step, ...declaredContext(kind, { ...step, rows: rowsGiven }) });
    for (const output of Object.values(step.outputs))
      assert.ok(existsSync(output), `${name} writes ${output}`);
  }
});
