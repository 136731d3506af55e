import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { findFiles } from "../../../src/schema/table/glob.ts";
import { folderWith, loadText } from "../../support/workflow-folder.ts";

const treeWith = (context: TestContext, names: readonly string[]) => folderWith(context, names);

test("** stands for any number of folders, none and hidden ones not; each file comes once", async (context) => {
  const folder = await treeWith(context, [
    "t0.mrc",
    "a/t1.mrc",
    "a/b/t2.mrc",
    ".h/t3.mrc",
    "a/.t4.mrc",
    "a/b/x.zarr/c",
  ]);
  assert.deepEqual(await findFiles("**/*.mrc", folder), ["a/b/t2.mrc", "a/t1.mrc", "t0.mrc"]);
  assert.deepEqual(await findFiles("**/**/**/*.mrc", folder), ["a/b/t2.mrc", "a/t1.mrc", "t0.mrc"]);
  assert.deepEqual(await findFiles("a/**", folder), ["a/b/t2.mrc", "a/b/x.zarr", "a/b/x.zarr/c", "a/t1.mrc"]);
  assert.deepEqual(await findFiles("a/../**/t2*", folder), ["a/b/t2.mrc"]);
  assert.deepEqual(await findFiles("{a,.h}/*", folder), ["a/t1.mrc"]);
  assert.deepEqual(await findFiles(".h/t*", folder), [".h/t3.mrc"]);
  assert.deepEqual(await findFiles(join(folder, "a/*.mrc"), "/"), [join(folder, "a/t1.mrc")]);
  for (const nothing of [".", "/", "a/..", "", "a/b/t2.mrc/*"])
    assert.deepEqual(await findFiles(nothing, folder), [], nothing);
});

test("links in circles end", async (context) => {
  const folder = await treeWith(context, ["a/t0.mrc", "a/b/t1.mrc"]);
  await symlink("..", join(folder, "a/up"));
  await symlink(".", join(folder, "a/here"));
  assert.deepEqual(await findFiles("**/*.mrc", folder), ["a/b/t1.mrc", "a/t0.mrc"]);
  const started = performance.now();
  const wide = await findFiles(`${"*/".repeat(8)}*.mrc`, folder);
  assert.ok(wide.length > 10 && performance.now() - started < 5000);
  await assert.rejects(findFiles(`${"*/".repeat(60)}*.mrc`, folder, { folders: 2000, files: 1e6 }), {
    code: "glob-too-wide",
    message: /leads through more than 2000 folders$/,
    hint: /name more of the way/,
  });
});

test("many ** over a deep tree read each folder once", async (context) => {
  const names = Array.from({ length: 14 }, (_, depth) => `${"d/".repeat(depth)}t${depth}.mrc`);
  const folder = await treeWith(context, names);
  for (const name of names) await mkdir(join(folder, dirname(name), "e"), { recursive: true });
  const found = await findFiles(`${"**/".repeat(30)}*.mrc`, folder, { folders: 40, files: 100 });
  assert.equal(found.length, 14);
});

test("a pattern that is too wide is told at its place", async (context) => {
  const glob = `${"x".repeat(5000)}*.mrc`;
  const { messages } = await loadText(
    context,
    `version: 1\ntomograms: {glob: "${glob}"}\nsteps: {s: {uses: target}}\n`,
  );
  assert.match(messages[0]!, /^workflow\.yaml:2:19: error: x+ … has 5005 letters\n/);
  const folder = await treeWith(context, []);
  await writeFile(join(folder, "a.mrc"), "");
  await writeFile(join(folder, "b.mrc"), "");
  await assert.rejects(findFiles("*.mrc", folder, { folders: 9, files: 1 }), {
    message: "*.mrc matches more than 1 files",
  });
});
