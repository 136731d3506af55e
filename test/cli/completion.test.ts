import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { commandTable } from "../../src/cli/commands.ts";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** What a shell offers after these words, the last of which is being typed. */
const offers: Record<string, (script: string, words: readonly string[]) => string[]> = {
  bash(script, words) {
    const list = words.map((word) => `'${word}'`).join(" ");
    const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _tomoflow; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf("bash", ["--norc", "-c", `${script}\n${ask}`]);
  },
  zsh(script, words) {
    const list = words.map((word) => `'${word}'`).join(" ");
    // the two builtins of its completion system, told to print what they are given
    const stubs = `compdef() { : }; _files() { : }
_describe() { local name="\${@[-1]}"; for each in "\${(@P)name}"; do [[ "$each" == "$current"* ]] && print -r -- "\${each%%:*}"; done }`;
    return linesOf("zsh", [
      "-f",
      "-c",
      `${stubs}\n${script}\nwords=(${list}); CURRENT=${words.length}; _tomoflow`,
    ]);
  },
  fish: (script, words) =>
    linesOf("fish", ["--no-config", "-c", `${script}\ncomplete -C '${words.join(" ")}'`]).map(
      (line) => line.split("\t")[0]!,
    ),
};

function linesOf(shell: string, words: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(shell, words, { encoding: "utf8" });
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
    const after = (...words: string[]) => offered(script, ["tomoflow", ...words]).sort();
    assert.deepEqual(after("va"), ["validate"]);
    const names = commandTable.map(({ name }) => name).sort();
    assert.deepEqual(
      after("").filter((name) => names.includes(name)),
      names,
    );
    assert.deepEqual(after("run", "--o"), ["--only"]);
    assert.deepEqual(after("volume", "cr"), ["crop"]);
    assert.deepEqual(after("step", "cl"), ["cluster"]);
    assert.deepEqual(after("gc", "--keep-locked", "w.yaml", "--max"), ["--max-size"]);
  });

test("an unknown shell is told with those there are", async (context) => {
  const { code, stderr } = await tomoflow(["completion", "tcsh"], { folder: await temporaryFolder(context) });
  assert.equal(code, 2);
  assert.match(stderr, /bash, zsh, fish/);
});
