import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TomoflowError } from "../../../src/core/error.ts";
import { bindInputs, fillFiles, type TaskBinding } from "../../../src/schema/values/bindings.ts";
import { columnsOf, expandRows, findStep } from "../../../src/schema/values/table-flow.ts";
import type { Workflow, WorkflowStep } from "../../../src/schema/workflow.ts";
import { goodWorkflow, loadGood } from "../../support/workflow-folder.ts";

const stepOf = (workflow: Workflow, id: string) => findStep(workflow, id) as WorkflowStep;
const tasksOf = (workflow: Workflow, id: string) => bindInputs(workflow, stepOf(workflow, id));

const shortened = (folder: string, binding: TaskBinding) =>
  JSON.parse(JSON.stringify(binding).replaceAll(`${folder}/`, "")) as TaskBinding;

describe("the tasks of the workflow in the design", () => {
  test("a per-row step has one task a row, with its files and its folder", async (context) => {
    const { workflow, folder } = await loadGood(context, goodWorkflow);
    const tasks = tasksOf(workflow, "target");
    assert.deepEqual(
      tasks.map(({ taskId }) => taskId),
      ["target@t0", "target@t1"],
    );
    assert.deepEqual(shortened(folder, tasks[1]), {
      taskId: "target@t1",
      step: "target",
      row: "t1",
      parameters: { strategy: "spheres", radii: {}, size: "auto" },
      rows: [
        {
          id: "t1",
          values: { id: "t1", split: "valid" },
          files: {
            objects: { type: "file", path: "data/t1.xml" },
            tomogram: { type: "file", path: "data/t1.mrc" },
          },
        },
      ],
      parameterFiles: {},
      classFiles: {},
      dependsOn: [],
      outputs: { target: "results/chlamy/target/t1/target.mrc" },
      outputFolder: "results/chlamy/target/t1",
    });
  });

  test("a whole-table step has one task over all rows, and waits for each", async (context) => {
    const { workflow, folder } = await loadGood(context, goodWorkflow);
    const [train, ...more] = tasksOf(workflow, "train").map((task) => shortened(folder, task));
    assert.deepEqual(more, []);
    assert.equal(train.taskId, "train");
    assert.equal(train.row, undefined);
    assert.equal(train.parameters.epochs, 100);
    assert.deepEqual(train.dependsOn, ["target@t0", "target@t1"]);
    assert.deepEqual(train.rows[0].files, {
      tomogram: { type: "file", path: "data/t0.mrc" },
      objects: { type: "file", path: "data/t0.xml" },
      target: { type: "output", step: "target", row: "t0", output: "target" },
    });
    assert.deepEqual(train.outputs, {
      weights: "results/chlamy/train/weights.h5",
      history: "results/chlamy/train/history.csv",
    });
  });

  test("a file of an earlier step is a parameter's source, and what the task waits for", async (context) => {
    const { workflow } = await loadGood(context, goodWorkflow);
    const [segment] = tasksOf(workflow, "segment");
    assert.equal(segment.parameters.weights, "${train.weights}");
    assert.deepEqual(segment.parameterFiles, {
      weights: [{ type: "output", step: "train", output: "weights" }],
    });
    assert.deepEqual(segment.dependsOn, ["train"]);
  });

  test("steps come in dependency order, whatever their order in the file", async (context) => {
    const [head, steps] = goodWorkflow.split("steps:\n");
    const blocks = steps.split(/^(?= {2}\w)/m).reverse();
    const { workflow } = await loadGood(context, `${head}steps:\n${blocks.join("")}`);
    assert.deepEqual(
      workflow.steps.map(({ id }) => id),
      ["target", "train", "segment", "cluster", "evaluate"],
    );
    assert.deepEqual(stepOf(workflow, "segment").dependsOn, ["train"]);
  });
});

const small = (steps: string, more = "") => `\
version: 1
name: small
classes:
  1: {name: ribosome, radius: 10, mask: masks/ribosome.mrc}
  2: {name: proteasome, radius: 6}
tomograms:
  - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml, picks: data/t1.xml, bias: 0.5, fold: 1}
  - {id: t1, tomogram: data/t1.mrc, objects: data/t1.xml, bias: -0.5, fold: 2}
${more}steps:
${steps}`;

test("an input may be read from another column, a plain path, a template or an earlier step", async (context) => {
  const files = { "extra/t0.xml": "", "extra/t1.xml": "", "all.xml": "" };
  const sourcesOf = async (objects: string) => {
    const { workflow, folder } = await loadGood(
      context,
      small(
        `  first: {uses: cluster, with: {labels: data/t2.mrc}}\n  target: {uses: target, with: {objects: "${objects}"}}\n`,
      ).replaceAll(", bias:", ", truth: all.xml, bias:"),
      { files },
    );
    return tasksOf(workflow, "target").map((task) => shortened(folder, task).rows[0].files.objects);
  };
  assert.deepEqual(await sourcesOf("all.xml"), Array(2).fill({ type: "file", path: "all.xml" }));
  assert.deepEqual(await sourcesOf("extra/${row.id}.xml"), [
    { type: "file", path: "extra/t0.xml" },
    { type: "file", path: "extra/t1.xml" },
  ]);
  assert.deepEqual(await sourcesOf("${row.truth}"), Array(2).fill({ type: "file", path: "all.xml" }));
  assert.deepEqual(await sourcesOf("${first.detections}"), [
    { type: "output", step: "first", row: "t0", output: "detections" },
    { type: "output", step: "first", row: "t1", output: "detections" },
  ]);
});

