import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatDiagnostic } from "../../../src/core/diagnostic.ts";
import { readSlurmSettings } from "../../../src/schema/slurm/read-slurm-settings.ts";
import { temporaryFolder } from "../../support/temporary.ts";

interface Files {
  readonly user?: string;
  readonly project?: string;
  readonly profile?: string;
}

async function read(context: TestContext, { user, project, profile }: Files) {
  const folder = await temporaryFolder(context);
  const write = async (path: string, text: string | undefined) => {
    if (text === undefined) return;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await write("home/.config/tomoflow/slurm.yaml", user);
  await write("project/slurm.yaml", project);
  const result = await readSlurmSettings({
    folder: join(folder, "project"),
    environment: { HOME: join(folder, "home") },
    ...(profile !== undefined && { profile }),
  });
  const shown = result.diagnostics.map((each) => formatDiagnostic(each).replaceAll(`${folder}/`, ""));
  return { result, shown };
}

async function readGood(context: TestContext, files: Files) {
  const { result, shown } = await read(context, files);
  assert.deepEqual(shown, []);
  assert.ok(result.ok);
  return result.value;
}

const plain = { step: "segment", kind: "segment", gpus: 0 };

test("without files sbatch's own defaults hold", async (context) => {
  const settings = await readGood(context, {});
  assert.deepEqual(settings.jobOf(plain), { words: {}, options: [], prologue: [] });
  assert.deepEqual([settings.pollSeconds, settings.lateSeconds], [10, 60]);
});

test("the project's file replaces the user's, field by field; what is for a GPU or a step goes before both", async (context) => {
  const settings = await readGood(context, {
    user: `
partition: long
account: lab
memory: 4GB
time: 1:30:00
poll: 30
gpu: {partition: gpu, gres: "gpu:a100:1"}
steps: {train: {time: 2d}}
`,
    project: `
partition: short
prologue: |
  module load nodejs
  export TMPDIR=/scratch
options: [--nice=100, "--mail-type=END"]
`,
  });
  assert.deepEqual(settings.jobOf(plain), {
    words: { partition: "short", account: "lab" },
    memoryBytes: 4e9,
    timeSeconds: 5400,
    prologue: ["module load nodejs", "export TMPDIR=/scratch"],
    options: ["--nice=100", "--mail-type=END"],
  });
  const training = settings.jobOf({ step: "train", kind: "train", gpus: 1 });
  assert.deepEqual(training.words, { partition: "gpu", account: "lab", gres: "gpu:a100:1" });
  assert.equal(training.timeSeconds, 172_800);
  // by its kind, where the step is called otherwise
  assert.equal(settings.jobOf({ step: "second", kind: "train", gpus: 0 }).timeSeconds, 172_800);
  assert.equal(settings.pollSeconds, 30);
});

test("numbers that are names stay as they are written", async (context) => {
  const settings = await readGood(context, {
    project: "account: 0042\nqos: 1e3\nsteps: {segment: {account: 007}}\n",
  });
  assert.deepEqual(settings.jobOf({ ...plain, step: "other", kind: "other" }).words, {
    account: "0042",
    qos: "1e3",
  });
  assert.equal(settings.jobOf(plain).words.account, "007");
});

test("a profile adds to the file that has it", async (context) => {
  const user = "partition: main\ncpus: 2\nprofiles:\n  spare: {partition: preempt, gpu: {gres: gpu:1}}\n";
  const spare = await readGood(context, { user, profile: "spare" });
  assert.deepEqual(spare.jobOf({ ...plain, gpus: 1 }).words, { partition: "preempt", gres: "gpu:1" });
  assert.equal(spare.jobOf(plain).cpus, 2);
  assert.equal((await readGood(context, { user })).jobOf(plain).words.partition, "main");
  const wrong = await read(context, { user, profile: "spre" });
  assert.deepEqual(wrong.shown, ["error: there is no profile spre for Slurm\n  hint: did you mean spare?"]);
});

test("mistakes are told at their places, in both files", async (context) => {
  const { result, shown } = await read(context, {
    user: "partion: main\n",
    project: "memory: much\ngpu:\n  throttle: 0\nprofiles: {a: {steps: {train: {tme: 1h}}}}\n",
  });
  assert.ok(!result.ok);
  assert.deepEqual(
    shown.map((text) => text.split("\n")[0]),
    [
      "home/.config/tomoflow/slurm.yaml:1:1: error: unknown key partion in slurm.yaml",
      'project/slurm.yaml:1:9: error: memory must be an amount of memory such as 16GB or "16 GiB": "much" is not',
      "project/slurm.yaml:3:13: error: throttle must be at least 1: 0 is not",
      "project/slurm.yaml:4:32: error: unknown key tme in train",
    ],
  );
  assert.match(shown[0]!, /did you mean partition\?/);
  const list = await read(context, { project: "- partition\n" });
  assert.match(list.shown[0]!, /this is no map of settings of Slurm jobs/);
});
