import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { RunEvent } from "../../src/runner/index.ts";
import { checkWorkflow, openSession, runWorkflow, watchFile } from "../../src/session/index.ts";
import { shoutFiles, type ToyProject, toyCatalogPath, toyProject } from "../support/toy-project.ts";

/** A kind of one's own, whose preflight refuses a text. */
const ownKind = `import { readFileSync } from "node:fs";
export default {
  name: "own", version: 1, summary: "A step.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: { password: { description: "A text.", type: "string" } } },
  ports: () => ({
    inputs: [{ name: "text", required: true, description: "A text." }],
    outputs: [{ name: "same", file: "same.txt", description: "It." }], columns: [], classFields: [] }),
  async preflight({ rows, parameters }) {
    const bad = readFileSync(rows[0].files.text, "utf8").startsWith("three");
    return bad ? [{ severity: "error", code: "own-mistake", message: "three " + (parameters.password ?? "") }] : [];
  },
  async run() { throw new Error("never reached"); },
};
`;

const withOwnKind = (context: TestContext, step = "{uses: ./own.mjs}"): Promise<ToyProject> =>
  toyProject(context, {
    "data/a.txt": "one\n",
    "data/b.txt": "three\n",
    "own.mjs": ownKind,
    "workflow.yaml": `version: 1
tomograms: [{id: a, text: data/a.txt}, {id: b, text: data/b.txt}]
steps:
  own: ${step}
`,
  });

const open = async (project: ToyProject, options: Parameters<typeof openSession>[1] = {}) => {
  const opened = await openSession(project.workflowPath, options);
  assert.ok(opened.ok, JSON.stringify(opened.diagnostics));
  return opened.value;
};

test("a session plans, checks and runs with kinds that are given once", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const session = await open(project, { catalogPath: toyCatalogPath, set: { suffix: "loud" } });
  assert.deepEqual((await session.plan()).counts, { fresh: 0, restore: 0, run: 2, pending: 3 });
  assert.deepEqual(await session.check(), []);
  const summary = await session.run({ sink: () => undefined });
  assert.equal(summary.outcome, "done");
  assert.match(await project.read("results/toy/shout/a/loud.txt"), /^ONEloud/);
  assert.equal((await session.plan()).counts.fresh, 5);
});

test("what a check finds is what a run stops for, before its first task", async (context) => {
  const project = await withOwnKind(context);
  const session = await open(project);
  const found = await session.check();
  assert.deepEqual(
    found.map(({ code, message, location }) => [code, message, location?.line]),
    [["own-mistake", "three ", 4]],
  );
  const events: RunEvent[] = [];
  const summary = await session.run({ sink: (event) => events.push(event) });
  assert.equal(summary.outcome, "failed");
  assert.deepEqual(summary.diagnostics, found);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["run-started", "diagnostic", "run-ended"],
  );
  const ofLibrary = await runWorkflow(session.workflow, { sink: () => undefined });
  assert.deepEqual(ofLibrary.diagnostics, found);
  assert.equal(existsSync(join(project.folder, "results")), false);
});

test("an engine that cannot be opened stops check, run and the library alike; steps that compute nothing need none", async (context) => {
  const project = await withOwnKind(context);
  await project.write("data/b.txt", "two\n");
  const session = await open(project);
  const options = { engine: "tensorflow", sink: () => undefined };
  const codes = (found: readonly { readonly code: string }[]) => found.map(({ code }) => code);
  const summaries = [await session.run(options), await runWorkflow(session.workflow, options)];
  const found = [
    await session.check(options),
    await checkWorkflow(session.workflow, options),
    ...summaries.map(({ diagnostics }) => diagnostics),
  ];
  assert.deepEqual(found.map(codes), Array(4).fill(["engine-unavailable"]));
  assert.ok(summaries.every(({ outcome }) => outcome === "failed"));

  const toys = await toyProject(context, shoutFiles);
  const others = await open(toys, { catalogPath: toyCatalogPath });
  assert.deepEqual(await others.check(options), []);
  assert.equal((await others.run(options)).outcome, "done");
});

test("a check shows no value of an environment variable", async (context) => {
  const project = await withOwnKind(context, '{uses: ./own.mjs, with: {password: "${env.TOKEN}"}}');
  const session = await open(project, { environment: { TOKEN: "verysecret123" } });
  const [found] = await session.check();
  assert.doesNotMatch(JSON.stringify(found), /verysecret123/);
});

test("a watch tells of a file that is wrong, and runs when it is right", async (context) => {
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": "version: 1\nsteps: {}\n" });
  const end = new AbortController();
  const told: string[] = [];
  const outcome = await watchFile(
    project.workflowPath,
    { catalogPath: toyCatalogPath },
    {
      signal: end.signal,
      beginRun: async () => ({
        sink: ({ type }) => told.push(type),
        finish: async () => end.abort(),
      }),
      tell: ({ type }) => {
        told.push(type);
        if (type === "watch-wrong") void project.write("workflow.yaml", shoutFiles["workflow.yaml"]);
      },
    },
  );
  assert.equal(outcome, "done");
  assert.equal(told[0], "watch-wrong");
  assert.equal(told.at(-1), "run-ended");
});
