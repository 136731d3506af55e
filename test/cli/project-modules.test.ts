/** Which commands run the modules that a workflow names: none that need not, for a folder may come from anybody. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readCheckoutSettings } from "../../src/schema/checkout-settings.ts";
import { openShell } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Leaves a file beside it whenever it is imported. */
const ownKind = `import { writeFileSync } from "node:fs";
writeFileSync(new URL("imported", import.meta.url), "");
export default {
  name: "own", version: 1, summary: "A step.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({ inputs: [], outputs: [{ name: "o", file: "o.txt", description: "It." }], columns: [], classFields: [] }),
  async run({ outputs, report }) { report({ type: "log", text: "hello" }); writeFileSync(outputs.o, "made"); },
};
`;
const workflow = `version: 1
tomograms: [{id: a}]
steps: {own: {uses: ./own.mjs}}
`;

async function ranProject(context: TestContext) {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "own.mjs"), ownKind);
  await writeFile(join(folder, "workflow.yaml"), `${workflow}name: n\n`);
  return { folder, imported: join(folder, "imported"), result: join(folder, "results/n/own/a/o.txt") };
}

test("what looks at logs, locks and the cache runs no module of the project; what plans does", async (context) => {
  const { folder, imported, result } = await ranProject(context);
  await using shell = openShell();
  const said = async (...words: string[]) => {
    await rm(imported, { force: true });
    // the commands share a process, which imports a module again only when it has another time
    await writeFile(join(folder, "own.mjs"), ownKind);
    const { code, stdout, stderr } = await shell.type(words, folder);
    return { code, text: stdout + stderr, imported: existsSync(imported) };
  };
  const run = await said("run", "--plain");
  assert.deepEqual([run.code, run.imported], [0, true], run.text);
  await rm(result);
  for (const [words, wanted] of [
    [["logs"], /own@a/],
    [["logs", "own"], /hello/],
    [["checkout"], /1 file put back/],
    [["gc", "--dry-run"], /stay/],
    [["completion", "bash", "workflow.yaml", "--names", "tasks", "--typed", "o"], /own/],
  ] as const) {
    const { code, text, imported: wasImported } = await said(...words);
    assert.equal(wasImported, false, words.join(" "));
    assert.deepEqual([code, wanted.test(text)], [0, true], text);
  }
  assert.equal(await readFile(result, "utf8"), "made");
  for (const words of [["validate"], ["plan"], ["status"], ["graph"]]) {
    const { code, imported: wasImported } = await said(...words);
    assert.deepEqual([code, wasImported], [0, true], words.join(" "));
  }
});

test("logs and checkout do without a workflow that is right", async (context) => {
  const { folder, result } = await ranProject(context);
  await using shell = openShell();
  assert.equal((await shell.type(["run", "--plain"], folder)).code, 0);
  await rm(result);
  await writeFile(
    join(folder, "workflow.yaml"),
    "version: 1\ncache: {link: copy}\nsteps: {own: {uses: ./gone.mjs}}\n",
  );
  assert.match((await shell.type(["logs", "own@a"], folder)).stdout, /hello/);
  assert.equal((await shell.type(["checkout"], folder)).code, 0);
  assert.equal(await readFile(result, "utf8"), "made");
  const variant = await shell.type(["logs", "--variant", "short"], folder);
  assert.equal(variant.stderr, "no task of the variant short has run yet\n");
});

test("the link of results is read from a file whatever else is in it", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "workflow.yaml");
  const linkOf = async (text: string, variant?: string) => {
    await writeFile(path, text);
    return readCheckoutSettings(path, { variant }).link;
  };
  assert.equal(readCheckoutSettings(path).link, "reflink");
  assert.equal(await linkOf("cache: {link: hardlink}\nsteps: 3\n"), "hardlink");
  assert.equal(await linkOf("cache: {link: sideways}\n"), "reflink");
  assert.equal(await linkOf("cache: [link\n"), "reflink");
  const chosen = 'params: {link: copy}\nvariants: {v: {link: symlink}}\ncache: {link: "${params.link}"}\n';
  assert.deepEqual([await linkOf(chosen), await linkOf(chosen, "v")], ["copy", "symlink"]);
});
