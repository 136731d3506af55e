import assert from "node:assert/strict";
import { test } from "node:test";
import { jobNumber } from "../../../../src/runner/execution/executors/slurm/batch.ts";
import {
  environmentOfCommands,
  isOverLimit,
  isUnreachable,
} from "../../../../src/runner/execution/executors/slurm/commands.ts";
import { parseExit } from "../../../../src/runner/execution/executors/slurm/exit-record.ts";
import {
  needsOf,
  optionLines,
  slurmTime,
} from "../../../../src/runner/execution/executors/slurm/job-options.ts";
import {
  isOver,
  isWaiting,
  parseAccounts,
  parseQueue,
  stateIn,
} from "../../../../src/runner/execution/executors/slurm/job-states.ts";
import { makeBatches } from "../../../../src/runner/execution/executors/slurm/make-batches.ts";
import { slurmSettings } from "../../../../src/schema/slurm/slurm-settings.ts";

test("the number of a job is found among what a site prints around it", () => {
  assert.equal(jobNumber("1234\n"), "1234");
  assert.equal(jobNumber("1234;cluster\n"), "1234");
  assert.equal(jobNumber("*** maintenance on 24 12 ***\nYou have 3 jobs\n 77\nSee https://hpc\n"), "77");
  assert.equal(jobNumber("Submitted batch job 81 on cluster x\n"), "81");
  assert.equal(jobNumber("sbatch: error: Batch job submission failed: 12\n"), undefined);
});

test("what the queue says, of single elements and of ranges that wait", () => {
  const found = parseQueue(
    "welcome to hpc\n12_0|RUNNING|None|n1\n12_[2-3,7%2]|PENDING|Resources|\n13|FAILED|NonZeroExitCode|n2\n",
  );
  assert.deepEqual([...found.keys()], ["12_0", "12_2", "12_3", "12_7", "13"]);
  assert.deepEqual(found.get("12_7"), { state: "PENDING", reason: "Resources", node: "" });
  assert.ok(isWaiting(found.get("12_2")!) && !isOver(found.get("12_0")!) && isOver(found.get("13")!));
});

test("an array that was cancelled before it began is told as a whole", () => {
  const cancelled = parseQueue("12|CANCELLED|JobHeldUser|\n13_1|RUNNING|None|n1\n");
  assert.equal(stateIn(cancelled, "12_4")!.state, "CANCELLED");
  assert.equal(stateIn(cancelled, "13_1")!.state, "RUNNING");
  assert.equal(stateIn(cancelled, "13_2"), undefined);
  assert.equal(stateIn(parseQueue("12|PENDING|Priority|\n"), "12_4"), undefined);
});

test("a step that ran out of memory counts, whatever the job says", () => {
  const found = parseAccounts(
    "5_1|COMPLETED|n1|None\n5_1.batch|OUT_OF_MEMORY|n1|\n5_1.extern|COMPLETED|n1|\n6|CANCELLED by 1000|None assigned|None\n",
  );
  assert.equal(found.get("5_1")!.state, "OUT_OF_MEMORY");
  assert.deepEqual(found.get("6"), { state: "CANCELLED", reason: "", node: "" });
});

test("a torn or empty exit record is none", () => {
  assert.equal(parseExit(""), undefined);
  assert.equal(parseExit("code="), undefined);
  assert.deepEqual(parseExit("code=137 oom=2 over=0 term=1 job=5_1 node=n1\n"), {
    ...{ code: 137, oomKills: 2, isOver: false, wasAsked: true, job: "5_1", node: "n1" },
  });
});

test("commands know nothing of the job around tomoflow; the site's own settings stay", () => {
  const given = {
    PATH: "/bin",
    SLURM_CONF: "/etc/slurm.conf",
    SLURM_JOB_ID: "7",
    SLURM_MEM_PER_NODE: "100",
    SLURMD_NODENAME: "n1",
    SBATCH_PARTITION: "long",
    SBATCH_EXCLUSIVE: "user",
    SQUEUE_PARTITION: "long",
    CUDA_VISIBLE_DEVICES: "1",
  };
  assert.deepEqual(environmentOfCommands(given), {
    PATH: "/bin",
    SLURM_CONF: "/etc/slurm.conf",
    SBATCH_EXCLUSIVE: "user",
  });
  assert.equal(environmentOfCommands({ CUDA_VISIBLE_DEVICES: "1" }).CUDA_VISIBLE_DEVICES, "1");
});

