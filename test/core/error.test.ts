import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { explainSystemError, TomoflowError } from "../../src/core/error.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** What a user is told of the error that `work` throws. */
async function explained(path: string, work: () => Promise<unknown>): Promise<TomoflowError> {
  const error = await work().then(
    () => assert.fail("no error"),
    (thrown) => explainSystemError(thrown, path),
  );
  assert.ok(error instanceof TomoflowError, String(error));
  return error;
}

test("a path in a folder that is not there names the folder, for reading and for writing", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "no/such/page.html");
  for (const work of [() => readFile(path), () => writeFile(path, "")]) {
    const { code, message, hint } = await explained(path, work);
    assert.equal(code, "file-missing");
    assert.equal(message, `${path} does not exist: there is no folder ${join(folder, "no")}`);
    assert.equal(hint, "check the path, or make the folder first");
  }
});

test("a file in the place of a folder, a circle of links and a name that is too long are told as such", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "file"), "");
  const inside = join(folder, "file/inside.mrc");
  const notFolder = await explained(inside, () => writeFile(inside, ""));
  assert.equal(
    notFolder.message,
    `${inside} does not exist: ${join(folder, "file")} is a file, not a folder`,
  );
  const circle = join(folder, "circle");
  await symlink(circle, circle);
  assert.match(
    (await explained(circle, () => readFile(circle))).message,
    /is a link that leads back to itself/,
  );
  const long = join(folder, "x".repeat(300));
  assert.match((await explained(long, () => mkdir(long))).message, /^the name of .*x is too long/);
});

test("a limit on the size of files is no mistake of a step", async (t) => {
  const folder = await temporaryFolder(t);
  const script = `
    import { writeFile } from "node:fs/promises";
    import { explainSystemError } from "./src/core/error.ts";
    const error = await writeFile(${JSON.stringify(join(folder, "big"))}, Buffer.alloc(1 << 20)).catch((error) => error);
    const { code, message, hint } = explainSystemError(error, "big.mrc");
    console.log(JSON.stringify({ code, message, hint }));`;
  const words = `ulimit -f 100; exec ${process.execPath} --import tsx --input-type=module -e "$SCRIPT"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", words], {
    cwd: repositoryRoot,
    env: { ...process.env, SCRIPT: script },
    encoding: "utf8",
  });
  assert.ok(stdout, stderr);
  const { code, message, hint } = JSON.parse(stdout);
  assert.equal(code, "file-too-large");
  assert.equal(message, "big.mrc is larger than a file may be here");
  assert.match(hint, /ulimit -f/);
});

test("too many open files and a disk that fails are the machine's", () => {
  const system = (code: string) => Object.assign(new Error(code), { code });
  const told = (code: string) => explainSystemError(system(code), "a.mrc") as TomoflowError;
  assert.equal(told("EMFILE").code, "too-many-files");
  assert.match(told("ENFILE").hint!, /ulimit -n/);
  assert.equal(told("EIO").message, "the disk or network share failed at a.mrc (EIO)");
  assert.equal(told("ESTALE").code, "disk-failed");
  assert.equal(told("ENOMEM").code, "out-of-memory");
});
