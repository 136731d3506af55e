import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FileHasher } from "../../../src/runner/store/file-hasher.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("small and large files have their SHA-256, many at a time and one after another", async (context) => {
  const folder = await temporaryFolder(context);
  const hasher = new FileHasher();
  context.after(() => hasher.close());
  const sizes = [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_001];
  const files = await Promise.all(
    sizes.map(async (size) => {
      const path = join(folder, `${size}`);
      const content = Buffer.alloc(size, `content ${size}`);
      await writeFile(path, content);
      return { path, size, sha256: createHash("sha256").update(content).digest("hex") };
    }),
  );
  const wanted = files.map(({ sha256 }) => sha256);
  assert.deepEqual(await Promise.all(files.map(({ path, size }) => hasher.hash(path, size))), wanted);
  const serial: string[] = [];
  for (const { path, size } of files) serial.push(await hasher.hash(path, size));
  assert.deepEqual(serial, wanted);
});

test("a file that is gone is explained, and the thread goes on", { timeout: 30_000 }, async (context) => {
  const path = join(await temporaryFolder(context), "gone");
  const hasher = new FileHasher();
  context.after(() => hasher.close());
  await assert.rejects(hasher.hash(path, 1), { code: "file-missing" });
  await assert.rejects(hasher.hash(path, 1 << 20), { code: "file-missing" });
  await writeFile(path, "here");
  const sha256 = createHash("sha256").update("here").digest("hex");
  assert.equal(await hasher.hash(path, 1 << 20), sha256);
});
