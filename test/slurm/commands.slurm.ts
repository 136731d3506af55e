/** The program itself on a real Slurm: the quick start's rows as arrays, dry runs, runs in the background and their end. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { tomoflow } from "../support/command-line.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { startCluster, type TestCluster } from "./cluster.ts";

let cluster: TestCluster;
before(async () => {
  cluster = await startCluster();
});
after(() => cluster?.stop());

/** The quick start in a folder of its own. */
async function quickStart(context: TestContext, slurm: string): Promise<string> {
  const folder = await temporaryFolder(context);
  const from = join(repositoryRoot, "examples/quickstart");
  await cp(from, folder, {
    recursive: true,
    filter: (path) => !/results|\.tomoflow|\.lock\.yaml$/.test(path),
  });
  await writeFile(join(folder, "slurm.yaml"), `poll: 1\nlate: 5\n${slurm}`);
  return folder;
}

const jobsOf = async (): Promise<readonly string[]> =>
  (await cluster.ask("squeue", "--noheader", "--array", "--format=%i %T")).split("\n").filter(Boolean);

test("the rows of the quick start go as arrays and give, byte for byte, what they give here", async (context) => {
  const [there, here] = [await quickStart(context, ""), await quickStart(context, "")];
  const words = ["run", "--only", "target", "--plain"];
  const run = await tomoflow([...words, "--executor", "slurm"], { folder: there });
  assert.equal(run.code, 0, run.stderr + run.stdout);
  assert.match(run.stdout, /simulate@\w+ queued on slurm \(\d+_0\)/);
  const local = await tomoflow(words, { folder: here });
  assert.equal(local.code, 0, local.stderr);
  const lockOf = async (folder: string) =>
    (await readFile(join(folder, "workflow.lock.yaml"), "utf8")).replace(/^.*(seconds|engine):.*\n/gm, "");
  assert.equal(await lockOf(there), await lockOf(here));
});

test("a dry run prints what sbatch then gets, to the letter", async (context) => {
  const folder = await quickStart(context, 'options: ["--hold"]\nprologue: echo ready\n');
  const words = ["--only", "simulate", "--executor", "slurm"];
  const dry = await tomoflow(["run", "--dry-run", ...words], { folder });
  assert.equal(dry.code, 0, dry.stderr);
  const script = dry.stdout.slice(dry.stdout.indexOf("#!/bin/bash")).trimEnd();
  assert.match(
    dry.stdout,
    /^# simulate@\w+ … simulate@\w+ \(\d+ tasks\)\n# sbatch --parsable --job-name=tf-/,
  );
  assert.deepEqual(await jobsOf(), []);
  const run = await tomoflow(["run", "--detach", ...words], { folder });
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /^run \S+ goes on in process \d+ on /);
  const held = await untilJobs((jobs) => jobs.length > 0);
  assert.ok(held.every((job) => job.endsWith("PENDING")));
  const written = await cluster.ask("scontrol", "write", "batch_script", held[0]!.split("_")[0]!, "-");
  assert.equal(written.trimEnd(), script);
  const cancelled = await tomoflow(["run", "--cancel"], { folder });
  assert.match(cancelled.stdout, /^asked run \S+ to stop/);
  await untilJobs((jobs) => jobs.length === 0);
  await untilEnded(folder);
  assert.match((await tomoflow(["run", "--cancel"], { folder })).stdout, /nothing of this workflow goes on/);
});

test("what a head that was killed has left is taken back without one", async (context) => {
  const folder = await quickStart(context, 'options: ["--hold"]\n');
  const run = await tomoflow(["run", "--detach", "--only", "simulate", "--executor", "slurm"], { folder });
  const pid = Number(/process (\d+)/.exec(run.stdout)![1]);
  await untilJobs((jobs) => jobs.length > 0);
  await wait(1000);
  process.kill(pid, "SIGKILL");
  const cancelled = await tomoflow(["run", "--cancel"], { folder });
  assert.match(cancelled.stdout, /cancelled \d+ tasks in Slurm/);
  await untilJobs((jobs) => jobs.length === 0);
});

test("a partition that is not there is told before anything runs, and validate tells it too", async (context) => {
  const folder = await quickStart(context, "partition: nowhere\n");
  const run = await tomoflow(["run", "--executor", "slurm", "--plain"], { folder });
  assert.equal(run.code, 2);
  assert.match(run.stdout + run.stderr, /Slurm would refuse the jobs of step simulate: .*invalid partition/i);
  assert.match(run.stdout + run.stderr, /hint: sinfo lists the partitions/);
});

async function untilJobs(fits: (jobs: readonly string[]) => boolean): Promise<readonly string[]> {
  for (;;) {
    const jobs = await jobsOf();
    if (fits(jobs)) return jobs;
    await wait(200);
  }
}

async function untilEnded(folder: string): Promise<void> {
  while (/running/.test((await tomoflow(["runs"], { folder })).stdout)) await wait(200);
}
