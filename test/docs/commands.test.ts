/** Every `tomoflow …` that a page types is a command there is, with options it has. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";
import { pages } from "../support/pages.ts";
import { repositoryRoot } from "../support/source-tree.ts";

/** Words after `tomoflow` in fenced and indented blocks, and in `code` that begins with it. */
function typedCommands(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/^( {4}|\$ )/, ""));
  const inBlocks = lines
    .filter((line) => line.startsWith("tomoflow "))
    .map((line) => line.split(/ +#| {2,}/)[0]!);
  const inText = [...text.matchAll(/`(tomoflow [^`\n]+)`/g)].map(([, command]) =>
    command!.replaceAll("\\|", "|"),
  );
  return [...inBlocks, ...inText].map((command) => command.slice("tomoflow ".length).trim());
}

/** What is wrong with it; a word in capitals or … stands for anything. */
async function mistakeOf(typed: string): Promise<string | undefined> {
  const words = typed.split(/\s+/);
  const program = await buildProgram(words);
  let command: Command = program;
  for (const [index, word] of words.entries()) {
    if (word.startsWith("-")) {
      const name = word.split("=")[0]!;
      const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
      if (![...known, "--help", "-h"].includes(name)) return `${command.name()} has no ${name}`;
    } else if (command.commands.length > 0 && command.name() !== "help" && !/^[A-Z…[]/.test(word)) {
      const found = word.split("|").map((each) => command.commands.find((one) => one.name() === each));
      if (found.includes(undefined) && word !== "help")
        return index === 0 ? `no command ${word}` : `${command.name()} has no ${word}`;
      if (word === "help") return undefined;
      command = found[0]!;
    }
  }
  return undefined;
}

/** What is mistyped there on purpose is typed by a test of its own. */
const checkedPages = pages.filter((page) => page !== "docs/mistakes.md");

for (const page of checkedPages)
  test(`the commands of ${page} are there`, async () => {
    const wrong: string[] = [];
    for (const typed of new Set(typedCommands(readFileSync(join(repositoryRoot, page), "utf8")))) {
      const mistake = await mistakeOf(typed);
      if (mistake !== undefined) wrong.push(`tomoflow ${typed}: ${mistake}`);
    }
    assert.deepEqual(wrong, []);
  });

test("a command or an option that is not there is found", async () => {
  assert.deepEqual(typedCommands("```sh\ntomoflow rum x   # run\n```\nType `tomoflow run --fast`."), [
    "rum x",
    "run --fast",
  ]);
  assert.equal(await mistakeOf("rum x"), "no command rum");
  assert.equal(await mistakeOf("run --fast"), "run has no --fast");
  assert.equal(await mistakeOf("objects scale a.xml b.xml --by 2"), "scale has no --by");
  assert.equal(await mistakeOf("objects show a.xml"), "objects has no show");
  assert.equal(await mistakeOf("volume info|convert a.mrc"), undefined);
});
