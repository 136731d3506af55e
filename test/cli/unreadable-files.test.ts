import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Runs `tomoflow` as someone whom the modes of files bind: root may read all. */
function asNobody(words: readonly string[], folder: string) {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return spawnSync(process.execPath, [...programStart, ...words], {
    cwd: folder,
    env: { ...environment, NO_COLOR: "1" },
    encoding: "utf8",
    ...(process.getuid?.() === 0 && { uid: 65534, gid: 65534 }),
  });
}

test("validate finds a data file that may not be read, with its line", async (context) => {
  const folder = await temporaryFolder(context);
  await chmod(folder, 0o755);
  await mkdir(join(folder, "data"));
  for (const name of ["t0.mrc", "t0.xml"]) await writeFile(join(folder, "data", name), "");
  await chmod(join(folder, "data/t0.xml"), 0);
  await writeFile(
    join(folder, "workflow.yaml"),
    `version: 1
classes: {1: {name: a, radius: 3}}
tomograms:
  - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml}
steps:
  target: {uses: target}
`,
  );
  const { status, stderr } = asNobody(["validate"], folder);
  assert.equal(
    stderr,
    `workflow.yaml:4:46: error: data/t0.xml cannot be read: no permission
    - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml}
                                               ^^^^^^^^^^^
  hint: check the owner and mode of the file and its folder
1 problem in workflow.yaml
`,
  );
  assert.equal(status, 2);
});
