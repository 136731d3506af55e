/** The head is killed at many instants of a run, from before the first submission to the last result; nothing is done twice. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCluster, type TestCluster } from "./cluster.ts";
import { type ClusterProject, clusterProject } from "./cluster-project.ts";
import { newRandom } from "./seeded.ts";

let cluster: TestCluster;
before(async () => {
  cluster = await startCluster();
});
after(() => cluster?.stop());

/** Kills in all, and projects at the same time. TOMOFLOW_TEST_KILLS and TOMOFLOW_TEST_SEED ask for others. */
const kills = Number(process.env.TOMOFLOW_TEST_KILLS ?? 24);
const seed = Number(process.env.TOMOFLOW_TEST_SEED ?? 16);
const atATime = 3;
const longestSeconds = 9;
const steps = "  work: {uses: work, with: {seconds: 1}}\n  measure: {uses: measure, from: work}\n";
const rows = 3;

const script = fileURLToPath(new URL("./head.ts", import.meta.url));

test(`a head killed at ${kills} instants`, async (context) => {
  const local = await clusterProject(context, { rows, steps });
  await local.run({ local: true });
  const wanted = await local.results();
  let left = kills;
  const killMany = async (random: () => number) => {
    while (left > 0) {
      const project = await clusterProject(context, { rows, steps });
      for (let ended = false; !ended; ) {
        const seconds = random() * longestSeconds;
        ended = await killedAfter(project, left-- > 0 ? seconds : Number.POSITIVE_INFINITY);
      }
      assert.deepEqual(await project.results(), wanted);
      assert.deepEqual(await project.timesDone(), { r0: 1, r1: 1, r2: 1 });
    }
  };
  await Promise.all(Array.from({ length: atATime }, (_, index) => killMany(newRandom(seed + index))));
  assert.ok(left <= 0);
});

/** True where the head came to its end, which must be a good one, before it was killed. */
async function killedAfter({ folder }: ClusterProject, seconds: number): Promise<boolean> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, folder], {
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  const timer = Number.isFinite(seconds)
    ? setTimeout(() => child.kill("SIGKILL"), seconds * 1000)
    : undefined;
  const [code] = await ended;
  clearTimeout(timer);
  if (code !== null) assert.equal(code, 0, "the head ended badly");
  return code === 0;
}
