/** Resources of tasks through the real command line; the names of GPUs are only names here, no GPU is used. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = (resources: string) => `version: 1
name: gpus
tomograms: [{id: a}, {id: b}, {id: c}]
steps:
  look:
    uses: command
    resources: ${resources}
    with:
      outputs: {seen: seen.txt}
      environment: {ROW: "\${row.id}"}
      shell: |
        echo "$CUDA_VISIBLE_DEVICES" > "$outputs_seen"
        # each waits until it has company, so that two are at work at once
        mkdir -p "$MEETING"; touch "$MEETING/$CUDA_VISIBLE_DEVICES"
        until [ "$(ls "$MEETING" | wc -l)" -ge 2 ]; do sleep 0.1; done
`;

test("tasks that ask for a GPU get one each, from those that CUDA_VISIBLE_DEVICES leaves", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow("{gpu: 1, cpus: 1}"));
  const environment = { CUDA_VISIBLE_DEVICES: "4,GPU-6f", MEETING: join(folder, "meeting") };
  const run = await tomoflow(["run", "--json", "--jobs", "3"], { folder, environment });
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const events = run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const starts = events.filter(({ type }) => type === "task-started");
  const seen = await Promise.all(
    starts.map(async ({ row }) =>
      (await readFile(join(folder, `results/gpus/look/${row}/seen.txt`), "utf8")).trim(),
    ),
  );
  assert.deepEqual(
    starts.map(({ resources }) => resources.gpus),
    seen.map((name) => [name]),
  );
  assert.deepEqual(new Set(seen), new Set(["4", "GPU-6f"]));
  assert.deepEqual(events[0].machine.gpus, ["4", "GPU-6f"]);
});

test("what the machine does not have is told before anything starts, with the line", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow("{gpu: 3, memory: 900TB}"));
  const run = await tomoflow(["run"], { folder, environment: { CUDA_VISIBLE_DEVICES: "0,1" } });
  assert.equal(run.code, 2);
  assert.match(run.stderr, /workflow\.yaml:5:3: error: step look asks for 3 GPU, this machine has 2/);
  assert.match(
    run.stderr,
    /workflow\.yaml:5:3: error: step look asks for 900000\.0 GB, tasks on this machine/,
  );
  assert.doesNotMatch(run.stdout, /started/);
});
