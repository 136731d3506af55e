import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { commandTable } from "../../src/cli/commands.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { listenForInterruption } from "../../src/cli/interruption.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { TomoflowError } from "../../src/core/error.ts";
import { tomoflow } from "../support/command-line.ts";
import { programStart } from "../support/program-start.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("help lists every command in its group, without loading any", async () => {
  const program = await buildProgram([]);
  const help = program.helpInformation();
  for (const { name, summary, group } of commandTable) {
    const words = summary.split(" ").slice(0, 3).join(" ");
    assert.match(help, new RegExp(`^ {2}${name} +${words}`, "m"));
    assert.ok(help.includes(group));
    assert.equal(program.commands.find((command) => command.name() === name)?.options.length, 0);
  }
});

for (const { name } of commandTable)
  test(`${name} has a description and an example in its help`, async (context) => {
    const { code, stdout, stderr } = await tomoflow([name, "--help"], {
      folder: await temporaryFolder(context),
    });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^Usage: tomoflow ${name}\\b`));
    assert.match(stdout, /\nExamples?:\n {2}tomoflow /);
  });

test("no words show help, --version the version, both end well", async (context) => {
  const folder = await temporaryFolder(context);
  const help = await tomoflow([], { folder });
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /^Usage: tomoflow/);
  const version = await tomoflow(["--version"], { folder });
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const about = await tomoflow(["help", "run"], { folder });
  assert.match(about.stdout, /--keep-going/);
});

test("unknown words and options: what was meant, exit code 2", async (context) => {
  const folder = await temporaryFolder(context);
  const said = async (...words: string[]) => {
    const { code, stderr } = await tomoflow(words, { folder });
    return [code, stderr];
  };
  assert.deepEqual(await said("rum"), [2, "error: unknown command 'rum'\nhint: did you mean run?\n"]);
  assert.deepEqual(await said("run", "--kep-going"), [
    2,
    "error: unknown option '--kep-going'\nhint: did you mean --keep-going?\n",
  ]);
  assert.deepEqual(await said("run", "--jobs", "many"), [
    2,
    "error: option '-j, --jobs <number>' argument 'many' is invalid. It must be a whole number of at least 1.\n" +
      "hint: add --help to see what can be given\n",
  ]);
  const advice = "hint: --json takes no value: write it for yes, and leave it out for no\n";
  assert.deepEqual(await said("plan", "--json=false"), [
    2,
    `error: unknown option '--json=false'\n${advice}`,
  ]);
  assert.deepEqual(await said("step", "cluster", "--json", "false"), [
    2,
    `error: too many arguments for 'cluster'. Expected 0 arguments but got 1.\n${advice}`,
  ]);
});

test("no workflow: what there is instead, or how to make one", async (context) => {
  const folder = await temporaryFolder(context);
  const none = await tomoflow(["plan"], { folder });
  assert.deepEqual([none.code, none.stdout], [2, ""]);
  assert.match(none.stderr, /^error: there is no workflow\.yaml here\nhint: .*tomoflow init\n$/);
  await writeFile(join(folder, "chlamy.yaml"), "");
  assert.match((await tomoflow(["plan"], { folder })).stderr, /hint: name the workflow, e\.g\. chlamy\.yaml/);
});

test("an error is a message and a hint; TOMOFLOW_DEBUG shows the stack", async (context) => {
  const folder = await temporaryFolder(context);
  const words = ["volume", "info", "none.mrc"];
  const plain = await tomoflow(words, { folder });
  assert.equal(plain.code, 2);
  assert.match(plain.stderr, /^error: .*none\.mrc does not exist\nhint: [^\n]+\n$/);
  const debug = await tomoflow(words, { folder, environment: { TOMOFLOW_DEBUG: "1" } });
  assert.match(debug.stderr, /\n {4}at /);
});

test("exit codes tell the machine's troubles from the user's", () => {
  assert.equal(exitCodeOf(new TomoflowError("mrc-truncated", "")), 2);
  assert.equal(exitCodeOf(new TomoflowError("disk-full", "")), 1);
  assert.equal(exitCodeOf(new Error("a mistake of ours")), 1);
});

test("an abort is an interruption only where a signal has come: streams abort for reasons of their own", () => {
  const error = new DOMException("", "AbortError");
  assert.equal(exitCodeOf(error), 1);
  using _ = listenForInterruption(() => undefined);
  process.emit("SIGTERM");
  assert.equal(exitCodeOf(error), 130);
});

test("a reader that closes the pipe early is no mistake", async () => {
  const program = `tomoflow() { "${process.execPath}" ${programStart.join(" ")} "$@"; }; tomoflow help run | true; echo "\${PIPESTATUS[0]}"`;
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn("bash", ["-c", program], { cwd: repositoryRoot, env: environment });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  await new Promise((resolve) => child.on("close", resolve));
  assert.equal(output, "0\n");
});
