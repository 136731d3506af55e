/** docs/mistakes.md: what was typed is typed again, in folders with real files, and the answer held to the page. */
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { nodeProblem } from "../../src/cli/node-version.ts";
import { explainSystemError, TomoflowError } from "../../src/core/error.ts";
import { type CommandResult, openShell } from "../support/command-line.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type CleanUp, mountSmallDisk, spoils } from "../support/typed-mistake-files.ts";
import {
  changeWorkflow,
  matchesShown,
  readTypedMistakes,
  shownText,
  type TypedMistake,
  typedWorkflow,
  writeTypedProject,
} from "../support/typed-mistakes.ts";

const page = join(repositoryRoot, "docs/mistakes.md");
const workflow = typedWorkflow(page);
const mistakes = readTypedMistakes(page);
const shell = openShell();
after(() => shell[Symbol.asyncDispose]());

/** Cases that need a disk of their own. */
const diskCases = new Set([
  "A full disk",
  "A disk without room for the results",
  "A read-only results folder",
]);
const mistake = (title: string): TypedMistake => mistakes.find((known) => known.title === title)!;

interface Place {
  readonly folder: string;
  readonly cleanUp: CleanUp;
}

/** An empty folder; hooks run in order, so that what was mounted in it is gone before it is removed. */
async function emptyPlace(context: TestContext): Promise<Place> {
  const actions: (() => void)[] = [];
  context.after(() => {
    for (const action of actions) action();
  });
  return { folder: await temporaryFolder(context), cleanUp: (action) => void actions.push(action) };
}

async function projectPlace(context: TestContext): Promise<Place> {
  const place = await emptyPlace(context);
  await writeTypedProject(place.folder, workflow);
  return place;
}

async function typeIt(typed: TypedMistake, { folder, cleanUp }: Place): Promise<CommandResult> {
  await spoils[typed.title]?.(folder, { cleanUp, type: shell.type });
  await changeWorkflow(typed, folder);
  return shell.type(typed.words, folder);
}

function holdToPage(result: CommandResult, { expected, exitCode }: TypedMistake): void {
  if (!matchesShown(shownText(result), expected))
    assert.equal(shownText(result).trimEnd(), expected.trimEnd());
  assert.equal(result.code, exitCode);
  assert.doesNotMatch(result.stdout + result.stderr, /\n {4}at |this should not happen/);
}

test("the page shows enough, and what is spoilt is on it", () => {
  assert.ok(mistakes.length >= 40, `${mistakes.length} typed mistakes`);
  const titles = new Set(mistakes.map(({ title }) => title));
  assert.deepEqual(
    Object.keys(spoils).filter((title) => !titles.has(title)),
    [],
  );
});

for (const typed of mistakes.filter(({ title }) => !diskCases.has(title)))
  test(typed.title, async (context) => {
    const place = await projectPlace(context);
    const result = await typeIt(typed, place);
    holdToPage(result, typed);
    if (typed.exitCode !== 2) return;
    if (result.stdout)
      assert.match(result.stdout, /\n✖ nothing was run: mend what is wrong above, then run again\n$/);
    if (!typed.title.startsWith("A lock file"))
      assert.doesNotMatch((await readdir(place.folder)).join(), /results/);
  });

test("A read-only results folder", async (context) => {
  const typed = mistake("A read-only results folder");
  const place = await projectPlace(context);
  if (await canMount(context)) return holdToPage(await typeIt(typed, place), typed);
  const { folder } = place;
  context.diagnostic("no right to mount a small disk here: checking with a folder of mode 555 instead");
  await mkdir(join(folder, "results"));
  await chmod(join(folder, "results"), 0o555);
  const { code, stderr } = await shell.type(typed.words, folder);
  assert.deepEqual(
    [code, stderr],
    [2, "error: no permission to use results\n  hint: check the owner and mode of the file and its folder\n"],
  );
});

test("A disk without room for the results: told before anything starts", async (context) => {
  const typed = mistake("A disk without room for the results");
  const place = await emptyPlace(context);
  if (!mountSmallDisk(place.folder, { cleanUp: place.cleanUp, options: "size=2m" })) {
    context.diagnostic("no right to mount a small disk here: checking only the words");
    assert.match(typed.expected, /error: this run writes at least .* and the disk of \.tomoflow has .* left/);
    return;
  }
  await writeTypedProject(place.folder, workflow);
  holdToPage(await typeIt(typed, place), typed);
  assert.deepEqual(await readdir(join(place.folder, "results/chlamy/target")), ["t0"]);
});

test("A full disk: what was done stays, and the run goes on once there is space", async (context) => {
  const typed = mistake("A full disk");
  const place = await emptyPlace(context);
  const { folder } = place;
  if (!mountSmallDisk(folder, { cleanUp: place.cleanUp, options: "size=2m" })) {
    context.diagnostic("no right to mount a small disk here: checking with /dev/full instead");
    const error = await writeFile("/dev/full", "x").catch((cause) => explainSystemError(cause, "/dev/full"));
    assert.ok(error instanceof TomoflowError);
    assert.match(typed.expected, new RegExp(error.message.replace("/dev/full", "")));
    assert.ok(typed.expected.includes(`hint: ${error.hint}`));
    return;
  }
  await writeTypedProject(folder, workflow);
  holdToPage(await typeIt(typed, place), typed);
  const done = await readFile(join(folder, "results/chlamy/target/t0/target.mrc"));
  assert.deepEqual(await readdir(join(folder, ".tomoflow/attempts")), []);
  await rm(join(folder, "filler"));
  const next = await shell.type(typed.words, folder);
  assert.match(next.stdout, /✔ done in .*: 1 run, 1 fresh\n/);
  assert.deepEqual(await readFile(join(folder, "results/chlamy/target/t0/target.mrc")), done);
});

test("A Node that is too old", async () => {
  const text = await readFile(page, "utf8");
  assert.ok(text.includes(`\`\`\`text\n${nodeProblem("18.20.8")}\n\`\`\``));
});

async function canMount(context: TestContext): Promise<boolean> {
  const { folder, cleanUp } = await emptyPlace(context);
  return mountSmallDisk(folder, { cleanUp, options: "size=64k" });
}
