/** Another program writes where a file of ours was just put: what we remember of it must not be ours. */
import assert from "node:assert/strict";
import { copyFile, mkdir, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256 } from "../../../src/core/hash.ts";
import { layoutOf } from "../../../src/runner/store/layout.ts";
import { StatCache, stampOf } from "../../../src/runner/store/stat-cache.ts";
import { openStore } from "../../../src/runner/store/store.ts";
import { giveToWorkingTree } from "../../../src/runner/store/working-copy.ts";
import { temporaryFolder } from "../../support/temporary.ts";

/** A cache with a blob `ours`, and a rival who does something to a file between our renaming of it and our look at it. */
async function contended(context: TestContext) {
  const folder = await temporaryFolder(context);
  const layout = layoutOf({ path: join(folder, "workflow.yaml"), folder });
  const contents = await StatCache.open(join(folder, "stat-cache"));
  context.after(() => contents.close());
  const store = openStore(layout, contents);
  const source = join(folder, "made");
  await writeFile(source, "ours");
  const { sha256: name } = await store.adopt(source);
  const rival = (act: (path: string) => Promise<void>) => {
    const remember = contents.remember.bind(contents);
    context.mock.method(contents, "remember", async (...given: Parameters<typeof remember>) => {
      await act(given[0]);
      return remember(...given);
    });
  };
  return {
    folder,
    layout,
    contents,
    store,
    rival,
    blob: { path: store.blobPath(name), sha256: name, size: 4 },
  };
}

/** As a sync daemon does: a whole file under the name, with the time that it has elsewhere. */
async function putTheirs(path: string): Promise<void> {
  await writeFile(`${path}.theirs`, "THEM");
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${path}.theirs`, longAgo, longAgo);
  await rename(`${path}.theirs`, path);
}

for (const link of ["reflink", "copy", "hardlink", "symlink"] as const)
  test(`${link}: a file that another program puts in the place of a working copy is not taken for ours`, async (context) => {
    const { folder, layout, contents, store, rival, blob } = await contended(context);
    const target = join(folder, "results", "out");
    rival(putTheirs);
    await giveToWorkingTree(blob, target, { link, contents, layout, store });
    assert.equal((await contents.contentOf(target))?.sha256, sha256("THEM"));
    assert.equal((await contents.contentOf(blob.path))?.sha256, sha256("ours"));
  });

for (const link of ["reflink", "copy"] as const)
  test(`${link}: what another program writes into a working copy is not taken for ours`, async (context) => {
    const { folder, layout, contents, store, rival, blob } = await contended(context);
    const target = join(folder, "results", "out");
    rival((path) => writeFile(path, "THEM"));
    await giveToWorkingTree(blob, target, { link, contents, layout, store });
    assert.equal((await contents.contentOf(target))?.sha256, sha256("THEM"));
  });

test("a file that comes in the place of one that is taken into the cache is not taken for it", async (context) => {
  const { folder, contents, store, rival } = await contended(context);
  await writeFile(join(folder, "new"), "new!");
  rival(putTheirs);
  const { sha256: name } = await store.adopt(join(folder, "new"));
  assert.equal((await contents.contentOf(store.blobPath(name)))?.sha256, sha256("THEM"));
  assert.equal(await store.isSound({ sha256: name, size: 4 }), false);
});

test("a damaged file of the cache is given to nobody", async (context) => {
  const { folder, layout, contents, store, blob } = await contended(context);
  await putTheirs(blob.path);
  const target = join(folder, "results", "out");
  await assert.rejects(giveToWorkingTree(blob, target, { link: "copy", contents, layout, store }), {
    code: "cache-damaged",
  });
  assert.equal(await stampOf(target), undefined);
});

test("a result that the cache has already leaves the file that links show as it is", async (context) => {
  const { folder, store, blob } = await contended(context);
  const before = await stampOf(blob.path);
  await mkdir(join(folder, "again"));
  await copyFile(blob.path, join(folder, "again", "made"));
  assert.deepEqual(await store.adopt(join(folder, "again", "made")), { sha256: blob.sha256, size: 4 });
  assert.equal((await stampOf(blob.path))?.body, before?.body);
});
