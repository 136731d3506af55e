/** The schema as editors use it: through the YAML language server behind VS Code, Neovim, Emacs, Zed and others. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stepKinds } from "../../src/steps/catalog.ts";
import { type Editor, type Position, startEditor } from "../support/language-server.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const schema = join(repositoryRoot, "src/schema/workflow.schema.json");
const heading = `# yaml-language-server: $schema=${schema}\n`;

let editor: Editor;
before(async () => {
  editor = await startEditor();
});
after(() => editor[Symbol.asyncDispose]());

/** `with` may also say where an input is read from; these are called like parameters of other kinds. */
const inputNames = ["tomogram", "target", "objects", "scores"];

/** `|` in the text is where the cursor is. */
function withCursor(marked: string): { readonly text: string; readonly position: Position } {
  const lines = marked.slice(0, marked.indexOf("|")).split("\n");
  return {
    text: marked.replace("|", ""),
    position: { line: lines.length - 1, character: lines.at(-1)!.length },
  };
}

/** A path for each text: the server keeps a file that it was given. */
let files = 0;
const newFile = () => join(repositoryRoot, `never-written-${files++}.yaml`);

async function offeredAt(marked: string): Promise<readonly string[]> {
  const { text, position } = withCursor(heading + marked);
  const path = newFile();
  await editor.open(path, text);
  return [...(await editor.complete(path, position))].sort();
}

/** A file with a parameter a line, and what hovering over each tells, by name. */
async function hoversOf(kind: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const before = `${heading}${stepOf(kind)}    with:\n`;
  const path = newFile();
  await editor.open(path, before + names.map((name) => `      ${name}: \n`).join(""));
  const first = before.split("\n").length - 1;
  const hovers = names.map(async (name, index): Promise<[string, string]> => {
    const hover = await editor.hover(path, { line: first + index, character: 7 });
    // Markdown escapes, and has breaks of its own
    return [name, hover.replace(/\\(?=[^\w\s])/g, "").replace(/&nbsp;|\s+/g, " ")];
  });
  return new Map(await Promise.all(hovers));
}

const stepOf = (kind: string, rest = "") =>
  `version: 1\ntomograms: data.csv\nsteps:\n  one:\n    uses: ${kind}\n    from: tomograms\n${rest}`;

for (const [name, kind] of stepKinds) {
  const parameters = Object.entries(kind.parameters.properties);

  test(`completion inside with of ${name} offers its parameters and inputs, and nothing else`, async () => {
    const offered = await offeredAt(`${stepOf(name)}    with:\n      |\n`);
    const own = parameters.map(([parameter]) => parameter);
    const missing = own.filter((parameter) => !offered.includes(parameter));
    assert.deepEqual(missing, []);
    const others = [...stepKinds.values()].flatMap((other) => Object.keys(other.parameters.properties));
    const foreign = offered.filter((label) => others.includes(label) && !own.includes(label));
    assert.deepEqual(
      foreign.filter((label) => !inputNames.includes(label)),
      [],
    );
  });

  test(`hovering over a parameter of ${name} tells what it is`, async () => {
    const hovers = await hoversOf(
      name,
      parameters.map(([parameter]) => parameter),
    );
    for (const [parameter, { description }] of parameters) {
      const start = String(description).replace(/\s+/g, " ").slice(0, 40);
      assert.ok(hovers.get(parameter)?.includes(start), `${parameter}: ${hovers.get(parameter)}`);
    }
  });
}

test("hovering tells default and unit", async () => {
  const hover = (await hoversOf("train", ["patchSize"])).get("patchSize");
  assert.match(hover ?? "", / Unit: voxels\. Default: \d+\. /);
});

test("completion offers the step kinds, the fields of a step and those of a workflow", async () => {
  assert.deepEqual(await offeredAt(stepOf("|")), [...stepKinds.keys()].sort());
  const fields = await offeredAt(`${stepOf("train")}    |\n`);
  for (const field of ["where", "with", "out", "resources", "retries", "enabled"])
    assert.ok(fields.includes(field), field);
  assert.ok(!fields.includes("uses"), "what is there already is not offered");
  const top = await offeredAt("version: 1\n|\n");
  for (const field of ["name", "classes", "tomograms", "params", "steps", "variants"])
    assert.ok(top.includes(field), field);
});

test("a mistake is underlined where it is", async () => {
  const mistakes: readonly (readonly [marked: string, message: RegExp])[] = [
    [`${stepOf("train")}    with:\n      patchSize: |fifty|\n`, /integer/],
    [`${stepOf("train")}    with:\n      |batchsize|: 25\n`, /batchsize is not allowed/],
    [`${stepOf("target")}    with: {strategy: |cubes|}\n`, /spheres/],
    [`${stepOf("train")}    |form|: tomograms\n`, /form is not allowed/],
    [`${stepOf("train")}    retries: |-1|\n`, /minimum/],
  ];
  for (const [marked, message] of mistakes) {
    const { position: start } = withCursor(heading + marked);
    const { text, position: end } = withCursor((heading + marked).replace("|", ""));
    const found = await editor.open(newFile(), text);
    assert.deepEqual(
      found.map(({ range }) => range),
      [{ start, end }],
      JSON.stringify(found),
    );
    assert.match(found[0]!.message, message);
  }
});

test("the ready workflows name the schema, and an editor finds nothing wrong with them", async () => {
  const paths = ["workflows", "examples", "bench"].flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!lock)\.yaml$/.test(name) && !name.includes("node_modules"))
      .map((name) => join(repositoryRoot, folder, name)),
  );
  assert.ok(paths.length >= 4);
  for (const path of paths) {
    const text = readFileSync(path, "utf8");
    assert.match(text, /^# yaml-language-server: \$schema=/m, path);
    assert.deepEqual(await editor.open(path, text), [], path);
    const uses = text.split("\n").findIndex((line) => /\buses:/.test(line));
    const position = { line: uses, character: text.split("\n")[uses]!.indexOf("uses:") + 1 };
    assert.notEqual(await editor.hover(path, position), "", `${path} does not lead to the schema`);
  }
});
