/** Inputs of which a task reads a part alone: the rest of the file may change, and nothing runs again. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatDiagnostic } from "../../src/core/diagnostic.ts";
import { call, loadHdf5 } from "../../src/core/hdf5.ts";
import { traceFile } from "../../src/runner/provenance/index.ts";
import { openSession, type Session } from "../../src/session/index.ts";
import { readVolume } from "../../src/volume/formats.ts";

class Project {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
  }

  path = (name: string): string => join(this.folder, name);

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  async open(): Promise<Session> {
    const opened = await openSession(this.path("workflow.yaml"));
    assert.ok(opened.ok, opened.diagnostics.map(formatDiagnostic).join("\n"));
    return opened.value;
  }

  async run(): Promise<Readonly<Record<string, string>>> {
    const outcomes: Record<string, string> = {};
    const summary = await (await this.open()).run({
      sink: (event) => {
        if (event.type === "task-ended") outcomes[event.task] = event.outcome;
      },
    });
    assert.equal(summary.outcome, "done", summary.diagnostics.map(formatDiagnostic).join("\n"));
    return outcomes;
  }

  /** State and reasons by task. */
  async plan(): Promise<Readonly<Record<string, string>>> {
    const { tasks } = await (await this.open()).plan();
    return Object.fromEntries(
      tasks.map(({ id, state, reasons }) => [id, [state, ...reasons.map(({ text }) => text)].join(": ")]),
    );
  }

  lock = (): Promise<string> => readFile(this.path("workflow.lock.yaml"), "utf8");
}

async function projectWith(context: TestContext, files: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "tomoflow-test-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const project = new Project(folder);
  for (const [name, text] of Object.entries(files)) await project.write(name, text);
  return project;
}

const picks = (moved = 0) => `tomo_id,class_label,x,y,z
t0,1,4,5,6
t1,1,${7 + moved},8,9
t1,1,3,4,5
t2,1,8,7,6
`;

const rows = ["t0", "t1", "t2"];
const workflow = (ids: readonly string[], column = "objects: all.csv") => `version: 1
name: parts
classes: {1: {name: ball, radius: 2}}
tomograms:
${ids.map((id) => `  - {id: ${id}, ${column}}`).join("\n")}
steps:
  target: {uses: target, with: {size: [12, 14, 16]}}
`;

const allFresh = { "target@t0": "fresh", "target@t1": "fresh", "target@t2": "fresh" };

test("one edited pick in a list for several tomograms makes its row stale alone", async (context) => {
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": workflow(rows) });
  await project.run();
  assert.deepEqual(await project.plan(), allFresh);
  assert.match(
    await project.lock(),
    /objects: \{path: all\.csv, sha256: "?[0-9a-f]{64}"?, size: \d+, part: "objects of t1"\}/,
  );
  await project.write("all.csv", picks(1));
  const plan = await project.plan();
  assert.match(plan["target@t1"]!, /^run: all\.csv \(objects of t1\) changed /);
  assert.deepEqual({ ...plan, "target@t1": "fresh" }, allFresh);
  assert.deepEqual(await project.run(), { ...allFresh, "target@t1": "done" });
  assert.deepEqual(await project.plan(), allFresh);
  // a blank line, another order of tomograms: the same objects
  const [head, t0, ...rest] = picks(1).trim().split("\n");
  await project.write("all.csv", [head, ...rest, t0, "", ""].join("\n"));
  assert.deepEqual(await project.plan(), allFresh);
  // the order within a tomogram decides which object is painted over which
  await project.write("all.csv", [head, t0, rest[1], rest[0], rest[2], ""].join("\n"));
  assert.match((await project.plan())["target@t1"]!, /^run: /);
});

test("a pick more, a pick less and another label are seen, in that row", async (context) => {
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": workflow(rows) });
  await project.run();
  for (const text of [
    `${picks()}t2,1,2,3,4\n`,
    picks().replace("t2,1,8,7,6\n", "t2,1,8,7,6.25\n"),
    `${picks().replace("t2,1,8,7,6\n", "")}t2,1,8,7,5\n`,
  ]) {
    await project.write("all.csv", text);
    const plan = await project.plan();
    assert.match(plan["target@t2"]!, /^run: all\.csv \(objects of t2\) changed /, text);
    assert.equal(plan["target@t0"], "fresh");
  }
});

test("a list that numbers its tomograms counts by the row's number, and the number is told", async (context) => {
  const numbered = (text: string) => text.replace("tomo_id", "tomo_idx").replace(/^t(?=\d)/gm, "");
  const list = workflow(rows).replace(/(t(\d)), objects/g, "$1, tomo_idx: $2, objects");
  const project = await projectWith(context, { "all.csv": numbered(picks()), "workflow.yaml": list });
  await project.run();
  await project.write("all.csv", numbered(picks(1)));
  const plan = await project.plan();
  assert.match(plan["target@t1"]!, /^run: all\.csv \(objects of t1 \(1\)\) changed/);
  assert.deepEqual({ ...plan, "target@t1": "fresh" }, allFresh);
});

