import assert from "node:assert/strict";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../../support/temporary.ts";
import { openStudio } from "../opened-studio.ts";

const text = `# mine
version: 1
classes:
  1: {name: ribosome, radius: 10} # the first
tomograms:
  - {id: t1} # one
steps:
  simulate: {uses: simulate, with: {size: [24, 40, 48], counts: 2}}
`;

test("a workflow is read, checked, saved; who comes late is shown what is there", async (context) => {
  const { ask, root } = await openStudio(context, { "w.yaml": text });
  const { answer: file } = await ask("/api/editing/workflow?path=w.yaml");
  assert.equal(file.text, text);
  const wrong = text.replace("radius: 10", "radius: -1");
  const { answer: check } = await ask("/api/editing/check", { path: "w.yaml", text: wrong, quick: true });
  assert.deepEqual(
    check.mistakes.map((mistake: { path: unknown; line: number; message: string }) => [
      mistake.path,
      mistake.line,
      mistake.message,
    ]),
    [[["classes", "1", "radius"], 4, "radius must be above 0 voxels: -1 is not"]],
  );
  const saved = await ask("/api/editing/workflow", { ...file, text: `${text}# more\n` }, "PUT");
  assert.equal(saved.status, 200);
  assert.equal(await readFile(join(root, "w.yaml"), "utf8"), `${text}# more\n`);
  const late = await ask("/api/editing/workflow", { ...file, text: "# gone\n" }, "PUT");
  assert.equal(late.answer.error.code, "file-changed");
  assert.equal(late.answer.current.text, `${text}# more\n`);
  assert.equal(await readFile(join(root, "w.yaml"), "utf8"), `${text}# more\n`);
});

test("edits by paths reach the file, labels stay labels, comments stay", async (context) => {
  const { ask, root } = await openStudio(context, { "w.yaml": text });
  const operations = [
    { type: "set", path: ["classes", "2"], value: { name: "007", radius: 6, color: "#f28e2b" } },
    { type: "set", path: ["tomograms", 0, "objects"], value: "t1.xml" },
  ];
  const { status } = await ask("/api/editing/edit", { path: "w.yaml", operations });
  assert.equal(status, 200);
  assert.equal(
    await readFile(join(root, "w.yaml"), "utf8"),
    text
      .replace("# the first\n", '# the first\n  2: {name: "007", radius: 6, color: "#f28e2b"}\n')
      .replace("{id: t1}", "{id: t1, objects: t1.xml}"),
  );
  const refused = await ask("/api/editing/edit", {
    path: "w.yaml",
    operations: [{ type: "remove", path: ["steps", "none"] }],
  });
  assert.deepEqual([refused.status, refused.answer.diagnostics[0].code], [422, "edit-refused"]);
  const unknown = await ask("/api/editing/edit", { path: "w.yaml", operations: [{ type: "explode" }] });
  assert.equal(unknown.status, 400);
});

test("nothing but workflows is read or written, and nothing outside of the project", async (context) => {
  const { ask, root } = await openStudio(context, {
    "w.yaml": text,
    "w.lock.yaml": "a: 1\n",
    "key.txt": "secret",
  });
  const elsewhere = await temporaryFolder(context);
  await writeFile(join(elsewhere, "other.yaml"), "version: 1\n");
  await symlink(join(elsewhere, "other.yaml"), join(root, "link.yaml"));
  await symlink(elsewhere, join(root, "away"));
  for (const [path, code] of [
    ["../w.yaml", "outside-project"],
    [join(elsewhere, "other.yaml"), "outside-project"],
    ["link.yaml", "outside-project"],
    ["away/other.yaml", "outside-project"],
    ["key.txt", "not-a-workflow"],
    ["w.lock.yaml", "not-a-workflow"],
    ["none.yaml", "file-missing"],
  ]) {
    const { status, answer } = await ask(`/api/editing/workflow?path=${encodeURIComponent(path!)}`);
    assert.ok(status >= 400, path);
    assert.equal(answer.error.code, code, path);
    if (code === "file-missing") continue;
    const written = await ask("/api/editing/new", { path, template: "starter" });
    assert.equal(written.answer.error.code, code, path);
  }
  const { answer: folder } = await ask("/api/editing/folder?path=");
  assert.deepEqual(
    folder.entries.map(({ name, kind }: { name: string; kind: string }) => [name, kind]),
    [
      ["key.txt", "list"],
      ["w.lock.yaml", "workflow"],
      ["w.yaml", "workflow"],
    ],
  );
  assert.equal((await ask("/api/editing/folder?path=../")).answer.error.code, "outside-project");
});

test("a new workflow comes from a template and never goes over a file", async (context) => {
  const { ask, root } = await openStudio(context, {});
  const { answer } = await ask("/api/editing/new", { path: "work/chlamy.yaml", template: "deepfinder" });
  assert.equal(answer.path, "work/chlamy.yaml");
  assert.equal(await readFile(join(root, "work/chlamy.yaml"), "utf8"), answer.text);
  assert.match(await readFile(join(root, "work/.gitignore"), "utf8"), /^\/results\/$/m);
  const again = await ask("/api/editing/new", { path: "work/chlamy.yaml", template: "starter" });
  assert.deepEqual([again.status, again.answer.error.code], [422, "file-exists"]);
});
