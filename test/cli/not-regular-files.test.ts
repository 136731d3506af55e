/** A FIFO has no writer here: whoever opens it waits for ever, and no signal ends that. Every reader has to look first. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readRegularFile } from "../../src/core/regular-file.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

const noFifos = process.platform === "win32" && "there are no FIFOs in folders";

/** Runs `tomoflow`; one that waits is killed, and its status is then null. */
function tomoflow(words: readonly string[], folder: string) {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return spawnSync(process.execPath, [...programStart, ...words], {
    cwd: folder,
    env: { ...environment, NO_COLOR: "1" },
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
}

async function folderWith(context: TestContext, ...fifos: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, "data"));
  for (const name of fifos) execFileSync("mkfifo", [join(folder, name)]);
  return folder;
}

const commands: readonly (readonly string[])[] = [
  ["volume", "info", "pipe.mrc"],
  ["volume", "convert", "pipe.h5", "out.mrc"],
  ["objects", "count", "pipe.csv"],
  ["weights", "info", "pipe.h5"],
  ["validate", "pipe.yaml"],
  [
    "step",
    "command",
    "--input",
    "a=pipe.mrc",
    "--inputs",
    "[a]",
    "--run",
    '[cat, "{inputs.a}"]',
    "--outputs",
    "{b: b}",
    "--stdout",
    "b",
  ],
  ["step", "target", "--classes", "pipe.yaml", "--tomogram", "pipe.mrc", "--objects", "pipe.csv"],
];

for (const words of commands)
  test(`tomoflow ${words.join(" ")}: a FIFO is refused by name`, { skip: noFifos }, async (context) => {
    const folder = await folderWith(context, "pipe.mrc", "pipe.h5", "pipe.csv", "pipe.yaml");
    const { status, stderr } = tomoflow(words, folder);
    assert.match(stderr, /pipe\.\w+\b.* is a FIFO \(named pipe\), not a file/s);
    assert.equal(status, 2);
  });

test("validate names the row's file and the table that are FIFOs", { skip: noFifos }, async (context) => {
  const folder = await folderWith(context, "data/t0.mrc", "data/rows.csv");
  const write = (tomograms: string) =>
    writeFile(
      join(folder, "workflow.yaml"),
      `version: 1\nclasses: {1: {name: a, radius: 3}}\ntomograms: ${tomograms}\nsteps:\n  target: {uses: target}\n`,
    );
  await write("[{id: t0, tomogram: data/t0.mrc, objects: data/t0.mrc}]");
  const row = tomoflow(["validate"], folder);
  assert.match(row.stderr, /workflow\.yaml:3:\d+: error: data\/t0\.mrc is a FIFO \(named pipe\), not a file/);
  assert.match(row.stderr, /save its content in a file/);
  await write("data/rows.csv");
  const table = tomoflow(["validate"], folder);
  assert.match(table.stderr, /rows\.csv is a FIFO/);
  assert.deepEqual([row.status, table.status], [2, 2]);
});

test("a device is refused, a link to a file is read", { skip: noFifos }, async (context) => {
  await assert.rejects(readRegularFile("/dev/zero"), {
    code: "file-not-regular",
    message: "/dev/zero is a device, not a file that can be read again",
  });
  const folder = await folderWith(context);
  await assert.rejects(readRegularFile(folder), { code: "file-is-folder" });
  await assert.rejects(readRegularFile(join(folder, "none")), { code: "file-missing" });
  await writeFile(join(folder, "a"), "text");
  execFileSync("ln", ["-s", "a", join(folder, "b")]);
  assert.equal(String(await readRegularFile(join(folder, "b"))), "text");
});