test("an optional input without a file is absent, and a column of that name fills it", async (context) => {
  const { workflow } = await loadGood(
    context,
    small('  target: {uses: target, with: {initial: "${row.picks}"}}\n  other: {uses: target}\n'),
  );
  const files = (id: string) => tasksOf(workflow, id).map((task) => Object.keys(task.rows[0].files));
  assert.deepEqual(files("target"), [
    ["objects", "tomogram", "initial"],
    ["objects", "tomogram"],
  ]);
  assert.deepEqual(files("other"), [
    ["objects", "tomogram"],
    ["objects", "tomogram"],
  ]);
});

test("row values keep their type in parameters", async (context) => {
  const { workflow } = await loadGood(
    context,
    small('  segment: {uses: segment, with: {weights: data/t2.mrc, bias: "${row.bias}"}}\n'),
  );
  assert.deepEqual(
    tasksOf(workflow, "segment").map(({ parameters }) => parameters.bias),
    [0.5, -0.5],
  );
});

test("a file parameter may be a list, a param that is a list, and files of steps among them", async (context) => {
  const { workflow, folder } = await loadGood(
    context,
    small(
      `\
  a: {uses: train, from: t}
  t: {uses: target}
  one: {uses: segment, with: {weights: ["\${a.weights}", data/t2.mrc]}}
  two: {uses: segment, with: {weights: "\${params.both}"}}
`,
      "params: {both: [data/t0.mrc, data/t2.mrc]}\n",
    ),
  );
  const one = shortened(folder, tasksOf(workflow, "one")[0]);
  assert.deepEqual(one.parameters.weights, ["${a.weights}", "data/t2.mrc"]);
  assert.deepEqual(one.parameterFiles.weights, [
    { type: "output", step: "a", output: "weights" },
    { type: "file", path: "data/t2.mrc" },
  ]);
  const two = shortened(folder, tasksOf(workflow, "two")[0]);
  assert.deepEqual(two.parameters.weights, ["data/t0.mrc", "data/t2.mrc"]);
  assert.deepEqual(two.dependsOn, []);
});

test("masks of the class table are files of a step that needs them", async (context) => {
  const { workflow, folder } = await loadGood(
    context,
    small("  target: {uses: target, with: {strategy: shapes}}\n"),
  );
  assert.deepEqual(shortened(folder, tasksOf(workflow, "target")[0]).classFiles, {
    "mask.1": { type: "file", path: "masks/ribosome.mrc" },
  });
});

test("columns of per-row steps add up; a whole-table step passes its rows on and is waited for", async (context) => {
  const { workflow } = await loadGood(
    context,
    small(`\
  target: {uses: target}
  train: {uses: train, from: target, with: {epochs: 1}}
  segment: {uses: segment, from: train, with: {weights: "\${train.weights}"}}
  cluster: {uses: cluster, from: segment, where: {fold: 2}}
`),
  );
  const columns = [...columnsOf(workflow, stepOf(workflow, "cluster")).keys()];
  assert.deepEqual(columns, ["tomogram", "objects", "picks", "bias", "fold", "target", "labels"]);
  assert.deepEqual(tasksOf(workflow, "segment")[0].dependsOn, ["train"]);
  assert.deepEqual(
    expandRows(workflow, stepOf(workflow, "cluster")).map(({ id }) => id),
    ["t1"],
  );
  assert.deepEqual(tasksOf(workflow, "cluster")[0].dependsOn, ["segment@t1"]);
});

test("a disabled step has no tasks, adds no column, and its rows go on", async (context) => {
  const { workflow } = await loadGood(
    context,
    small(
      `\
  denoise: {uses: target, enabled: "\${params.denoise}"}
  target: {uses: target, from: denoise}
`,
      "params: {denoise: false}\n",
    ),
  );
  assert.deepEqual(tasksOf(workflow, "denoise"), []);
  assert.deepEqual(
    tasksOf(workflow, "target").map(({ taskId, dependsOn }) => [taskId, dependsOn]),
    [
      ["target@t0", []],
      ["target@t1", []],
    ],
  );
});

test("where compares as text, takes lists, ids and empty cells", async (context) => {
  const rowsFor = async (where: string) => {
    const { workflow } = await loadGood(context, small(`  target: {uses: target, where: ${where}}\n`));
    return expandRows(workflow, stepOf(workflow, "target")).map(({ id }) => id);
  };
  assert.deepEqual(await rowsFor('{fold: "1"}'), ["t0"]);
  assert.deepEqual(await rowsFor("{fold: [1, 2]}"), ["t0", "t1"]);
  assert.deepEqual(await rowsFor("{id: t1}"), ["t1"]);
  assert.deepEqual(await rowsFor("{picks: null}"), ["t1"]);
});

test("binding a workflow that was never checked throws, and says what to do", async (context) => {
  const { workflow } = await loadGood(context, goodWorkflow);
  const empty = { ...workflow, rows: workflow.rows.map((row) => ({ ...row, columns: { split: "train" } })) };
  assert.throws(
    () => tasksOf(empty, "target"),
    (error) => error instanceof TomoflowError && error.code === "workflow-unchecked",
  );
});

test("fillFiles puts texts back where paths were", () => {
  assert.equal(fillFiles("a", ["x"]), "x");
  assert.deepEqual(fillFiles(["a", "b"], ["x", "y"]), ["x", "y"]);
  assert.deepEqual(fillFiles({ 1: "a", 2: ["b"], n: 3 }, ["x", "y"]), { 1: "x", 2: ["y"], n: 3 });
  assert.equal(fillFiles(undefined, []), undefined);
});
