/** A cluster with accounts: jobs are known long after the queue has forgotten them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startCluster, type TestCluster } from "./cluster.ts";
import { clusterProject } from "./cluster-project.ts";

let cluster: TestCluster;
before(async () => {
  cluster = await startCluster({ accounts: true });
});
after(() => cluster?.stop());

test("a job that the queue has forgotten is asked for in the accounts, in one call for all", async (context) => {
  const steps = "  work: {uses: work, with: {seconds: 60}}\n";
  const project = await clusterProject(context, { rows: 3, steps });
  const head = spawn(
    process.execPath,
    [
      "--import",
      import.meta.resolve("tsx"),
      fileURLToPath(new URL("./head.ts", import.meta.url)),
      project.folder,
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const jobs = async () =>
    (await cluster.ask("squeue", "--noheader", "--array", "--states=running", "--format=%i"))
      .split("\n")
      .filter(Boolean);
  while ((await jobs()).length < 3) await wait(200);
  await wait(1000);
  head.kill("SIGKILL");
  await once(head, "exit");
  await cluster.ask("scancel", ...(await jobs()));
  // MinJobAge of the test cluster is 2 s
  for (;;) {
    const known = await cluster.ask("squeue", "--noheader", "--states=all", "--format=%i");
    if (known.trim() === "") break;
    await wait(500);
  }
  // what the jobs themselves wrote of their end is lost, as with a node that goes
  const attempts = join(project.folder, ".tomoflow", "attempts");
  for (const name of readdirSync(attempts)) {
    await rm(join(attempts, name, ".job", "exit"), { force: true });
    await rm(join(attempts, name, ".job", "events.jsonl"), { force: true });
  }
  for (const name of readdirSync(join(project.folder, ".tomoflow", "slurm")))
    for (const file of readdirSync(join(project.folder, ".tomoflow", "slurm", name)))
      if (/log$/.test(file)) await rm(join(project.folder, ".tomoflow", "slurm", name, file));
  const run = await project.run({ keepGoing: true });
  const errors = run.events.flatMap((event) => (event.type === "task-ended" ? [event.error?.code] : []));
  assert.deepEqual(errors, ["job-cancelled", "job-cancelled", "job-cancelled"]);
  assert.ok(run.calls.sacct! >= 1 && run.calls.sacct! <= run.calls.squeue!, JSON.stringify(run.calls));
});
