import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { harmlessMarkup, harmlessText, harmlessTexts } from "../../src/core/harmless-text.ts";
import { escapeText } from "../../src/core/svg.ts";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const nasty = "a\u001b[2Jb\u001b]0;title\u0007c\u009bd\u202ee\u0000f";

test("control characters and signs of direction become visible, colours of others go, our own stay", () => {
  assert.equal(harmlessText(nasty), "a\\u001b[2Jb\\u001b]0;title\\u0007c\\u009bd\\u202ee\\u0000f");
  assert.equal(harmlessText("\u001b[31mred\u001b[0m\tline\r\nnext\rlast\n"), "red\tline\nnext\nlast\n");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape code of a colour
  const own = /(\u001b\[3[1-6]m)/;
  assert.equal(harmlessText("\u001b[31mours\u001b[2J", own), "\u001b[31mours\\u001b[2J");
  assert.deepEqual(harmlessTexts({ a: [nasty, 1, null], b: { c: "ü" } }), {
    a: [harmlessText(nasty), 1, null],
    b: { c: "ü" },
  });
});

test("what it writes is the same character in a line of JSON", () => {
  const value = { name: "a\u009bb\u202ec\u0007" };
  assert.deepEqual(JSON.parse(harmlessText(JSON.stringify(value))), value);
});

const isControl = (character: string): boolean =>
  (character < " " && !"\n\t".includes(character)) || (character >= "\u007f" && character <= "\u009f");

test("pictures and pages hold nothing that XML cannot", () => {
  const markup = harmlessMarkup(`${nasty}\ud800\uffff ü\n\t`);
  assert.ok(
    ![...markup].some((character) => isControl(character) || "\u202e\ud800\uffff".includes(character)),
  );
  assert.ok(markup.endsWith(" ü\n\t"));
  const escaped = escapeText(`<${nasty}'">`);
  assert.ok(![...escaped].some((character) => isControl(character) || "<>'\"".includes(character)));
});

test("names of a list reach the terminal harmless, and JSON exactly", async (context) => {
  const folder = await temporaryFolder(context);
  const line = "class_label,x,y,z,tomo_id\n1,1,2,not\u001b[2Jnumber,t\n";
  await writeFile(join(folder, "a.csv"), line);
  const { code, stderr } = await tomoflow(["objects", "count", "a.csv"], { folder });
  assert.equal(code, 2);
  assert.ok(!stderr.includes("\u001b[2J"), stderr);
  assert.match(stderr, /not\\u001b\[2Jnumber/);
});
