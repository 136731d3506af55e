import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../../src/core/hash.ts";
import { keyText } from "../../../src/runner/store/content.ts";
import { StatCache } from "../../../src/runner/store/stat-cache.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const minuteAgo = new Date(Date.now() - 60_000);

/**
 * A file whose times are long past. Its ctime cannot be set, so the cache's clock is moved instead: entries count from
 * `later` on.
 */
async function oldFile(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await utimes(path, minuteAgo, minuteAgo);
  return path;
}
const later = () => Date.now() + 10_000;

test("a file is hashed once, over processes and under another name", async (context) => {
  const folder = await temporaryFolder(context);
  const file = await oldFile(folder, "a", "content");
  const first = await StatCache.open(join(folder, "cache"), { now: later });
  assert.deepEqual(await first.contentOf(file), { sha256: sha256("content"), size: 7 });
  assert.deepEqual(await first.contentOf(file), { sha256: sha256("content"), size: 7 });
  assert.equal(first.hashedFiles, 1);
  await first.close();
  const second = await StatCache.open(join(folder, "cache"));
  assert.deepEqual(await second.contentOf(file), { sha256: sha256("content"), size: 7 });
  assert.equal(second.hashedFiles, 0);
  await second.close();
  const verifying = await StatCache.open(join(folder, "cache"), { verify: true });
  await verifying.contentOf(file);
  assert.equal(verifying.hashedFiles, 1);
  await verifying.close();
});

test("a file changed a moment ago is never trusted", async (context) => {
  const folder = await temporaryFolder(context);
  const file = await oldFile(folder, "a", "content");
  const cache = await StatCache.open(join(folder, "cache"));
  await cache.contentOf(file);
  await cache.contentOf(file);
  assert.equal(cache.hashedFiles, 2);
  await cache.close();
});

test("a change of the same size, with the old modification time put back, is seen", async (context) => {
  const folder = await temporaryFolder(context);
  const file = await oldFile(folder, "a", "content");
  const cache = await StatCache.open(join(folder, "cache"), { now: later });
  await cache.contentOf(file);
  await writeFile(file, "CONTENT");
  await utimes(file, minuteAgo, minuteAgo);
  assert.equal((await cache.contentOf(file))?.sha256, sha256("CONTENT"));
  await cache.close();
});

test("a replaced file, an absent file", async (context) => {
  const folder = await temporaryFolder(context);
  const [a, b] = [await oldFile(folder, "a", "first"), await oldFile(folder, "b", "other")];
  const cache = await StatCache.open(join(folder, "cache"), { now: later });
  await cache.contentOf(a);
  await rename(b, a);
  assert.equal((await cache.contentOf(a))?.sha256, sha256("other"));
  assert.equal(await cache.contentOf(b), undefined);
  await cache.close();
});

test("large files are hashed on threads, many at a time", async (context) => {
  const folder = await temporaryFolder(context);
  const cache = await StatCache.open(join(folder, "cache"));
  const texts = Array.from({ length: 6 }, (_, index) => `${index}`.repeat(3_000_001 + index));
  const paths = await Promise.all(texts.map((text, index) => oldFile(folder, `${index}`, text)));
  const contents = await Promise.all(paths.map((path) => cache.contentOf(path)));
  assert.deepEqual(
    contents.map((content) => content?.sha256),
    texts.map((text) => sha256(text)),
  );
  await cache.close();
});

test("torn and foreign lines are ignored, and the file is appended to", async (context) => {
  const folder = await temporaryFolder(context);
  const file = await oldFile(folder, "a", "content");
  const path = join(folder, "cache");
  const cache = await StatCache.open(path, { now: later });
  await cache.contentOf(file);
  await cache.close();
  const line = await readFile(path, "utf8");
  await writeFile(path, `rubbish\n${line}${line.replace(/[0-9a-f]{64}\n$/, "")}`);
  const again = await StatCache.open(path, { now: later });
  await again.contentOf(file);
  assert.equal(again.hashedFiles, 0);
  await again.contentOf(await oldFile(folder, "b", "more"));
  await again.close();
  const third = await StatCache.open(path);
  await third.contentOf(join(folder, "b"));
  assert.equal(third.hashedFiles, 0);
  await third.close();
});

test("old lines are cleared away", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "cache");
  for (let index = 0; index < 1500; index++) await appendFile(path, `1:2 ${index}:4:5 ${"ab".repeat(32)}\n`);
  await (await StatCache.open(path)).close();
  assert.equal(await readFile(path, "utf8"), `1:2 1499:4:5 ${"ab".repeat(32)}\n`);
});

test("a part of a folder has the content of all of it, and is told from the whole and from other parts", async (context) => {
  const folder = await temporaryFolder(context);
  const store = join(folder, "t.zarr");
  await mkdir(join(store, "0"), { recursive: true });
  await writeFile(join(store, "zarr.json"), "{}");
  const cache = await StatCache.open(join(folder, "cache"));
  const of = (name: string) => ({ name, read: () => Promise.reject(new Error("never read")) });
  const look = async (name: string) => keyText((await cache.lookAtPart(store, of(name)))!.content);
  const [first, second] = [await look("#/0"), await look("#/1")];
  assert.equal(await look("#/0"), first);
  assert.notEqual(first, second);
  assert.notEqual(first, keyText((await cache.contentOf(store))!));
  await writeFile(join(store, "0", "chunk"), "1");
  assert.notEqual(await look("#/0"), first);
  await cache.close();
});
