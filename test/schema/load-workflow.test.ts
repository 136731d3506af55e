import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadWorkflow } from "../../src/schema/load-workflow.ts";
import { toyCatalog, toySegment } from "../support/toy-kinds.ts";
import { folderWith, goodWorkflow, loadGood, loadText } from "../support/workflow-folder.ts";

const minimal = (more: string) =>
  `version: 1\ntomograms: [{id: t0, tomogram: data/t0.mrc}]\n${more}steps:\n  segment:\n    uses: segment\n    with: {weights: data/t1.mrc}\n`;

test("the workflow of the design loads without a word", async (context) => {
  const { workflow, folder, messages } = await loadGood(context, goodWorkflow);
  assert.deepEqual(messages, []);
  assert.equal(workflow.name, "chlamy");
  assert.equal(workflow.path, join(folder, "workflow.yaml"));
  assert.equal(workflow.folder, folder);
  assert.deepEqual(workflow.classes, [
    { label: 1, name: "ribosome", radius: 10, mask: "masks/ribosome.mrc", color: "#4e79a7" },
    { label: 2, name: "proteasome", radius: 6 },
  ]);
  assert.deepEqual(workflow.params, { epochs: 100 });
  assert.deepEqual(workflow.cache, { link: "reflink" });
});

test("every field of a step", async (context) => {
  const { workflow, folder } = await loadGood(
    context,
    `${minimal("cache: {link: hardlink}\nexecutor: local\nengine: onnx\n")}    out: elsewhere/a
    resources: {gpu: 2, cpus: 4, memory: 16 GiB, time: "1:30:00"}
    retries: 3
    enabled: true
    checkpoint: false
    engine: webgpu
  other: {uses: segment, out: /tmp/tomoflow-elsewhere, with: {weights: data/t1.mrc}}
`,
  );
  const [step, other] = workflow.steps;
  assert.equal(step.outputFolder, join(folder, "elsewhere/a"));
  assert.deepEqual(step.resources, { gpu: 2, cpus: 4, memoryBytes: 16 * 2 ** 30, timeSeconds: 5400 });
  assert.deepEqual([step.retries, step.enabled, step.checkpoint, step.engine], [3, true, false, "webgpu"]);
  assert.equal(step.location.line, 7);
  assert.deepEqual(step.parameters, { bias: 0, scores: false, weights: "data/t1.mrc" });
  assert.deepEqual(
    [other.outputFolder, other.engine, other.resources],
    ["/tmp/tomoflow-elsewhere", "onnx", {}],
  );
  assert.equal(workflow.cache.link, "hardlink");
});

test("tasks run where the step says, else where the file says, else here", async (context) => {
  const where = async (text: string) => {
    const { result } = await loadText(context, text);
    assert.ok(result.ok);
    return result.value.steps[0]!.executor;
  };
  assert.equal(await where(minimal("")), "local");
  assert.equal(await where(minimal("executor: slurm\n")), "slurm");
  assert.equal(await where(`${minimal("executor: slurm\n")}    executor: local\n`), "local");
  const { messages } = await loadText(context, minimal("executor: slrum\n"));
  assert.match(messages[0]!, /^workflow.yaml:3:11: error: /);
  assert.match(messages[0]!, /did you mean slurm/);
});

test("an engine for a step that computes no network is told to have no effect; one for the whole file is not", async (context) => {
  const text = (fields: string) =>
    `version: 1\nengine: onnx\nclasses: {1: {name: a, radius: 3}}\ntomograms: [{id: t0, tomogram: data/t0.mrc, objects: data/t0.xml}]\nsteps:\n  target: {uses: target${fields}}\n`;
  assert.deepEqual((await loadText(context, text(""))).messages, []);
  const { result, messages } = await loadText(context, text(", engine: webgpu"));
  assert.ok(result.ok);
  assert.deepEqual(messages, [
    `workflow.yaml:6:26: warning: step target computes no network: \`engine\` changes nothing here
    target: {uses: target, engine: webgpu}
                           ^^^^^^
  hint: take it out, or give it to the steps that train and segment`,
  ]);
});

