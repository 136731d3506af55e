import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readManifest } from "../../../src/runner/store/read-manifest.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const sha256 = "ab".repeat(32);

test("a manifest that says no content for an output is none: the task runs, gc goes on", async (context) => {
  const path = join(await temporaryFolder(context), "manifest.json");
  const read = async (outputs: unknown) => {
    await writeFile(
      path,
      JSON.stringify({ version: 1, key: "k", kind: "toy", kindVersion: 1, seconds: 1, outputs }),
    );
    return readManifest(path);
  };
  assert.equal((await read({ loud: { sha256, size: 3 } }))?.key, "k");
  for (const outputs of [
    null,
    [],
    "x",
    { loud: null },
    { loud: { sha256 } },
    { loud: { sha256: "../../x", size: 1 } },
    { loud: { sha256, size: "3" } },
  ])
    assert.equal(await read(outputs), undefined, JSON.stringify(outputs));
});