test("a row that comes to a list, or is left alone with it, leaves what was made fresh", async (context) => {
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": workflow(["t0"]) });
  await project.run();
  // one row alone has the list as a whole, as in locks of earlier versions
  assert.ok(!(await project.lock()).includes("part:"));
  await project.write("workflow.yaml", workflow(rows));
  assert.equal((await project.plan())["target@t0"], "fresh");
  assert.deepEqual(await project.run(), { "target@t0": "fresh", "target@t1": "done", "target@t2": "done" });
  await project.write("workflow.yaml", workflow(["t2"]));
  assert.deepEqual(await project.plan(), { "target@t2": "fresh" });
  await project.write("all.csv", picks(1));
  assert.deepEqual(await project.plan(), { "target@t2": "fresh" }, "another row's pick");
  await project.write("all.csv", picks().replace("t2,1,8", "t2,1,9"));
  assert.match((await project.plan())["target@t2"]!, /^run: all\.csv \(objects of t2\) changed/);
});

test("a result that was made from the whole list comes from the cache, and then counts by its part", async (context) => {
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": workflow(["t0"]) });
  await project.run();
  await project.write("workflow.yaml", workflow(rows));
  await rm(project.path("results"), { recursive: true });
  assert.match((await project.plan())["target@t0"]!, /^restore: /);
  await project.run();
  await project.write("all.csv", picks(1));
  assert.equal((await project.plan())["target@t0"], "fresh");
  await rm(project.path("results"), { recursive: true });
  assert.match((await project.plan())["target@t0"]!, /^restore: results\S+ is missing$/);
});

test("a list that cannot be taken apart counts as a whole, and what is wrong is told", async (context) => {
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": workflow(rows) });
  await project.run();
  await project.write("all.csv", picks().replace("t1,1,3,4,5", ",1,3,4,5"));
  const plan = await project.plan();
  for (const id of rows) assert.match(plan[`target@${id}`]!, /^run: all\.csv changed/);
  const found = await (await project.open()).check();
  assert.match(
    found.map(({ message }) => message).join("\n"),
    /1 of the 4 objects in the list have no tomo_id/,
  );
});

test("why says which part was read, and whether it is still the same", async (context) => {
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": workflow(rows) });
  await project.run();
  await project.write("all.csv", picks(1));
  const { workflow: loaded } = await project.open();
  for (const [id, now] of [
    ["t0", "same"],
    ["t1", "changed"],
  ] as const) {
    const traced = await traceFile(loaded, project.path(`results/parts/target/${id}/target.mrc`));
    assert.deepEqual(
      traced.tasks[0]!.inputs.map((input) => [input.part, input.now]),
      [[`objects of ${id}`, now]],
    );
  }
});

/** Lines `id text`, of which each row reads its own; while it does, it edits the line of the row that it is told. */
const editing = `
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
const linesOf = (text, id) => text.split("\\n").filter((line) => line.startsWith(id + " ")).join("\\n");
export default {
  name: "editing", version: 1, summary: "Edits the list.", scope: "row", cpus: () => 1,
  parameters: { type: "object", additionalProperties: false, properties: {
    edited: { type: "string", description: "Whose line." } } },
  parts: {
    tomograms: ["list"],
    async content(file, { id }) {
      const text = linesOf(await readFile(file, "utf8"), id);
      return { sha256: createHash("sha256").update(text).digest("hex"), size: text.length };
    },
  },
  ports: () => ({
    inputs: [{ name: "list", required: true, description: "A list." }],
    outputs: [{ name: "out", file: "out.txt", description: "It." }], columns: ["id"], classFields: [] }),
  async run({ rows: [{ id, files }], outputs, parameters }) {
    const text = await readFile(files.list, "utf8");
    await writeFile(outputs.out, linesOf(text, id));
    if (id === "t0") await writeFile(files.list, text.replace(parameters.edited + " ", parameters.edited + " new "));
  },
};
`;

test("while a task is at work others may be edited in a shared list, and its own part may not", async (context) => {
  for (const [edited, outcome] of [
    ["t1", "done"],
    ["t0", "tainted"],
  ]) {
    const project = await projectWith(context, {
      "all.txt": "t0 one\nt1 two\n",
      "editing.mjs": editing,
      "workflow.yaml": `version: 1
name: parts
tomograms: [{id: t0, list: all.txt}, {id: t1, list: all.txt}]
steps:
  edit: {uses: ./editing.mjs, with: {edited: ${edited}}}
`,
    });
    const session = await project.open();
    const outcomes: Record<string, string> = {};
    await session.run({
      jobs: 1,
      only: ["edit@t0"],
      sink: (event) => {
        if (event.type === "task-ended") outcomes[event.task] = event.outcome;
      },
    });
    assert.deepEqual(outcomes, { "edit@t0": outcome });
    const plan = await project.plan();
    assert.match(plan["edit@t0"]!, outcome === "done" ? /^fresh$/ : /^run: /);
  }
});

