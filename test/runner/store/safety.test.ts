/** What happens to files and folders behind the runner's back: clocks, renamed folders, links. */
import assert from "node:assert/strict";
import { chmod, lstat, readlink, rename, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { StatCache } from "../../../src/runner/store/stat-cache.ts";
import { checkoutLock } from "../../../src/runner/upkeep/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openToyProject, shoutFiles, type ToyProject, toyProject } from "../../support/toy-project.ts";

const hour = 3_600_000;
const fresh = { fresh: 5, restore: 0, run: 0, pending: 0 };
const loudA = "results/toy/shout/a/loud.txt";

async function editSameSize(project: ToyProject, time: Date): Promise<void> {
  await project.write("data/a.txt", "two\n");
  await utimes(join(project.folder, "data/a.txt"), time, time);
}

for (const [name, milliseconds] of [
  ["ahead", hour],
  ["behind", -hour],
  ["at 1969", -Date.now() - hour],
] as const)
  test(`an input whose clock was ${name} is fresh, and an edit of its size with the same time is seen`, async (context) => {
    const project = await toyProject(context, shoutFiles);
    const time = new Date(Date.now() + milliseconds);
    await utimes(join(project.folder, "data/a.txt"), time, time);
    await project.run();
    assert.deepEqual((await project.plan()).counts, fresh);
    await editSameSize(project, time);
    assert.match(await project.why("shout@a"), /^run: data\/a\.txt changed/);
  });

test("after the clock jumped back, what is dated in the future is hashed again and again until it is not", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "a");
  await writeFile(path, "content");
  const cache = await StatCache.open(join(folder, "cache"), { now: () => Date.now() - hour });
  for (let look = 0; look < 2; look++) await cache.contentOf(path);
  assert.equal(cache.hashedFiles, 2);
  await cache.close();
});

test("after the clock jumped forward, a file changed before it is known, and its next change is seen", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "a");
  await writeFile(path, "content");
  const cache = await StatCache.open(join(folder, "cache"), { now: () => Date.now() + hour });
  const before = await cache.contentOf(path);
  await cache.contentOf(path);
  assert.equal(cache.hashedFiles, 1);
  await writeFile(path, "CONTENT");
  const after = new Date(Date.now() + hour);
  await utimes(path, after, after);
  assert.notEqual((await cache.contentOf(path))?.sha256, before?.sha256);
  await cache.close();
});

test("edits of the same size one after the other, each a moment after a run, are all seen", async (context) => {
  const project = await toyProject(context, shoutFiles);
  for (const word of ["one", "two", "six", "ten"]) {
    await project.write("data/a.txt", `${word}\n`);
    await project.run();
    assert.equal(await project.read(loudA), `${word.toUpperCase()}!1:10\n`);
  }
});

test("a renamed input folder: nothing runs when the workflow follows", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await rename(join(project.folder, "data"), join(project.folder, "tomograms"));
  await assert.rejects(project.plan(), /data\/a\.txt does not exist/);
  await project.write("workflow.yaml", shoutFiles["workflow.yaml"].replaceAll("data/", "tomograms/"));
  assert.deepEqual((await project.plan()).counts, fresh);
});

test("a renamed results folder: all comes back from the cache, and what was renamed stays", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await rename(join(project.folder, "results"), join(project.folder, "results-of-may"));
  assert.deepEqual((await project.plan()).counts, { ...fresh, fresh: 0, restore: 5 });
  assert.equal((await project.run()).summary.counts.restored, 5);
  assert.equal(await project.read(loudA), await project.read(loudA.replace("results", "results-of-may")));
});

test("without cache and lock all is made again, and results that come out the same are nobody's edits", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.remove(".tomoflow");
  await project.remove("workflow.lock.yaml");
  await project.write(loudA, "edited\n");
  const { events } = await project.run();
  const details = events.flatMap((event) =>
    event.type === "task-ended" && event.detail ? [`${event.task}: ${event.detail}`] : [],
  );
  assert.equal(details.length, 1, details.join("\n"));
  assert.match(details[0]!, /^shout@a: what was edited by hand is kept as \.tomoflow\/replaced\/shout@a\//);
});

