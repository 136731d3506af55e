import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Lock, type LockedTask } from "../../../src/runner/lock/lock.ts";
import { openLock } from "../../../src/runner/lock/open-lock.ts";
import { layoutOf } from "../../../src/runner/store/layout.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

const task = (key: string): LockedTask => ({
  key,
  kind: "toy",
  version: 1,
  parameters: { epochs: 3 },
  classes: {},
  rows: {},
  inputs: { tomogram: { path: "data/t0.mrc", sha256: "ab".repeat(32), size: 7 } },
  outputs: {},
  seconds: 1.5,
  tomoflow: "0.1.0",
});

test("a lock reads back as it was written, whatever the order of its changes", async (context) => {
  const path = join(await temporaryFolder(context), "w.lock.yaml");
  const lock = await Lock.open(path);
  lock.set("b", task("bb"));
  lock.set("a", task("aa"));
  await lock.save();
  const text = await readFile(path, "utf8");
  const again = await Lock.open(path);
  assert.deepEqual(again.get("a"), task("aa"));
  again.set("b", task("changed"));
  again.set("b", task("bb"));
  await again.save();
  assert.equal(await readFile(path, "utf8"), text);
});

test("saves at the same time write what all of them set", async (context) => {
  const path = join(await temporaryFolder(context), "w.lock.yaml");
  const lock = await Lock.open(path);
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      lock.set(`t${index}`, task(`key ${index}`));
      await lock.save();
      assert.match(await readFile(path, "utf8"), new RegExp(`key: key ${index}\n`));
    }),
  );
  assert.equal((await Lock.open(path)).ids.length, 40);
});

test("two runs with one lock keep each other's tasks", async (context) => {
  const path = join(await temporaryFolder(context), "w.lock.yaml");
  const [one, two] = [await Lock.open(path), await Lock.open(path)];
  one.set("a", task("from one"));
  await one.save();
  two.set("b", task("from two"));
  await two.save();
  one.set("c", task("from one"));
  await one.save();
  assert.deepEqual([...(await Lock.open(path)).ids], ["a", "b", "c"]);
});

test("two runs that save in the same moment keep each other's tasks", async (context) => {
  const folder = await temporaryFolder(context);
  const layout = layoutOf({ path: join(folder, "w.yaml"), folder });
  const locks = await Promise.all([1, 2, 3].map(() => openLock(layout)));
  for (let round = 0; round < 10; round++)
    await Promise.all(
      locks.map((lock, run) => {
        lock.set(`r${round}-${run}`, task("key"));
        return lock.save();
      }),
    );
  assert.equal((await Lock.open(layout.lock)).ids.length, 30);
  assert.deepEqual(await readdir(folder), [".tomoflow", "w.lock.yaml"]);
  assert.deepEqual(await readdir(layout.leases), []);
});

test("merge conflicts, damage and other versions are told with their place and a way out", async (context) => {
  const path = join(await temporaryFolder(context), "w.lock.yaml");
  const cases: [text: string, code: string, message: RegExp][] = [
    [
      "version: 1\ntasks:\n<<<<<<< HEAD\n  a:\n=======\n  b:\n>>>>>>> other\n",
      "lock-conflict",
      /lock\.yaml:3 has/,
    ],
    ["version: 2\ntasks: {}\n", "lock-unreadable", /its version is 2/],
    ["version: 1\ntasks: {a: {key: x}}\n", "lock-unreadable", /the block of a is not complete/],
    ["version: 1\ntasks: [a\n", "lock-unreadable", /cannot be read/],
  ];
  for (const [text, code, message] of cases) {
    await writeFile(path, text);
    await assert.rejects(Lock.open(path), (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.hint, /git checkout/);
      return true;
    });
  }
});

test("a lock from before a change is stale, not wrong: the task runs, or comes from the cache", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const old = await project.read("workflow.lock.yaml");
  await project.write("data/a.txt", "two\n");
  await project.run();
  await project.write("workflow.lock.yaml", old);
  assert.match(await project.why("shout@a"), /^restore: data\/a\.txt changed/);
  assert.deepEqual((await project.run()).outcomes, {
    "shout@a": "restored",
    "shout@b": "fresh",
    "measure@a": "restored",
    "measure@b": "fresh",
    join: "restored",
  });
});
