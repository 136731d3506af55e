/**
 * Random workflows under random edits, checked against an oracle that computes every result from scratch: whatever was
 * changed, deleted, edited by hand or interrupted before, a run ends with exactly the oracle's files, and what the plan
 * calls fresh is the oracle's already.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { type ToyProject, toyProject } from "../support/toy-project.ts";

interface Step {
  readonly name: string;
  /** An earlier step, or `tomograms`. */
  readonly from: string;
  readonly suffix: string;
}

interface World {
  readonly texts: Map<string, string>;
  rows: string[];
  steps: Step[];
}

const letters = ["x", "y", "zz"];
const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(0, list.length - 1)]!;

function newWorld(random: Random): World {
  const rows = ["a", "b", "c"].slice(0, random.integer(1, 3));
  const steps: Step[] = [];
  for (const name of ["s0", "s1", "s2", "s3"])
    steps.push({
      name,
      from: pick(random, ["tomograms", ...steps.map((step) => step.name)]),
      suffix: pick(random, letters),
    });
  return { texts: new Map(["a", "b", "c", "d"].map((row) => [row, pick(random, letters)])), rows, steps };
}

function yamlOf({ rows, steps }: World): string {
  const input = ({ from }: Step) => (from === "tomograms" ? "" : ', text: "${row.loud}"');
  return [
    "version: 1",
    "name: any",
    `tomograms: [${rows.map((row) => `{id: ${row}, text: data/${row}.txt}`).join(", ")}]`,
    "steps:",
    ...steps.map(
      (step) =>
        `  ${step.name}: {uses: shout, from: ${step.from}, with: {suffix: ${step.suffix}${input(step)}}}`,
    ),
    `  all: {uses: join, from: ${steps.at(-1)!.name}}`,
    "",
  ].join("\n");
}

/** Every file that should be there, by its path. */
function oracle({ texts, rows, steps }: World): Map<string, string> {
  const files = new Map<string, string>();
  const loud = (name: string, row: string): string => {
    const step = steps.find((each) => each.name === name);
    if (!step) return texts.get(row)!;
    return `${loud(step.from, row).trim().toUpperCase()}${step.suffix}\n`;
  };
  for (const { name } of steps)
    for (const row of rows) files.set(`results/any/${name}/${row}/loud.txt`, loud(name, row));
  const last = steps.at(-1)!.name;
  files.set(
    "results/any/all/all.txt",
    [...rows]
      .sort()
      .map((row) => `- ${loud(last, row)}`)
      .join(""),
  );
  return files;
}

/** One edit of the kind that users make; returns what it was, for the message of a failure. */
async function edit(random: Random, world: World, project: ToyProject): Promise<string> {
  const { texts, steps } = world;
  const output = pick(random, [...oracle(world).keys()]);
  switch (random.integer(0, 5)) {
    case 0: {
      const row = pick(random, [...texts.keys()]);
      texts.set(row, pick(random, letters));
      await project.write(`data/${row}.txt`, texts.get(row)!);
      return `text of ${row}`;
    }
    case 1: {
      const index = random.integer(0, steps.length - 1);
      steps[index] = { ...steps[index]!, suffix: pick(random, letters) };
      return `suffix of ${steps[index].name}`;
    }
    case 2: {
      const index = random.integer(1, steps.length - 1);
      const before = ["tomograms", ...steps.slice(0, index).map(({ name }) => name)];
      steps[index] = { ...steps[index]!, from: pick(random, before) };
      return `source of ${steps[index].name}`;
    }
    case 3:
      world.rows = ["a", "b", "c", "d"].filter(() => random.uniform() < 0.6);
      if (world.rows.length === 0) world.rows = ["d"];
      if (random.uniform() < 0.5) world.rows.reverse();
      return `rows ${world.rows}`;
    case 4:
      await project.remove(output).catch(() => undefined);
      return `without ${output}`;
    default: {
      const old = await project.read(output).catch(() => "");
      await project.write(output, old.replace(/./, "#"));
      return `${output} by hand`;
    }
  }
}

const rounds = Number(process.env.TOMOFLOW_ROUNDS ?? 2);
for (let seed = 1; seed <= rounds; seed++)
  test(`random workflow ${seed} under random edits`, async (context) => {
    const random = new Random(seed);
    const world = newWorld(random);
    const project = await toyProject(
      context,
      Object.fromEntries([...world.texts].map(([row, text]) => [`data/${row}.txt`, text])),
    );
    const story: string[] = [];
    for (let round = 0; round < 6; round++) {
      for (let edits = random.integer(0, 2); edits > 0; edits--)
        story.push(await edit(random, world, project));
      await project.write("workflow.yaml", yamlOf(world));
      const truth = oracle(world);
      const told = `seed ${seed}: ${story.join("; ")}`;
      for (const { state, step, row } of (await project.plan()).tasks) {
        if (state !== "fresh") continue;
        const path = `results/any/${step}/${row === undefined ? "all.txt" : `${row}/loud.txt`}`;
        assert.equal(await project.read(path), truth.get(path), `fresh ${path}; ${told}`);
      }
      assert.equal((await project.run()).summary.outcome, "done", told);
      for (const [path, text] of truth) assert.equal(await project.read(path), text, `${path}; ${told}`);
      const again = await project.run();
      assert.equal(again.summary.counts.fresh, truth.size, `not fresh after a run; ${told}`);
      story.push("run");
    }
  });