test("a controller that is away is told from a refusal and from a limit", () => {
  const answer = (stderr: string) => ({ code: 1, stdout: "", stderr });
  assert.ok(
    isUnreachable(
      answer("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"),
    ),
  );
  assert.ok(
    isUnreachable(answer("slurm_load_jobs error: Unable to contact slurm controller (connect failure)")),
  );
  assert.ok(!isUnreachable(answer("sbatch: error: invalid partition specified: nope")));
  assert.ok(
    isOverLimit(
      answer("sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed"),
    ),
  );
  assert.ok(!isOverLimit({ code: 0, stdout: "", stderr: "QOSMaxSubmitJobPerUserLimit" }));
});

test("times are days, hours, minutes, seconds", () => {
  assert.deepEqual([1, 61, 3600, 90_061.2].map(slurmTime), [
    "0-00:00:01",
    "0-00:01:01",
    "0-01:00:00",
    "1-01:01:02",
  ]);
});

const task = (taskId: string, more = {}) => ({
  asked: {},
  failures: [],
  resources: { cores: 1, memoryBytes: 0, gpus: 0 },
  job: { taskId, kind: "segment" },
  ...more,
});

test("what the step asks for goes before the settings, and grows with what was too little", () => {
  const settings = slurmSettings([{ memory: "4GB", time: "1h", cpus: 3, maxMemory: "10GB" }]);
  assert.deepEqual(
    [needsOf(task("a"), settings)].map(({ memoryBytes, timeSeconds, cpus }) => [
      memoryBytes,
      timeSeconds,
      cpus,
    ]),
    [[4e9, 3600, 3]],
  );
  const failures = [{ code: "out-of-memory" }, { code: "time-limit" }, { code: "out-of-memory" }];
  const grown = needsOf(task("a", { failures, asked: { timeSeconds: 60, cpus: 2 } }), settings);
  assert.deepEqual([grown.memoryBytes, grown.timeSeconds, grown.cpus], [10e9, 120, 2]);
  const lines = optionLines(grown, { tasks: 4, folder: "/work space", badNodes: ["n3"] });
  assert.ok(
    lines.includes("--mem=9537M") && lines.includes("--time=0-00:10:00") && lines.includes("--exclude=n3"),
  );
});

const batching = (fields: Readonly<Record<string, unknown>>, mostElements = 1001) => ({
  ...{ settings: slurmSettings([fields]), workflow: "chlamy", folder: "/data", mostElements, badNodes: [] },
  workerOf: () => ({ node: "/usr/bin/node", module: ["/opt/worker.js"], after: [] }),
});

test("alike tasks make one array, as long as Slurm takes; short ones share jobs", () => {
  const tasks = Array.from({ length: 25 }, (_, index) => task(`segment@t${index}`));
  const shape = (batches: readonly { elements: number; perElement: number; tasks: readonly unknown[] }[]) =>
    batches.map(({ elements, perElement, tasks: part }) => [elements, perElement, part.length]);
  assert.deepEqual(shape(makeBatches(tasks, batching({}))), [[25, 1, 25]]);
  assert.deepEqual(shape(makeBatches(tasks, batching({}, 10))), [
    [10, 1, 10],
    [10, 1, 10],
    [5, 1, 5],
  ]);
  assert.deepEqual(shape(makeBatches(tasks, batching({ tasksPerJob: 4 }))), [[7, 4, 25]]);
  const short = tasks.map((each) => ({ ...each, expectedSeconds: 30 }));
  assert.deepEqual(shape(makeBatches(short, batching({}))), [[3, 10, 25]]);
  const mixed = [task("segment@a"), task("cluster@a"), task("segment@b", { asked: { cpus: 8 } })];
  assert.deepEqual(shape(makeBatches(mixed, batching({}))), [
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ]);
});

test("the script holds the options, the prologue and the command in its container", () => {
  const fields = {
    ...{ partition: "gpu", account: "0042", throttle: 5, options: ["--nice=10"] },
    ...{ prologue: "module load $x & echo '$&'", container: "apptainer exec --nv t.sif" },
  };
  const [batch] = makeBatches(
    [
      task("segment@a", { resources: { cores: 2, memoryBytes: 0, gpus: 1 } }),
      task("segment@b", { resources: { cores: 2, memoryBytes: 0, gpus: 1 } }),
    ],
    batching(fields),
  );
  const lines = batch!.script.split("\n");
  assert.equal(lines[0], "#!/bin/bash");
  assert.deepEqual(
    lines.filter((line) => line.startsWith("#SBATCH")).map((line) => line.slice(8)),
    [
      "--array=0-1%5",
      "--partition=gpu",
      "--account=0042",
      "--gres=gpu:1",
      "--ntasks=1",
      "--cpus-per-task=2",
      "--chdir=/data",
      "--no-requeue",
      "--open-mode=append",
      "--signal=B:TERM@60",
      "--nice=10",
    ],
  );
  assert.ok(lines.includes("module load $x & echo '$&'"));
  assert.ok(batch!.script.includes('apptainer exec --nv t.sif node /opt/worker.js --attempt "$2" >>'));
});
