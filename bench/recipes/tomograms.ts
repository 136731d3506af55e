/** Tomograms that recipes are trained on, tuned on and scored on: of the simulator, or of a folder. Each set is used for one purpose. */
import { join } from "node:path";
import { Random } from "../../src/core/random.ts";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import { runStep } from "../../src/session/run-step.ts";

export interface BenchTomogram {
  readonly id: string;
  readonly split: "train" | "valid" | "test";
  readonly tomogram: string;
  readonly objects: string;
}

export interface BenchSet {
  readonly title: string;
  readonly classes: Readonly<Record<number, { name: string; radius: number; shape?: string }>>;
  readonly tomograms: readonly BenchTomogram[];
}

/** Those of the quick start, noisier. */
const simulatedClasses = {
  1: { name: "ribosome", shape: "two-lobed", radius: 9 },
  2: { name: "proteasome", shape: "barrel", radius: 8 },
  3: { name: "ferritin", shape: "shell", radius: 5 },
};

/** Two to train on, one to tune on, two to score on, each with a seed of its own; made in `folder`. */
export async function simulateSet(folder: string): Promise<BenchSet> {
  const tomograms: BenchTomogram[] = [];
  for (const [index, split] of (["train", "train", "valid", "test", "test"] as const).entries()) {
    const id = `s${index}`;
    const result = await runStep("simulate", {
      inputs: {},
      id,
      folder,
      classes: simulatedClasses,
      parameters: { size: [64, 128, 128], counts: 14, snr: 0.1, seed: 100 + index },
      outputs: { tomogram: `${id}.mrc`, objects: `${id}.xml` },
    });
    if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
    tomograms.push({ id, split, tomogram: join(folder, `${id}.mrc`), objects: join(folder, `${id}.xml`) });
  }
  return {
    title: "simulated: 64×128×128, 14 of each of 3 classes, SNR 0.1; 2 to train, 1 to tune, 2 to score",
    classes: simulatedClasses,
    tomograms,
  };
}

const shreclikeRadii = {
  "4cr2": 9,
  "1qvr": 6,
  "1bxn": 5.5,
  "3cf3": 6,
  "1u6g": 5.5,
  "3d2f": 5.5,
  "2cg9": 5,
  "5mrc": 11,
};

/** tomo1 to train on, tomo2 to tune on, tomo3 to score on. tomo4 is never looked at here: nothing may be chosen by it. */
export function shreclikeSet(data: string): BenchSet {
  const entries = Object.entries(shreclikeRadii).map(([name, radius], index) => [
    index + 1,
    { name, radius },
  ]);
  const tomograms = (["train", "valid", "test"] as const).map((split, index) => ({
    id: `tomo${index + 1}`,
    split,
    tomogram: join(data, `tomo${index + 1}.mrc`),
    objects: join(data, `tomo${index + 1}.xml`),
  }));
  return {
    title: "shreclike: tomo1 to train, tomo2 to tune, tomo3 to score",
    classes: Object.fromEntries(entries),
    tomograms,
  };
}

/** A list of a share of the objects of each class, at least one, drawn at random; the same every time. */
export async function thinned(
  { id, objects }: BenchTomogram,
  { share, folder }: { readonly share: number; readonly folder: string },
): Promise<string> {
  const path = join(folder, `${id}-${share}.xml`);
  const random = new Random(7);
  const list = (await readObjects(objects)).map((object) => ({ object, draw: random.uniform() }));
  const labels = [...new Set(list.map(({ object }) => object.label))];
  const kept = labels.flatMap((label) => {
    const own = list.filter(({ object }) => object.label === label).sort((a, b) => a.draw - b.draw);
    return own.slice(0, Math.max(1, Math.round(share * own.length))).map(({ object }) => object);
  });
  await writeObjects(path, kept);
  return path;
}