/** Two volumes in one file, in a group; the numbers are their voxels. */
async function writeFileWith(path: string, raw: number, other: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const library = await loadHdf5();
  call(library, path, () => {
    const file = new library.File(path, "w");
    const group = file.create_group("volumes");
    for (const [name, value] of Object.entries({ raw, other }))
      group.create_dataset({ name, shape: [8, 9, 10], data: new Float32Array(8 * 9 * 10).fill(value) });
    file.close();
  });
  // older than what tomoflow distrusts
  const time = new Date(Date.now() - 60_000);
  await utimes(path, time, time);
}

const withDataset = (column: string) =>
  workflow(["t0"], column).replace("with: {size: [12, 14, 16]}", "with: {strategy: spheres}");

test("a data set of an HDF5 file is named behind it, read, and alone counts", async (context) => {
  const column = 'objects: all.csv, tomogram: "data/a.h5#/volumes/raw"';
  const project = await projectWith(context, { "all.csv": picks(), "workflow.yaml": withDataset(column) });
  await writeFileWith(project.path("data/a.h5"), 1, 2);
  await project.run();
  const made = await readVolume(project.path("results/parts/target/t0/target.mrc"));
  assert.deepEqual(made.shape, [8, 9, 10]);
  assert.match(
    await project.lock(),
    /tomogram: \{path: data\/a\.h5, sha256: "?[0-9a-f]{64}"?, size: 2880, part: "#\/volumes\/raw"\}/,
  );
  assert.deepEqual(await project.plan(), { "target@t0": "fresh" });
  await writeFileWith(project.path("data/a.h5"), 1, 3);
  assert.deepEqual(await project.plan(), { "target@t0": "fresh" }, "the other data set changed");
  await writeFileWith(project.path("data/a.h5"), 1.5, 3);
  assert.match(
    (await project.plan())["target@t0"]!,
    /^run: data\/a\.h5 \(#\/volumes\/raw\) changed [0-9a-f]{4}… → [0-9a-f]{4}…$/,
  );
  // the same voxels under another name are the same input
  await writeFileWith(project.path("data/a.h5"), 5, 1);
  await project.write("workflow.yaml", withDataset(column.replace("raw", "other")));
  assert.deepEqual(await project.plan(), { "target@t0": "fresh" });
});

test("a pattern may name a data set in each of its files, and a cell that is filled by the id, too", async (context) => {
  const project = await projectWith(context, {
    "all.csv": picks(),
    "workflow.yaml": `version: 1
name: parts
classes: {1: {name: ball, radius: 2}}
tomograms: {glob: "data/t*.h5#/volumes/raw", initial: "masks/{id}.h5#/volumes/other", objects: all.csv}
steps:
  target: {uses: target}
`,
  });
  await writeFileWith(project.path("data/t0.h5"), 1, 2);
  await writeFileWith(project.path("data/t2.h5"), 1, 2);
  await writeFileWith(project.path("masks/t2.h5"), 3, 1);
  const { workflow: loaded } = await project.open();
  assert.deepEqual(
    loaded.rows.map(({ id, columns }) => [id, columns.tomogram, columns.initial]),
    [
      ["t0", "data/t0.h5#/volumes/raw", null],
      ["t2", "data/t2.h5#/volumes/raw", "masks/t2.h5#/volumes/other"],
    ],
  );
  assert.deepEqual(loaded.tableSource?.patterns, ["data/t*.h5", "masks/*.h5"]);
});

test("a data set that is not there, and one given to a program, are told before anything runs", async (context) => {
  const column = (dataset: string) => `objects: all.csv, tomogram: "data/a.h5#${dataset}"`;
  const project = await projectWith(context, {
    "all.csv": picks(),
    "workflow.yaml": withDataset(column("/volumes/rew")),
  });
  await writeFileWith(project.path("data/a.h5"), 1, 2);
  const [missing] = await (await project.open()).check();
  assert.match(missing!.message, /a\.h5 has no data set `volumes\/rew`/);
  assert.match(
    missing!.hint!,
    /it holds volumes\/other, volumes\/raw; name one .* as in a\.h5#\/volumes\/other/,
  );
  await project.write(
    "workflow.yaml",
    `${withDataset(column("/volumes/raw"))}  copy:
    uses: command
    with: {inputs: [tomogram], outputs: {copy: copy.h5}, run: [cp, "{inputs.tomogram}", "{outputs.copy}"]}
`,
  );
  const refused = await openSession(project.path("workflow.yaml"));
  assert.deepEqual(
    refused.diagnostics.map(({ code, message, location }) => [code, message, location?.line]),
    [["dataset-not-taken", "a.h5#/volumes/raw names a data set, and a whole file is read here", 5]],
  );
});