test("params use each other and the environment, in the table, the classes and the steps", async (context) => {
  const { workflow } = await loadGood(
    context,
    `\
version: 1
params: {file: "\${params.folder}/t0.mrc", folder: "\${env.DATA}", retries: 2, radius: 4.5}
classes: {1: {name: a, radius: "\${params.radius}"}}
tomograms:
  - {id: t0, tomogram: "\${params.file}"}
steps:
  segment: {uses: segment, retries: "\${params.retries}", out: "res/\${params.retries}", with: {weights: "\${params.file}"}}
`,
    { environment: { DATA: "data", SECRET: "x" } },
  );
  assert.equal(workflow.rows[0].columns.tomogram, "data/t0.mrc");
  assert.equal(workflow.classes[0].radius, 4.5);
  assert.equal(workflow.steps[0].retries, 2);
  assert.match(workflow.steps[0].outputFolder, /res\/2$/);
  assert.deepEqual(workflow.environment, { DATA: "data" }, "only the variables that the file names");
});

test("--set and --variant replace params, --set last", async (context) => {
  const text = `${goodWorkflow}variants: {short: {epochs: 1}, long: {epochs: 500}}\n`;
  const params = async (options: object) => (await loadGood(context, text, options)).workflow.params.epochs;
  assert.equal(await params({}), 100);
  assert.equal(await params({ variant: "short" }), 1);
  assert.equal(await params({ set: { epochs: "5" } }), 5);
  assert.equal(await params({ variant: "short", set: { epochs: "7" } }), 7);
});

test("the name is that of the file, or of its folder", async (context) => {
  const folder = await folderWith(context, {
    "my run/workflow.yaml": minimal(""),
    "other.yaml": minimal(""),
  });
  const nameOf = async (file: string) => {
    const result = await loadWorkflow(join(folder, file), { catalog: toyCatalog });
    return result.diagnostics.map(({ location }) => location?.file).includes(join(folder, file));
  };
  assert.ok(await nameOf("other.yaml"), "locations name the file as it was given");
  const { workflow } = await loadGood(context, minimal("name: given\n"));
  assert.equal(workflow.name, "given");
  assert.match(workflow.steps[0].outputFolder, /results\/given\/segment$/);
  const unnamed = await loadGood(context, minimal(""));
  assert.match(unnamed.workflow.name, /^tomoflow-test-/);
});

test("anchors under x-… and merge keys", async (context) => {
  const { workflow } = await loadGood(
    context,
    minimal("x-common: &common {uses: segment, retries: 4, with: {weights: data/t1.mrc}}\n") +
      "  again: {<<: *common, retries: 1}\n  third: *common\n",
  );
  assert.deepEqual(
    workflow.steps.map(({ id, retries }) => [id, retries]),
    [
      ["segment", 0],
      ["again", 1],
      ["third", 4],
    ],
  );
});

test("a mistake behind an alias is shown where it is written", async (context) => {
  const { result } = await loadText(
    context,
    minimal("x-common: &common {uses: segment, with: {weights: data/t1.mrc, bias: 3}}\n") +
      "  again: *common\n",
  );
  assert.deepEqual(
    result.diagnostics.map(({ code, location }) => [code, location?.line, location?.column]),
    [["wrong-value", 3, 70]],
  );
});

test("a kind of the user's own is asked for by its absolute path, and keeps the name the workflow gives it", async (context) => {
  const asked: string[] = [];
  const text = minimal("").replace("uses: segment", "uses: ./kinds/mine.mjs");
  const loadStepKind = async (path: string) => {
    asked.push(path);
    return { ...toySegment, name: path };
  };
  const { workflow, folder } = await loadGood(context, text, { loadStepKind });
  assert.deepEqual(asked, [join(folder, "kinds/mine.mjs")]);
  assert.equal(workflow.steps[0].kind.name, "./kinds/mine.mjs");
  const failing = await loadText(context, text, {
    loadStepKind: async () => {
      throw new Error("no such module");
    },
  });
  assert.match(
    failing.messages[0],
    /^workflow\.yaml:5:11: error: \.\/kinds\/mine\.mjs cannot be loaded: no such module/,
  );
});

test("a misspelt value for some rows is told with the rows", async (context) => {
  const { messages } = await loadText(
    context,
    `\
version: 1
tomograms:
  - {id: t0, tomogram: data/t0.mrc, bias: 0.5}
  - {id: t1, tomogram: data/t1.mrc, bias: 7}
  - {id: t2, tomogram: data/t2.mrc, bias: 8}
steps:
  segment: {uses: segment, with: {weights: data/t1.mrc, bias: "\${row.bias}"}}
`,
  );
  assert.deepEqual(
    messages.map((message) => message.split("\n")[0]),
    [
      "workflow.yaml:7:63: error: bias must be at most 1: 7 is not (row t1)",
      "workflow.yaml:7:63: error: bias must be at most 1: 8 is not (row t2)",
    ],
  );
});
