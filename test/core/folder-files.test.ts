import assert from "node:assert/strict";
import { link, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { listFolder } from "../../src/core/folder-files.ts";
import { takeFolder } from "../../src/core/own-folder.ts";
import { temporaryFolder } from "../support/temporary.ts";

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

test("files are listed by code, links followed, once for each way to them", async (context) => {
  const folder = await temporaryFolder(context);
  await write(folder, {
    "in/b.txt": "",
    "in/B.txt": "",
    "in/b/c.txt": "",
    "in/.hidden": "",
    "out/d.txt": "",
  });
  await write(folder, { "in/.DS_Store": "", "in/.nfs0000000000a1b2c300000001": "" });
  await symlink("../out", join(folder, "in/a"));
  await symlink("b.txt", join(folder, "in/e.txt"));
  await symlink("user@host.1234", join(folder, "in/.#b.txt"));
  await mkdir(join(folder, "in/empty"));
  const { files, folders, linked } = await listFolder(join(folder, "in"));
  assert.deepEqual(files, [".hidden", "B.txt", "a/d.txt", "b.txt", "b/c.txt", "e.txt"]);
  assert.deepEqual([...folders.keys()].sort(), ["", "a", "b", "empty"]);
  assert.deepEqual([...linked].sort(), ["a/d.txt", "e.txt"]);
});

test("names that would not come back as they were are refused", async (context) => {
  for (const name of ["a\nb", "a\\b", "\u0007"]) {
    const folder = await temporaryFolder(context);
    await writeFile(join(folder, name), "");
    await assert.rejects(listFolder(folder), { code: "folder-entry", hint: "give that file another name" });
  }
  const folder = await temporaryFolder(context);
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff])]), "");
  await assert.rejects(listFolder(folder), /what is not UTF-8/);
});

test("a link to itself and a folder in a circle of links are refused, two links to one folder are not", async (context) => {
  const folder = await temporaryFolder(context);
  await write(folder, { "in/x/1.txt": "1" });
  await symlink("x", join(folder, "in/y"));
  assert.deepEqual((await listFolder(join(folder, "in"))).files, ["x/1.txt", "y/1.txt"]);
  await symlink("self", join(folder, "self"));
  await assert.rejects(listFolder(folder), { code: "link-circle" });
});

test("a folder is made its own: links become files, and what they led to stays", async (context) => {
  const folder = await temporaryFolder(context);
  await write(folder, {
    "attempt/out/1.txt": "1",
    "attempt/out/deep/2.txt": "2",
    "input/3.txt": "3",
    "input/4.txt": "4",
  });
  const out = join(folder, "attempt/out");
  await symlink(join(out, "1.txt"), join(out, "absolute.txt"));
  await symlink("deep", join(out, "again"));
  await symlink(join(folder, "input"), join(out, "all"));
  await link(join(folder, "input/4.txt"), join(out, "hard.txt"));
  const { ino } = await stat(join(folder, "input/4.txt"));
  const { files, shared } = await takeFolder(out, out, join(folder, "attempt"));
  assert.equal(files, 7);
  assert.deepEqual(
    shared.map((file) => Number(file.split(":")[1])),
    [ino],
  );
  const contents = {
    "1.txt": "1",
    "absolute.txt": "1",
    "again/2.txt": "2",
    "all/3.txt": "3",
    "all/4.txt": "4",
    "deep/2.txt": "2",
    "hard.txt": "4",
  };
  for (const [path, text] of Object.entries(contents)) {
    assert.equal(await readFile(join(out, path), "utf8"), text, path);
    const stats = await lstat(join(out, path));
    assert.ok(stats.isFile() && stats.nlink === 1, path);
  }
  assert.deepEqual(await readdir(join(folder, "attempt")), ["out"]);
  assert.deepEqual((await readdir(join(folder, "input"))).sort(), ["3.txt", "4.txt"]);
});

test("an output that is itself a link to the user's folder is copied", async (context) => {
  const folder = await temporaryFolder(context);
  await write(folder, { "input/1.txt": "1", "attempt/other.txt": "" });
  const out = join(folder, "attempt/out");
  await symlink("../input", out);
  await takeFolder(out, out, join(folder, "attempt"));
  assert.ok((await lstat(out)).isDirectory());
  assert.equal(await readFile(join(out, "1.txt"), "utf8"), "1");
  assert.deepEqual(await readdir(join(folder, "input")), ["1.txt"]);
});
