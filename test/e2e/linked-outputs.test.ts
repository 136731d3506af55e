/** A program that links its input instead of copying it: the input stays the user's, and the cache keeps a file of its own. */
import assert from "node:assert/strict";
import { chmod, lstat, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

for (const [title, how] of [
  ["a symbolic link", "-s"],
  ["a hard link", "-f"],
] as const)
  test(`an output that is ${title} to an input`, async (context) => {
    const folder = await temporaryFolder(context);
    const input = join(folder, "raw.txt");
    await writeFile(input, "content\n");
    await chmod(input, 0o644);
    const before = await stat(input);
    await writeFile(
      join(folder, "workflow.yaml"),
      `version: 1
tomograms: [{id: a, raw: raw.txt}]
steps:
  link:
    uses: command
    with:
      inputs: [raw]
      outputs: {linked: linked.txt}
      run: [ln, ${how}, "{inputs.raw}", "{outputs.linked}"]
`,
    );
    const { code, stderr, stdout } = await tomoflow(["run", "--plain"], { folder });
    assert.equal(code, 0, stderr + stdout);
    const after = await stat(input);
    assert.equal(after.mode & 0o777, 0o644, "the input can be written as before");
    assert.equal(after.mtimeMs, before.mtimeMs);
    const output = await onlyResult(folder);
    assert.ok((await lstat(output)).isFile(), "no link");
    await writeFile(input, "edited in place\n");
    const again = await tomoflow(["status", "--json"], { folder });
    assert.equal(again.code, 0);
    assert.equal(
      await readFile(await onlyResult(folder), "utf8"),
      "content\n",
      "the result did not change with the input",
    );
  });

/** The workflow takes its name from the folder. */
async function onlyResult(folder: string): Promise<string> {
  const { readdir } = await import("node:fs/promises");
  const [name] = await readdir(join(folder, "results"));
  return join(folder, "results", name!, "link", "a", "linked.txt");
}

test("a step alone makes such an output a file of its own, too", async (context) => {
  const folder = await temporaryFolder(context);
  const input = join(folder, "raw.txt");
  await writeFile(input, "content\n");
  const words = [
    "step",
    "command",
    "--inputs",
    "raw",
    "--input",
    "raw=raw.txt",
    "--outputs",
    "linked=linked.txt",
  ];
  const { code, stderr } = await tomoflow(
    [...words, "--run", '[ln, -f, "{inputs.raw}", "{outputs.linked}"]'],
    { folder },
  );
  assert.equal(code, 0, stderr);
  const [made, before] = await Promise.all([lstat(join(folder, "linked.txt")), stat(input)]);
  assert.ok(made.isFile() && made.nlink === 1 && made.ino !== before.ino);
  assert.equal(made.mode & 0o777, 0o666 & ~process.umask());
});
