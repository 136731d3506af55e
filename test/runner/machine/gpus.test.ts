/** Who gets which GPU of a machine that has several; their names are only names here, no GPU is used. */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { type TestContext, test } from "node:test";
import type { GpuSurvey } from "../../../src/core/gpu/gpu-survey.ts";
import { shareOfCores } from "../../../src/runner/machine/resources.ts";
import { type ToyRun, toyProject } from "../../support/toy-project.ts";

const files = {
  "data/a.txt": "a\n",
  "data/b.txt": "b\n",
  "look.mjs": `import { writeFile } from "node:fs/promises";
export default {
  name: "look", version: 1, summary: "Looks.", scope: "row", usesEngine: true,
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({
    inputs: [{ name: "text", required: true, description: "The text." }],
    outputs: [{ name: "seen", file: "seen.txt", description: "What CUDA sees." }],
    columns: [], classFields: [],
  }),
  run: ({ outputs }) => writeFile(outputs.seen, process.env.CUDA_VISIBLE_DEVICES ?? ""),
};
`,
};

const workflow = (step: string): string => `version: 1
name: gpus
tomograms:
  - {id: a, text: data/a.txt}
  - {id: b, text: data/b.txt}
steps:
  look: {uses: ./look.mjs, from: tomograms${step}}
`;

interface Run extends ToyRun {
  /** Names of the GPUs that were asked about, each time. */
  readonly surveyed: readonly string[];
  /** Of each task, what it held. */
  readonly held: readonly string[];
}

async function run(
  t: TestContext,
  { step = "", visible = "4,5", survey }: { step?: string; visible?: string; survey: GpuSurvey },
): Promise<Run> {
  const before = process.env.CUDA_VISIBLE_DEVICES;
  process.env.CUDA_VISIBLE_DEVICES = visible;
  t.after(() => {
    if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = before;
  });
  const project = await toyProject(t, { ...files, "workflow.yaml": workflow(step) });
  const surveyed: string[] = [];
  const result = await project.run({
    gpuEngine: {
      name: "webgpu",
      mayBe: (asked) => asked === "auto",
      survey: async (gpus) => {
        surveyed.push(gpus.map(({ name }) => name).join());
        return survey;
      },
    },
  });
  assert.equal(result.summary.outcome, "done");
  const held = result.events.flatMap((event) =>
    event.type === "task-started" ? [event.resources!.gpus.join()] : [],
  );
  return { ...result, surveyed, held };
}

test("each task that may compute on a GPU gets one of several, with its share of the cores", async (t) => {
  const { surveyed, held, events, summary } = await run(t, { survey: { use: "each" } });
  assert.deepEqual(surveyed, ["4,5"]);
  assert.ok(
    held.every((gpus) => gpus === "4" || gpus === "5"),
    held.join(" "),
  );
  for (const event of events)
    if (event.type === "task-started")
      assert.equal(event.resources!.cores, Math.max(1, Math.floor(availableParallelism() / 2)));
  assert.deepEqual(summary.diagnostics, []);
});

test("so many cores that short tasks, as clustering, find one while all GPUs work", () => {
  assert.deepEqual(
    [1, 2, 4, 16].map((cores) => shareOfCores(cores, 1)),
    [1, 2, 4, 16],
  );
  assert.deepEqual(
    [1, 2, 4, 16, 64].map((cores) => shareOfCores(cores, 1 / 4)),
    [1, 1, 1, 3, 15],
  );
});

test("where they cannot be told apart, one task at a time holds all, and a warning says why", async (t) => {
  const survey = { use: "together", reason: "they are alike", hint: "install it" } as const;
  const { held, summary } = await run(t, { survey });
  assert.deepEqual(held, ["4,5", "4,5"]);
  assert.deepEqual(summary.diagnostics, [
    {
      code: "gpus-not-told-apart",
      severity: "warning",
      message: "this machine has 2 GPUs, and tasks of the webgpu engine use one at a time: they are alike",
      hint: "install it",
    },
  ]);
  const asked = await run(t, { survey, step: ", resources: {gpu: 1}" });
  assert.deepEqual(asked.held, ["4,5", "4,5"]);
});

test("what the workflow says stays: none, another engine, GPUs of a machine that has one, or that Vulkan does not see", async (t) => {
  const together = { use: "together", reason: "" } as const;
  const none = await run(t, { survey: together, step: ", resources: {gpu: 0}" });
  assert.deepEqual([none.surveyed, none.held], [[], ["", ""]]);
  const processor = await run(t, { survey: together, step: ", engine: onnx" });
  assert.deepEqual([processor.surveyed, processor.held], [[], ["", ""]]);
  const single = await run(t, { survey: together, visible: "7", step: ", resources: {gpu: 1}" });
  assert.deepEqual([single.surveyed, single.held], [[], ["7", "7"]]);
  const unseen = await run(t, { survey: { use: "none" } });
  assert.deepEqual([unseen.surveyed, unseen.held, unseen.summary.diagnostics], [["4,5"], ["", ""], []]);
});
