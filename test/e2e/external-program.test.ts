/** Programs that are not part of tomoflow, through the real command line. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readVolume } from "../../src/volume/formats.ts";
import { tomoflow } from "../support/command-line.ts";
import { isProcess, until } from "../support/process-life.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

interface Counts {
  readonly counts: Readonly<Record<string, number>>;
}

test("examples/external-program runs, and runs again only what its programs change", async (context) => {
  const folder = join(await temporaryFolder(context), "with space");
  await cp(join(repositoryRoot, "examples/external-program"), folder, {
    recursive: true,
    filter: (path) => !/results|\.tomoflow|lock/.test(path.slice(repositoryRoot.length)),
  });
  assert.equal((await tomoflow(["validate"], { folder })).code, 0);
  const first = await tomoflow(["run"], { folder });
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const result = (path: string) => join(folder, "results/external-program", path);
  const { data: before } = await readVolume(result("simulate/t1/tomogram.mrc"));
  const { data: inverted } = await readVolume(result("invert/t1/inverted.mrc"));
  assert.deepEqual(
    Array.from(inverted, (value) => 0 - value),
    Array.from(before, (value) => 0 + value),
  );
  const packed = await readFile(result("compress/t2/tomogram.mrc.gz"));
  assert.deepEqual(gunzipSync(packed), await readFile(result("invert/t2/inverted.mrc")));

  const states = async () =>
    (JSON.parse((await tomoflow(["plan", "--json"], { folder })).stdout) as Counts).counts;
  assert.deepEqual(await states(), { fresh: 6, restore: 0, run: 0, pending: 0 });
  const script = join(folder, "invert-contrast.mjs");
  await writeFile(script, `${await readFile(script, "utf8")}// no change of its result\n`);
  assert.deepEqual(await states(), { fresh: 2, restore: 0, run: 2, pending: 2 });
  const again = await tomoflow(["run"], { folder });
  assert.match(again.stdout, /2 run, 4 fresh/, "the same output stops the cascade");
});

const napping = (folder: string) =>
  writeFile(
    join(folder, "workflow.yaml"),
    `version: 1
tomograms: [{id: a}]
steps:
  nap:
    uses: command
    with:
      outputs: {out: out.txt}
      shell: |
        trap '' TERM
        sleep 300 &
        echo "$$ $!" > ${folder}/pids.new; mv ${folder}/pids.new ${folder}/pids
        wait
        while true; do sleep 1; done
`,
  );

const pidsOf = async (folder: string): Promise<number[]> => {
  const read = () => readFile(join(folder, "pids"), "utf8").catch(() => undefined);
  return (await until(read)).trim().split(" ").map(Number);
};

for (const [title, signals, code] of [
  ["a second Ctrl-C", ["SIGINT", "SIGINT"], 130],
  ["the end of tomoflow itself", ["SIGKILL"], null],
] as const)
  test(`${title} ends a program that does not want to, and what it has started`, async (context) => {
    const folder = await temporaryFolder(context);
    await napping(folder);
    let pids: number[] = [];
    let begun = false;
    const result = await tomoflow(["run"], {
      folder,
      onOutput: (stdout, kill) => {
        if (begun || !stdout.includes("started")) return;
        begun = true;
        void pidsOf(folder).then(async (found) => {
          pids = found;
          assert.ok(pids.every(isProcess));
          for (const signal of signals) {
            kill(signal);
            await new Promise((resolve) => setTimeout(resolve, 300));
          }
        });
      },
    });
    assert.equal(result.code, code, result.stdout + result.stderr);
    assert.equal(pids.length, 2);
    await until(async () => !pids.some(isProcess) || undefined);
  });

test("mistakes in a command are shown at their place", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(
    join(folder, "workflow.yaml"),
    `version: 1
tomograms: [{id: a}]
steps:
  bin:
    uses: command
    with:
      inputs: [tomogram]
      outputs: {binned: binned.mrc}
      files: {settings: no-such.json}
      run: [newstack, "{inputs.tomogran}", "{outputs.binned}"]
`,
  );
  const { code, stderr } = await tomoflow(["validate"], { folder });
  assert.equal(code, 2);
  assert.match(stderr, /workflow\.yaml:10:23: error: nothing is called \{inputs\.tomogran\}/);
  assert.match(stderr, /did you mean \{inputs\.tomogram\}\?/);
  assert.match(stderr, /no-such\.json does not exist/);
  assert.match(stderr, /step bin needs a column tomogram, which the table does not have/);
});

test("a program that is not there stops the run before anything starts", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(
    join(folder, "workflow.yaml"),
    `version: 1
tomograms: [{id: a}]
steps:
  bin: {uses: command, with: {outputs: {out: out.txt}, run: [no-such-program-here, "{outputs.out}"]}}
`,
  );
  const { code, stderr, stdout } = await tomoflow(["run"], { folder });
  assert.equal(code, 2);
  assert.match(stderr, /workflow\.yaml:4:\d+: error: there is no program no-such-program-here/);
  assert.doesNotMatch(stdout, /started/);
});

test("step command runs a program on its own", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "in.txt"), "b\na\n");
  const words = ["--run", '[sort, "{inputs.text}"]', "--inputs", "text", "--outputs", "sorted=sorted.txt"];
  const result = await tomoflow(
    ["step", "command", ...words, "--stdout", "sorted", "--input", "text=in.txt"],
    { folder },
  );
  assert.equal(result.code, 0, result.stderr);
  assert.equal(await readFile(join(folder, "sorted.txt"), "utf8"), "a\nb\n");
});
