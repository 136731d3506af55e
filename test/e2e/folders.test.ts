/** A program that writes a folder and one that reads it, from the command line: made, fresh, edited, put back, traced. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = `version: 1
name: movies
tomograms: [{id: a, movie: movie.txt}]
steps:
  split:
    uses: command
    with:
      inputs: [movie]
      outputs: {frames: frames/}
      shell: mkdir "$outputs_frames" && split -l 1 "$inputs_movie" "$outputs_frames/frame-"
  count:
    uses: command
    from: split
    with:
      inputs: [frames]
      files: {scripts: scripts/}
      outputs: {count: count.txt}
      shell: sh "$files_scripts/count.sh" "$inputs_frames" > "$outputs_count"
`;

test("a folder from one program to the next", async (context) => {
  const folder = await temporaryFolder(context);
  const at = (path: string) => join(folder, path);
  await writeFile(at("workflow.yaml"), workflow);
  await writeFile(at("movie.txt"), "one\ntwo\nthree\n");
  await mkdir(at("scripts"));
  await writeFile(at("scripts/count.sh"), 'cat "$1"/* | wc -l\n');
  const frames = "results/movies/split/a/frames";
  const call = async (...words: string[]) => {
    const { code, stdout, stderr } = await tomoflow(words, { folder });
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const states = async () => {
    const { tasks } = JSON.parse(await call("plan", "--json")) as { tasks: { id: string; state: string }[] };
    return tasks.map(({ id, state }) => `${id} ${state}`).join(", ");
  };
  await call("run", "--plain");
  assert.equal((await readFile(at("results/movies/count/a/count.txt"), "utf8")).trim(), "3");
  assert.equal(await states(), "split@a fresh, count@a fresh");
  await writeFile(at(`${frames}/frame-aa`), "ONE\n");
  assert.equal(await states(), "split@a restore, count@a fresh");
  assert.match(
    await call("run", "--plain"),
    /what was edited by hand is kept as \.tomoflow\/replaced\/split@a\/\S+-frames/,
  );
  assert.equal(await readFile(at(`${frames}/frame-aa`), "utf8"), "one\n");
  await rm(at("results"), { recursive: true });
  await call("checkout", "split");
  assert.deepEqual(await readdir(at(frames)), ["frame-aa", "frame-ab", "frame-ac"]);
  assert.match(await call("why", `${frames}/frame-ab`), /frames \(3 files, .*is the output split@a\.frames/s);
  // a script in the folder changed: what it is part of runs, and nothing else
  await writeFile(at("scripts/count.sh"), 'ls "$1" | wc -l | tr 3 4\n');
  assert.equal(await states(), "split@a fresh, count@a run");
});
