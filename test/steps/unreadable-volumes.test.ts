/** Volumes and weights that no step could read are found by the preflights, wherever a kind takes one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { writeObjects } from "../../src/objects/formats.ts";
import { stepKinds } from "../../src/steps/catalog.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { fixture } from "../volume/fixtures.ts";

const packed = fixture("hdf5/packed.h5");
const elsewhere = fixture("hdf5/elsewhere/raw.h5");
const fine = fixture("hdf5/elsewhere/within.h5");

/** Kind, what is given to it, and which files of it stand in the way. */
type Case = readonly [kind: string, trial: (objects: string) => Omit<StepTrial, "classes">, classes?: object];

const cases: readonly Case[] = [
  ["segment", () => ({ files: { tomogram: packed, mask: elsewhere }, parameters: { weights: fine } })],
  [
    "train",
    (objects) => ({ files: { tomogram: packed, target: elsewhere, objects }, values: { split: "train" } }),
  ],
  ["target", (objects) => ({ files: { tomogram: packed, initial: elsewhere, objects } })],
  [
    "target",
    (objects) => ({ files: { tomogram: fine, objects }, parameters: { strategy: "shapes" } }),
    { mask: packed },
  ],
  ["cluster", () => ({ files: { labels: packed, scores: fixture("hdf5/elsewhere/group.h5") } })],
  [
    "evaluate",
    (objects) => ({ files: { objects, detections: objects }, parameters: { match: "shapes" } }),
    { mask: packed },
  ],
  ["simulate", () => ({ parameters: { size: [8, 8, 8], counts: { 1: 1 } } }), { density: packed }],
];

for (const [name, trial, fields] of cases)
  test(`${name} tells before it runs which of its volumes cannot be read: ${Object.keys(fields ?? trial("").files!).join()}`, async (context) => {
    const folder = await temporaryFolder(context);
    const objects = join(folder, "objects.csv");
    await writeObjects(objects, [{ label: 1, z: 1, y: 1, x: 1, phi: 0, psi: 0, the: 0 }]);
    const kind = stepKinds.get(name)!;
    const classes = [{ label: 1, name: "a", radius: 1, ...fields }];
    const step = stepContext(kind, folder, { classes, ...trial(objects) });
    const found = (await kind.preflight!(step)).filter(({ code }) => code.startsWith("hdf5-"));
    const paths = JSON.stringify([step.rows, classes]);
    const expected = [packed, elsewhere, fixture("hdf5/elsewhere/group.h5")].filter((path) =>
      paths.includes(`"${path}"`),
    );
    assert.deepEqual(found.map(({ location }) => location?.file).sort(), expected.sort());
    for (const { code, location, hint } of found) {
      assert.equal(code, location?.file === packed ? "hdf5-filter" : "hdf5-elsewhere");
      assert.match(hint!, /h5repack/);
    }
  });

test("weights that cannot be unpacked, or lie elsewhere, are found before segment and train run", async (context) => {
  const folder = await temporaryFolder(context);
  for (const [weights, code] of [
    [fixture("hdf5/weights-zstd.h5"), "hdf5-filter"],
    [fixture("hdf5/elsewhere/weights.h5"), "hdf5-elsewhere"],
  ])
    for (const [name, parameters] of [
      ["segment", { weights }],
      ["train", { initialWeights: weights }],
    ] as const) {
      const kind = stepKinds.get(name)!;
      const step = stepContext(kind, folder, { classes: [], parameters, files: {} });
      const found = (await kind.preflight!(step)).filter(({ location }) => location?.file === weights);
      assert.deepEqual(
        found.map((diagnostic) => diagnostic.code),
        [code],
        name,
      );
    }
});
