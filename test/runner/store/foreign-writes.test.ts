/** A file that somebody else puts where ours was put a moment ago is never believed to be ours. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstat, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setAside } from "../../../src/runner/store/set-aside.ts";
import { StatCache, stampOf } from "../../../src/runner/store/stat-cache.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a hash is remembered of the file that was made, under whatever name, and of no other", async (context) => {
  const folder = await temporaryFolder(context);
  const [ours, target] = [join(folder, "ours"), join(folder, "target")];
  await using cache = await openCache(folder);
  await writeFile(ours, "ours!");
  const made = await stampOf(ours);
  await rename(ours, target);
  await cache.contents.remember(target, hashOf("ours!"), made);
  assert.equal((await cache.contents.contentOf(target))?.sha256, hashOf("ours!"));
  assert.equal(cache.contents.hashedFiles, 0, "it need not be read");

  const other = join(folder, "other");
  await writeFile(other, "other");
  await rename(other, target);
  await cache.contents.remember(target, hashOf("ours!"), made);
  assert.equal(
    (await cache.contents.contentOf(target))?.sha256,
    hashOf("other"),
    "another file of that size",
  );
});

test("what was edited through a link is kept as content, not as a second link", async (context) => {
  const folder = await temporaryFolder(context);
  const [blob, shown] = [join(folder, "blob"), join(folder, "shown")];
  await writeFile(blob, "edited by hand");
  await symlink(blob, shown);
  const layout = { replaced: join(folder, "replaced") } as Parameters<typeof setAside>[2]["layout"];
  const place = await setAside(shown, hashOf("edited by hand"), { layout, taskId: "a" });
  assert.ok((await lstat(place)).isFile());
  await writeFile(blob, "gone");
  assert.equal(await readFile(place, "utf8"), "edited by hand");
});

async function openCache(folder: string) {
  const contents = await StatCache.open(join(folder, "cache"));
  return { contents, [Symbol.asyncDispose]: () => contents.close() };
}