for (const link of ["symlink", "hardlink"])
  test(`cache.link ${link}: what was edited by hand through it is kept as content, and the result made again`, async (context) => {
    const project = await toyProject(context, withLink(link));
    await project.run();
    await chmod(join(project.folder, loudA), 0o644);
    await writeFile(join(project.folder, loudA), "MY OWN!!\n");
    const details = (await project.run()).events.flatMap((event) =>
      event.type === "task-ended" && event.detail ? [event.detail] : [],
    );
    const place = /is kept as (\.tomoflow\/replaced\/shout@a\/\S+)$/.exec(details.join())?.[1] ?? "nowhere";
    assert.equal(await project.read(place), "MY OWN!!\n");
    assert.equal((await lstat(join(project.folder, place))).isFile(), true);
    assert.equal(await project.read(loudA), "ONE!1:10\n");
    assert.deepEqual((await project.plan()).counts, fresh);
  });

test("checkout of another revision keeps what was edited through a link as content", async (context) => {
  const project = await toyProject(context, withLink("symlink"));
  await project.run();
  const lock = await project.read("workflow.lock.yaml");
  await project.write("workflow.yaml", withLink("symlink")["workflow.yaml"].replace('"!"', '"?"'));
  await project.run();
  await chmod(join(project.folder, loudA), 0o644);
  await writeFile(join(project.folder, loudA), "my own words");
  await project.write("workflow.lock.yaml", lock);
  const [file] = await checkoutLock(await project.load(), { only: ["shout@a"] });
  assert.equal(await project.read(file?.keptAs ?? "nowhere"), "my own words");
  assert.equal((await lstat(join(project.folder, file?.keptAs ?? ""))).isFile(), true);
  assert.equal(await project.read(loudA), "ONE!1:10\n");
});

const withLink = (link: string) => ({
  ...shoutFiles,
  "workflow.yaml": `${shoutFiles["workflow.yaml"]}cache: {link: ${link}}\n`,
});

for (const link of ["reflink", "copy", "hardlink", "symlink"])
  test(`cache.link ${link}: fresh after a run, after moving the project, and restored after a loss`, async (context) => {
    const parent = await temporaryFolder(context);
    const project = openToyProject(join(parent, "before"));
    for (const [path, text] of Object.entries(withLink(link))) await project.write(path, text);
    await project.run();
    await rename(project.folder, join(parent, "after"));
    const moved = openToyProject(join(parent, "after"));
    assert.deepEqual((await moved.plan()).counts, fresh);
    await moved.remove("results");
    assert.equal((await moved.run()).summary.counts.restored, 5);
    assert.equal(await moved.read(loudA), "ONE!1:10\n");
    await checkLink(join(moved.folder, loudA), link);
  });

/** Links are read-only, since writing to one would damage the cache; copies are the user's own. */
async function checkLink(path: string, link: string): Promise<void> {
  const [itself, target] = [await lstat(path), await stat(path)];
  assert.equal(itself.isSymbolicLink(), link === "symlink");
  assert.equal(target.nlink > 1, link === "hardlink");
  const isLink = link === "symlink" || link === "hardlink";
  assert.equal(target.mode & 0o222, isLink ? 0 : 0o222 & ~process.umask());
  if (link === "symlink")
    assert.match(resolve(dirname(path), await readlink(path)), /after\/\.tomoflow\/cache\/blobs\//);
}

test("another kind of link in the workflow: what is there stays fresh, new copies follow it", async (context) => {
  const project = await toyProject(context, withLink("symlink"));
  await project.run();
  await project.write("workflow.yaml", withLink("copy")["workflow.yaml"]);
  assert.deepEqual((await project.plan()).counts, fresh);
  await project.remove(loudA);
  await project.run();
  await checkLink(join(project.folder, loudA), "copy");
});
