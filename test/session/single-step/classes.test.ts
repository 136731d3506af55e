import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { readClasses } from "../../../src/session/single-step/classes.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("classes come from a workflow, flags add to them, masks are relative to the file", async (context) => {
  const folder = await temporaryFolder(context);
  const file = join(folder, "chlamy.yaml");
  await writeFile(
    file,
    "version: 1\nclasses:\n  2: {name: proteasome, radius: 6}\n  1: {name: ribosome, mask: m/r.mrc}\n",
  );
  const result = await readClasses({ file, flags: ["3:membrane", "2:proteasome:7.5:mask=p.mrc"] });
  assert.ok(result.ok);
  assert.deepEqual(result.value, [
    { label: 1, name: "ribosome", mask: join(folder, "m/r.mrc") },
    { label: 2, name: "proteasome", radius: 7.5, mask: resolve("p.mrc") },
    { label: 3, name: "membrane" },
  ]);
});

test("a file may be the map alone", async (context) => {
  const file = join(await temporaryFolder(context), "classes.yaml");
  await writeFile(file, "1: {name: ribosome, radius: 10}\n");
  const result = await readClasses({ file });
  assert.deepEqual(result.ok && result.value, [{ label: 1, name: "ribosome", radius: 10 }]);
});

test("without file and flags there are no classes", async () => {
  const result = await readClasses({});
  assert.deepEqual(result, { ok: true, value: [], diagnostics: [] });
});

test("mistakes are told like those of a workflow", async (context) => {
  const file = join(await temporaryFolder(context), "classes.yaml");
  await writeFile(file, "1: {name: ribosome, radios: 10}\n0: {name: background}\n");
  const result = await readClasses({ file, flags: ["2:rod:big"] });
  assert.equal(result.ok, false);
  const text = result.diagnostics.map(({ message, hint }) => `${message} | ${hint}`).join("\n");
  assert.match(text, /unknown key radios.*\| did you mean radius\?/);
  assert.match(text, /radius/);
  assert.equal(result.diagnostics.length, 3);
});

test("a file without a class table, a flag without a name", async (context) => {
  const file = join(await temporaryFolder(context), "empty.yaml");
  await writeFile(file, "");
  const result = await readClasses({ file });
  assert.equal(result.diagnostics[0]?.code, "no-classes");
  await assert.rejects(readClasses({ flags: ["ribosome"] }), {
    code: "bad-class",
    hint: /LABEL:NAME:RADIUS/,
  });
  await assert.rejects(readClasses({ file: join(file, "none.yaml") }));
});
