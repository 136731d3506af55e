import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadWorkflow } from "../../src/schema/load-workflow.ts";
import { readMistakeCases } from "../support/mistake-cases.ts";
import { toyCatalog } from "../support/toy-kinds.ts";
import { folderWith, goodWorkflow, loadText } from "../support/workflow-folder.ts";

const root = join(import.meta.dirname, "..", "..");

for (const page of ["test/fixtures/schema/mistakes.md", "docs/mistakes.md"])
  describe(`the messages of ${page}`, () => {
    const cases = readMistakeCases(join(root, page), goodWorkflow);
    assert.ok(cases.length >= 30, `${page} shows ${cases.length} mistakes`);
    for (const { title, workflow, expected } of cases)
      test(title, async (context) => {
        const { messages, result } = await loadText(context, workflow);
        assert.equal(messages.join("\n"), expected);
        assert.equal(result.ok, !expected.includes("error: "));
      });
  });

test("all mistakes are told at once, in the order of the file", async (context) => {
  const wrong = goodWorkflow
    .replace("strategy: spheres", "strategi: spheres")
    .replace("patchSize: 56", "patchSize: 42")
    .replace("data/t2.mrc", "data/t9.mrc")
    .replace("from: segment}", "from: segmnt}");
  const { result } = await loadText(context, wrong);
  const places = result.diagnostics.map(({ code, location }) => [location?.line, location?.column, code]);
  assert.deepEqual(places, [
    [9, 24, "file-missing"],
    [16, 12, "unknown-key"],
    [20, 23, "wrong-value"],
    [26, 35, "unknown-step"],
  ]);
});

test("--set names a param of the file and is read as YAML", async (context) => {
  const { messages } = await loadText(context, goodWorkflow, { set: { epoch: "5" } });
  assert.deepEqual(messages, [
    "error: --set epoch: there is no param epoch in this workflow\n  hint: did you mean epochs?",
  ]);
  const wrong = await loadText(context, goodWorkflow, { set: { epochs: "few" } });
  assert.match(
    wrong.messages[0],
    /^workflow\.yaml:20:50: error: epochs must be a whole number .*"few" is not \(\$\{params\.epochs\}, from --set epochs=few\)\n/,
  );
  const variants = `${goodWorkflow}variants: {short: {epochs: none at all}}\n`;
  const { messages: ofVariant } = await loadText(context, variants, { variant: "short" });
  assert.match(ofVariant[0], /"none at all" is not \(\$\{params\.epochs\}, from variant short\)\n/);
});

test("a variant that is not there", async (context) => {
  const { messages } = await loadText(context, `${goodWorkflow}variants: {short: {epochs: 1}}\n`, {
    variant: "shrot",
  });
  assert.deepEqual(messages, ["error: there is no variant shrot\n  hint: did you mean short?"]);
  const none = await loadText(context, goodWorkflow, { variant: "short" });
  assert.deepEqual(none.messages, [
    "error: there is no variant short\n  hint: this workflow has no `variants`",
  ]);
});

test("a folder in place of a workflow: what is in it is named", async (context) => {
  const adviceFor = async (files: readonly string[]) => {
    const folder = await folderWith(context, files);
    const { diagnostics } = await loadWorkflow(folder, { catalog: toyCatalog, environment: {} });
    assert.equal(diagnostics[0]?.message, "this is a folder");
    return diagnostics[0]?.hint?.replaceAll(`${folder}/`, "");
  };
  assert.equal(await adviceFor([]), "there is no workflow in it: tomoflow init workflow.yaml writes one");
  assert.equal(await adviceFor(["a.yaml", "a.lock.yaml"]), "did you mean a.yaml?");
  assert.equal(await adviceFor(["a.yaml", "workflow.yaml"]), "did you mean workflow.yaml?");
  assert.equal(await adviceFor(["b.yml", "a.yaml"]), "name one of the files in it: a.yaml, b.yml");
});

test("a file that is no text, no file, or not there", async (context) => {
  const latin = await loadText(context, Buffer.from("version: 1\nname: Zürich\n", "latin1"));
  assert.deepEqual(latin.messages, [
    "workflow.yaml:2:8: error: this is not UTF-8 text: the byte 0xFC stands alone\n  hint: is this the right file? A workflow is YAML text: save it as UTF-8; where it is Latin-1 (Windows-1252): iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
  ]);
});

test("a workflow in UTF-16 reads as the same in UTF-8", async (context) => {
  const text = "version: 1\nname: Zürich\nstep: {}\n";
  const { messages } = await loadText(context, text);
  assert.match(messages[0]!, /has no tomograms/);
  for (const bytes of [`\ufeff${text}`, text].map((one) => Buffer.from(one, "utf16le")))
    for (const wide of [bytes, Buffer.from(bytes).swap16()])
      assert.deepEqual((await loadText(context, wide)).messages, messages);
});

test("aliases that pile up are refused before they are expanded", async (context) => {
  const level = (name: string, inner: string) => `${name}: &${name} [${Array(10).fill(inner).join(", ")}]\n`;
  const bomb = `x-a: &a [1, 2]\n${["b", "c", "d", "e", "f", "g", "h"]
    .map((name, index) => level(`x-${name}`, `*${index === 0 ? "a" : `x-${"abcdefgh"[index]}`}`))
    .join("")}${goodWorkflow}`;
  const { messages } = await loadText(context, bomb);
  assert.equal(messages.length, 1);
  assert.match(
    messages[0],
    /^workflow\.yaml:2:12: error: the aliases of this file expand to more than 100000 values/,
  );
});

test("twenty missing files are told one by one, the rest as a number", async (context) => {
  const rows = Array.from(
    { length: 30 },
    (_, index) => `  - {id: r${index}, tomogram: no/r${index}.mrc}\n`,
  ).join("");
  const { messages } = await loadText(
    context,
    `version: 1\ntomograms:\n${rows}steps:\n  segment: {uses: segment, with: {weights: masks/ribosome.mrc}}\n`,
  );
  assert.equal(messages.length, 21);
  assert.match(messages[20], /^workflow\.yaml:23:25: error: 10 more files are missing/);
});
