import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { commandTable } from "../../src/cli/commands.ts";
import { tomoflow } from "../support/command-line.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** What a shell offers after these words, the last of which is being typed. */
const offers: Record<string, (script: string, words: readonly string[], folder: string) => string[]> = {
  bash(script, words, folder) {
    const list = words.map((word) => `'${word}'`).join(" ");
    const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; COMP_LINE='${words.join(" ")}'; COMP_POINT=\${#COMP_LINE}; _tomoflow; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf("bash", ["--norc", "-c", `${script}\n${ask}`], folder);
  },
  zsh(script, words, folder) {
    const list = words.map((word) => `'${word}'`).join(" ");
    // the two builtins of its completion system, told to print what they are given
    const stubs = `compdef() { : }; _files() { : }
_describe() { local name="\${@[-1]}"; for each in "\${(@P)name}"; do [[ "$each" == "$current"* ]] && print -r -- "\${each%%:*}"; done }`;
    const ask = `words=(${list}); CURRENT=${words.length}; _tomoflow`;
    return linesOf("zsh", ["-f", "-c", `${stubs}\n${script}\n${ask}`], folder);
  },
  fish: (script, words, folder) =>
    linesOf("fish", ["--no-config", "-c", `${script}\ncomplete -C '${words.join(" ")}'`], folder).map(
      (line) => line.split("\t")[0]!,
    ),
};

function linesOf(shell: string, words: readonly string[], folder: string): string[] {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const env = { ...environment, PATH: `${folder}:${environment.PATH}` };
  const { stdout, stderr } = spawnSync(shell, words, { encoding: "utf8", cwd: folder, env });
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

for (const [shell, offered] of Object.entries(offers))
  test(`${shell} completes commands, subcommands and options`, async (context) => {
    const folder = await temporaryFolder(context);
    const { code, stdout: script } = await tomoflow(["completion", shell], { folder });
    assert.equal(code, 0);
    for (const { name } of commandTable) assert.ok(script.includes(name));
    assert.match(script, /keep-locked/);
    if (!has(shell)) {
      context.diagnostic(`NO ${shell} HERE: only looked at its script`);
      return;
    }
    const after = (...words: string[]) => offered(script, ["tomoflow", ...words], folder).sort();
    assert.deepEqual(after("va"), ["validate"]);
    const names = commandTable.map(({ name }) => name).sort();
    assert.deepEqual(
      after("").filter((name) => names.includes(name)),
      names,
    );
    assert.deepEqual(after("run", "--on"), ["--only"]);
    assert.deepEqual(after("volume", "cr"), ["crop"]);
    assert.deepEqual(after("step", "cl"), ["cluster"]);
    assert.deepEqual(after("gc", "--keep-locked", "w.yaml", "--max"), ["--max-size"]);
  });

const workflow = `version: 1
params: {epochs: 3, side: 8}
variants: {quick: {epochs: 1}, large: {side: 16}}
tomograms: [{id: t1}, {id: t2}]
steps:
  note: {uses: command, with: {outputs: {note: note.txt}, run: [touch, note.txt]}}
  nothing: {uses: command, from: note, with: {outputs: {other: note.txt}, run: [touch, note.txt]}}
`;

for (const [shell, offered] of Object.entries(offers))
  test(`${shell} completes steps, tasks, variants and params of the workflow on the line`, async (context) => {
    const folder = await temporaryFolder(context);
    await writeFile(join(folder, "workflow.yaml"), workflow);
    await writeFile(
      join(folder, "wrong.yaml"),
      workflow.replaceAll("note", "word").replace("version", "versoin"),
    );
    const start = `exec ${process.execPath} ${programStart.join(" ")} "$@"`;
    await writeFile(join(folder, "tomoflow"), `#!/bin/sh\n${start}\n`, { mode: 0o755 });
    const { stdout: script } = await tomoflow(["completion", shell], { folder });
    if (!has(shell)) {
      context.diagnostic(`NO ${shell} HERE: only looked at its script`);
      assert.match(script, /--names/);
      return;
    }
    const after = (...words: string[]) => offered(script, ["tomoflow", ...words], folder).sort();
    // bash puts only what follows the @ in place of what is typed
    const tasks = (...ids: string[]) => ids.map((id) => (shell === "bash" ? id.replace(/^.*@/, "") : id));
    assert.deepEqual(after("run", "--only", "not"), [
      ...["note", "note@t1", "note@t2", "nothing", "nothing@t1", "nothing@t2"],
    ]);
    assert.deepEqual(after("run", "-k", "--force", "note@"), tasks("note@t1", "note@t2"));
    assert.deepEqual(after("plan", "wrong.yaml", "--only", "wo"), ["word"]);
    assert.deepEqual(after("logs", "workflow.yaml", "nothing@t2"), tasks("nothing@t2"));
    assert.deepEqual(after("status", "--variant", ""), ["large", "quick"]);
    assert.deepEqual(after("run", "--set", "e"), ["epochs="]);
  });

test("the Tab key runs no code of the folder it is pressed in", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(
    join(folder, "evil.mjs"),
    'import { writeFileSync } from "node:fs"; writeFileSync("ran", "");',
  );
  const path = join(folder, "workflow.yaml");
  await writeFile(path, "version: 1\ntomograms: [{id: t1}]\nsteps: {mine: {uses: ./evil.mjs}}\n");
  const { stdout } = await tomoflow(["completion", "bash", path, "--names", "tasks", "--typed", "mi"], {
    folder,
  });
  assert.match(stdout, /mine/);
  assert.ok(!existsSync(join(folder, "ran")));
});

test("an unknown shell is told with those there are", async (context) => {
  const { code, stderr } = await tomoflow(["completion", "tcsh"], { folder: await temporaryFolder(context) });
  assert.equal(code, 2);
  assert.match(stderr, /bash, zsh, fish/);
});
