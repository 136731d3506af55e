import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = `version: 1
name: two
tomograms: [{id: a}, {id: b}]
steps:
  note: {uses: command, with: {outputs: {note: note.txt}, run: [printf, "%s", hello], stdout: note}}
`;

/** Runs `tomoflow` with its standard output on a disk that is full. */
async function withFullOutput(words: readonly string[], folder: string) {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const full = await open("/dev/full", "w");
  try {
    const child = spawn(process.execPath, [...programStart, ...words], {
      cwd: folder,
      env: { ...environment, NO_COLOR: "1" },
      stdio: ["ignore", full.fd, "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { stderr: await text(child.stderr!), code: await ended };
  } finally {
    await full.close();
  }
}

const told =
  "error: no space left on the disk while writing standard output: what should be there is not complete\n";

test("a run whose output goes to a full disk does all of its tasks, says so and ends with 1", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow);
  const { code, stderr } = await withFullOutput(["run"], folder);
  assert.equal(stderr, told);
  assert.equal(code, 1);
  for (const row of ["a", "b"])
    assert.equal(await readFile(join(folder, `results/two/note/${row}/note.txt`), "utf8"), "hello");
  assert.equal((await readFile(join(folder, "workflow.lock.yaml"), "utf8")).match(/ key:/g)?.length, 2);
});

test("a picture that cannot be written is an error, without a stack", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow);
  const { code, stderr } = await withFullOutput(["graph", "--format", "svg"], folder);
  assert.deepEqual([code, stderr], [1, told]);
});
