/** `--only`, `--force`, `--keep-going`, `retries` and `enabled` through the real command line. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { openShell } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const shell = openShell();
after(() => shell[Symbol.asyncDispose]());

/** Rows with ids at the limits of what is allowed; `copy` a row, `count` a row of it, `all` over the table. */
const files: Readonly<Record<string, string>> = {
  "a.txt": "one\n",
  "b.txt": "two\n",
  "c.txt": "three\n",
  "all.mjs": `
import { writeFile } from "node:fs/promises";
export default {
  name: "all", version: 1, summary: "All rows.", scope: "table",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({ inputs: [{ name: "counted", required: true, description: "It." }], outputs: [{ name: "list", file: "list.txt", description: "It." }], columns: ["id"], classFields: [] }),
  run: ({ rows, outputs }) => writeFile(outputs.list, rows.map(({ id }) => id).join()),
};
`,
  "workflow.yaml": `version: 1
name: small
tomograms:
  - {id: a, text: a.txt}
  - {id: "-b.1_x", text: b.txt}
  - {id: "007", text: c.txt, split: test}
steps:
  copy:
    uses: command
    with: {inputs: [text], outputs: {copied: c.txt}, stdout: copied, run: [cat, "{inputs.text}"]}
    resources: {cpus: 1}
  count:
    uses: command
    from: copy
    with: {inputs: [copied], outputs: {counted: n.txt}, shell: 'wc -c < "$inputs_copied" > "$outputs_counted"'}
    resources: {cpus: 1}
  all: {uses: ./all.mjs, from: count}
  tested:
    uses: command
    where: {split: test}
    with: {inputs: [text], outputs: {seen: s.txt}, stdout: seen, run: [cat, "{inputs.text}"]}
  off:
    uses: command
    enabled: false
    with: {inputs: [text], outputs: {never: s.txt}, run: ["false"]}
`,
};

async function project(context: TestContext, edit: (yaml: string) => string = (yaml) => yaml) {
  const folder = await temporaryFolder(context);
  for (const [path, text] of Object.entries(files))
    await writeFile(join(folder, path), path === "workflow.yaml" ? edit(text) : text);
  const type = (...words: string[]) => shell.type(words, folder);
  /** Outcome by task of those that were selected. */
  const run = async (...words: string[]): Promise<Record<string, string>> => {
    const { stdout, stderr } = await type("run", "--json", ...words);
    assert.equal(stderr, "");
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return Object.fromEntries(
      events.filter(({ type }) => type === "task-ended").map(({ task, outcome }) => [task, outcome]),
    );
  };
  return { folder, type, run };
}

const refusals: readonly [words: string, message: string, hint: string][] = [
  ["--only cuont", "there is no step cuont", "did you mean count?"],
  ["--only nothing", "there is no step nothing", "name a step (copy, count, all, tested)"],
  ["--only a", "there is no step a", "a is a row: name a step and it, e.g. copy@a"],
  ["--only cuont@a", "there is no step cuont", "did you mean count?"],
  ["--only count@b", "step count has no row b", "its rows are a, -b.1_x, 007"],
  ["--only count@", "step count has no row ", "its rows are a, -b.1_x, 007"],
  ["--only count@7", "step count has no row 7", "its rows are a, -b.1_x, 007"],
  ["--only tested@a", "step tested leaves row a out", "look at its where"],
  ["--only all@a", "step all runs once for all rows, so there is no all@a", "name all"],
  ["--only off", "step off is disabled", "remove enabled: false of step off"],
  ["--force off@a", "step off is disabled", "remove enabled: false of step off"],
  ["--force cuont", "there is no step cuont", "did you mean count?"],
  ["--only copy --force count", "--force count is not among what --only leaves", "add --only count"],
  ["--only count@a --force copy@007", "--force copy@007 is not among", "add --only copy@007"],
];

test("a name that fits no task is told with what there is, and nothing runs", async (context) => {
  const { type } = await project(context);
  for (const [words, message, hint] of refusals)
    for (const command of ["plan", "run"]) {
      const { code, stdout, stderr } = await type(command, ...words.split(" "));
      assert.equal(code, 2, `${command} ${words}: ${stderr}`);
      assert.ok(stderr.includes(`error: ${message}`) && stderr.includes(`hint: ${hint}`), stderr);
      assert.equal(stdout, "");
    }
  const { code, stderr } = await type("run", "--only", ",");
  assert.equal(code, 2);
  assert.match(stderr, /--only <step\[@row\]>.*It names nothing/);
});

