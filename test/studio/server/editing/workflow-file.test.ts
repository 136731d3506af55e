import assert from "node:assert/strict";
import { lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  createTextFile,
  readTextFile,
  saveTextFile,
} from "../../../../src/studio/server/editing/workflow-file.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

test("a save that knows the file replaces it whole; one that does not gets what the file holds now", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "workflow.yaml");
  await writeFile(path, "name: a # Å\n", { mode: 0o640 });
  const { version, text } = await readTextFile(path);
  assert.equal(text, "name: a # Å\n");
  const saved = await saveTextFile(path, { text: "name: b # Å\n", version });
  assert.ok(saved.saved);
  assert.equal(await readFile(path, "utf8"), "name: b # Å\n");
  assert.equal((await stat(path)).mode & 0o777, 0o640);
  const late = await saveTextFile(path, { text: "name: c\n", version });
  assert.deepEqual(late, { saved: false, current: { text: "name: b # Å\n", version: saved.version } });
  assert.equal(await readFile(path, "utf8"), "name: b # Å\n");
  assert.deepEqual(await readdir(folder), ["workflow.yaml"]);
});

test("of many saves of one version at once, one is made and the others are told", async (context) => {
  const path = join(await temporaryFolder(context), "workflow.yaml");
  const { version } = await createTextFile(path, "name: a\n");
  const saves = await Promise.all(
    Array.from({ length: 12 }, (_, index) => saveTextFile(path, { text: `name: b${index}\n`, version })),
  );
  assert.equal(saves.filter(({ saved }) => saved).length, 1);
  const winner = saves.findIndex(({ saved }) => saved);
  assert.equal(await readFile(path, "utf8"), `name: b${winner}\n`);
});

test("a link stays a link, UTF-16 and byte order marks stay as they are", async (context) => {
  const folder = await temporaryFolder(context);
  const [path, link] = [join(folder, "real.yaml"), join(folder, "link.yaml")];
  const wide = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");
  await writeFile(path, wide("name: a # Å\n"));
  await symlink("real.yaml", link);
  const { version, text } = await readTextFile(link);
  assert.equal(text, "name: a # Å\n");
  assert.ok((await saveTextFile(link, { text: "name: b # Å\n", version })).saved);
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.deepEqual(await readFile(path), wide("name: b # Å\n"));
  await writeFile(path, "\uFEFFname: a\n");
  const marked = await readTextFile(path);
  assert.equal(marked.text, "name: a\n");
  await saveTextFile(path, { ...marked, text: "name: b\n" });
  assert.equal(await readFile(path, "utf8"), "\uFEFFname: b\n");
});

test("a new file is never written over one that is there; what is no file or no text is refused", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "new", "workflow.yaml");
  await createTextFile(path, "a: 1\n");
  await assert.rejects(createTextFile(path, "a: 2\n"), { code: "file-exists" });
  assert.equal(await readFile(path, "utf8"), "a: 1\n");
  await assert.rejects(readTextFile(join(folder, "none.yaml")), { code: "file-missing" });
  await assert.rejects(readTextFile(folder), { code: "file-not-regular" });
  await writeFile(path, Buffer.from([0x61, 0xff, 0xfe, 0x62]));
  await assert.rejects(readTextFile(path), { code: "not-utf8" });
});
