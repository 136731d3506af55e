/** Training through the real program and real workers: killed at any moment it ends with the bytes of an undisturbed one. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type CommandResult, tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { editWorkflow } from "./workflow.ts";

const workflow = `version: 1
name: tiny
classes:
  1: {name: barrel, shape: barrel, radius: 4}
  2: {name: rod, shape: rod, radius: 4}
tomograms:
  - {id: t0, split: train}
  - {id: t1, split: valid}
params: {epochs: 3}
steps:
  simulate: {uses: simulate, from: tomograms, with: {size: [28, 32, 40], counts: 2}}
  target: {uses: target, from: simulate}
  train:
    uses: train
    from: target
    engine: onnx
    with:
      patchSize: 8
      batchSize: 1
      epochs: "\${params.epochs}"
      stepsPerEpoch: 24
      validationSteps: 1
      shift: 2
      filters: [2, 2, 2]
      checkpointSeconds: 0
`;

interface Event {
  readonly type: string;
  readonly task?: string;
  readonly done?: number;
  readonly text?: string;
}

const eventsOf = ({ stdout }: CommandResult): Event[] =>
  stdout
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Event);

const results = ["weights.h5", "best.h5", "history.h5", "history.csv", "curves.svg", "training.json"];

/** Runs until training has done so many steps, then kills the program and its workers at once. */
async function runAndKill(folder: string, steps: number): Promise<void> {
  let killed = false;
  const { code, stdout } = await tomoflow(["run", "--json"], {
    folder,
    group: true,
    onOutput: (output, kill) => {
      const done = [...output.matchAll(/"done":(\d+),"total":72,"unit":"step"/g)].at(-1)?.[1];
      if (killed || Number(done ?? 0) < steps) return;
      killed = true;
      kill("SIGKILL");
    },
  });
  assert.ok(killed && code === null, `it ended before step ${steps}: ${stdout.slice(-500)}`);
}

test("kill -9 in mid-training, twice, and run again: the bytes of an undisturbed training", async (context) => {
  const [undisturbed, folder] = [await temporaryFolder(context), await temporaryFolder(context)];
  for (const place of [undisturbed, folder]) await writeFile(join(place, "workflow.yaml"), workflow);
  const plain = await tomoflow(["run", "--json"], { folder: undisturbed });
  assert.equal(plain.code, 0, plain.stdout + plain.stderr);

  await runAndKill(folder, 8);
  await assert.rejects(readFile(join(folder, "results/tiny/train/weights.h5")), { code: "ENOENT" });
  await runAndKill(folder, 30);
  const last = await tomoflow(["run", "--json"], { folder });
  assert.equal(last.code, 0, last.stdout + last.stderr);
  const logs = eventsOf(last).flatMap(({ text }) => (text?.startsWith("goes on") ? [text] : []));
  assert.match(logs.join(), /^goes on from the checkpoint after epoch [12], step \d+$/);
  const started = eventsOf(last).filter(({ type }) => type === "task-started");
  assert.deepEqual(
    started.map(({ task }) => task),
    ["train"],
    "what was done before is not done again",
  );
  for (const name of results)
    assert.deepEqual(
      await readFile(join(folder, "results/tiny/train", name)),
      await readFile(join(undisturbed, "results/tiny/train", name)),
      name,
    );
  assert.deepEqual(await readdir(join(folder, ".tomoflow/attempts")), [], "killed attempts are cleared away");
  assert.match((await tomoflow(["run"], { folder })).stdout, /everything is fresh/);

  await editWorkflow(folder, "{epochs: 3}", "{epochs: 4}");
  const more = await tomoflow(["run", "--json"], { folder });
  assert.match(more.stdout, /goes on from the checkpoint after epoch 3, step 0/);
});

test("mistakes of the training that can be seen are told before the first step runs, with exit code 2", async (context) => {
  const folder = await temporaryFolder(context);
  const same = '<objlist><object class_label="1" x="20" y="12" z="12"/></objlist>';
  for (const name of ["a.xml", "b.xml"]) await writeFile(join(folder, name), same);
  await writeFile(
    join(folder, "workflow.yaml"),
    workflow
      .replace("{id: t0, split: train}", "{id: t0, split: train, picks: a.xml}")
      .replace("{id: t1, split: valid}", "{id: t1, split: valid, picks: b.xml}")
      .replace("      patchSize: 8", '      objects: "${row.picks}"\n      patchSize: 8'),
  );
  const { code, stdout, stderr } = await tomoflow(["run"], { folder });
  assert.equal(code, 2, stdout + stderr);
  assert.match(stderr + stdout, /error: t1 validates on the objects that t0 trains on/);
  assert.match(stderr + stdout, /error: no training tomogram has an object of class 2 \(rod\)/);
  assert.deepEqual((await readdir(folder)).includes("results"), false, "nothing was made");
});