test("--only takes odd ids, and what it needs, and nothing else", async (context) => {
  const { type, run } = await project(context);
  assert.deepEqual(await run("--only", "count@-b.1_x"), {
    "copy@-b.1_x": "done",
    "count@-b.1_x": "done",
  });
  assert.deepEqual(await run("--only", "copy@007,count@-b.1_x"), {
    "copy@-b.1_x": "fresh",
    "copy@007": "done",
    "count@-b.1_x": "fresh",
  });
  assert.deepEqual(await run("--only", "all"), {
    "copy@a": "done",
    "copy@-b.1_x": "fresh",
    "copy@007": "fresh",
    "count@a": "done",
    "count@-b.1_x": "fresh",
    "count@007": "done",
    all: "done",
  });
  const { stdout } = await type("status");
  assert.match(stdout, /tested/);
});

test("--only on a stale upstream makes that one first; an upstream that ends the same stops there", async (context) => {
  const { folder, run } = await project(context);
  await run();
  await writeFile(join(folder, "a.txt"), "ONE\n");
  await writeFile(join(folder, "b.txt"), "longer\n");
  assert.deepEqual(await run("--only", "count@a"), { "copy@a": "done", "count@a": "done" });
  assert.equal((await readFile(join(folder, "results/small/count/a/n.txt"), "utf8")).trim(), "4");
  assert.deepEqual(await run("--only", "all"), {
    "copy@a": "fresh",
    "copy@-b.1_x": "done",
    "copy@007": "fresh",
    "count@a": "fresh",
    "count@-b.1_x": "done",
    "count@007": "fresh",
    all: "done",
  });
});

test("--force runs what is fresh again, and only that where the result is the same", async (context) => {
  const { run } = await project(context);
  await run();
  assert.deepEqual(await run("--force", "copy@a", "--only", "count"), {
    "copy@a": "done",
    "copy@-b.1_x": "fresh",
    "copy@007": "fresh",
    "count@a": "fresh",
    "count@-b.1_x": "fresh",
    "count@007": "fresh",
  });
  const forced = await run("--force", "copy", "--only", "copy@a");
  assert.deepEqual(forced, { "copy@a": "done" }, "a forced step is forced as far as it is selected");
});

test("without --keep-going a failure stops what has not begun; with it only what depends on it", async (context) => {
  const failing = (yaml: string) =>
    yaml.replace(
      'run: [cat, "{inputs.text}"]}\n    resources',
      'run: [grep, -v, x, "{inputs.text}"]}\n    resources',
    );
  const { type, run, folder } = await project(context, failing);
  await writeFile(join(folder, "a.txt"), "xyz\n");
  const first = await type("run", "--jobs", "1");
  assert.equal(first.code, 1);
  assert.match(first.stdout, /copy@a failed .*grep ended with exit status 1/);
  assert.doesNotMatch(first.stdout, /copy@-b\.1_x started/);
  assert.deepEqual(await run("--keep-going"), {
    "copy@a": "failed",
    "copy@-b.1_x": "done",
    "copy@007": "done",
    "count@a": "skipped",
    "count@-b.1_x": "done",
    "count@007": "done",
    all: "skipped",
    "tested@007": "done",
  });
});

test("retries: so many further attempts, then the failure is told", async (context) => {
  const failing = (yaml: string) =>
    yaml.replace(
      'stdout: copied, run: [cat, "{inputs.text}"]}',
      'shell: \'echo x >> "$checkpoint/tries"; test "$(wc -l < "$checkpoint/tries")" -ge 3; cp "$inputs_text" "$outputs_copied"\'}\n    retries: 1',
    );
  const { type } = await project(context, failing);
  const first = await type("run", "--only", "copy@a");
  assert.equal(first.code, 1);
  assert.match(first.stdout, /copy@a started \(attempt 2\)/);
  assert.doesNotMatch(first.stdout, /attempt 3/);
  const second = await type("run", "--only", "copy@a");
  assert.equal(second.code, 0, "its checkpoint survived the failures and the end of the run");
});

test("enabled: false leaves a step out, its rows go on", async (context) => {
  const { run } = await project(context, (yaml) =>
    yaml.replace(
      "  all: {uses",
      '  after: {uses: command, from: off, with: {inputs: [text], outputs: {o: o.txt}, stdout: o, run: [cat, "{inputs.text}"]}}\n  all: {uses',
    ),
  );
  assert.deepEqual(await run("--only", "after"), {
    "after@a": "done",
    "after@-b.1_x": "done",
    "after@007": "done",
  });
});
