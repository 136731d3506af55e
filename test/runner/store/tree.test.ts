/** Lists of folders as they are read back: from a cache that anyone may have written to. */
import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../../src/core/hash.ts";
import { contentOfTree, parseTree, type TreeFile, treeText } from "../../../src/runner/store/tree.ts";
import { checkoutLock } from "../../../src/runner/upkeep/index.ts";
import { folderFiles, toyProject } from "../../support/toy-project.ts";

const file = (path: string, text = "x"): TreeFile => ({ path, sha256: sha256(text), size: text.length });

test("a list is read back as it was written, and its hash is over its text", () => {
  const files = [file("B.txt"), file("a/b.txt", "longer"), file("ä.txt")];
  assert.deepEqual(parseTree(treeText(files)), files);
  assert.deepEqual(contentOfTree(files), { sha256: sha256(treeText(files)), size: 8, files: 3 });
});

test("a list with a path that leads elsewhere, twice the same or out of order is none", () => {
  for (const paths of [
    ["../a"],
    ["/a"],
    ["a/../../b"],
    ["a//b"],
    ["./a"],
    ["a\\b"],
    [""],
    ["a", "a"],
    ["b", "a"],
  ])
    assert.equal(parseTree(treeText(paths.map((path) => file(path)))), undefined, paths.join());
  for (const text of ['{"tree":2,"files":[]}', '{"tree":1}', "[]", '{"tree":1,"files":[["a","x",1]]}'])
    assert.equal(parseTree(text), undefined, text);
});

test("checkout of a lock that names a forged list writes nothing", async (context) => {
  const project = await toyProject(context, folderFiles);
  await project.run();
  const forged = [file("../../../../evil.txt", "evil")];
  const { sha256: hash, size } = contentOfTree(forged);
  for (const [name, text] of [
    [hash, treeText(forged)],
    [sha256("evil"), "evil"],
  ] as const) {
    const blob = join(project.folder, ".tomoflow/cache/blobs", name.slice(0, 2), name);
    await mkdir(dirname(blob), { recursive: true });
    await writeFile(blob, text);
  }
  const lock = await project.read("workflow.lock.yaml");
  const old = /letters: \{path: results\/toy\/spell\/a\/letters, .*\}/g;
  assert.match(lock, old);
  await project.write(
    "workflow.lock.yaml",
    lock.replaceAll(
      old,
      `letters: {path: results/toy/spell/a/letters, sha256: "${hash}", size: ${size}, files: 1}`,
    ),
  );
  const files = await checkoutLock(await project.load(), { only: ["spell@a"] });
  assert.deepEqual(
    files.map(({ outcome }) => outcome),
    ["absent"],
  );
  assert.ok(!(await readdir(project.folder)).includes("evil.txt"));
});
