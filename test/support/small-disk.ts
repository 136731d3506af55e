import { spawnSync } from "node:child_process";
import { mkdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./temporary.ts";

/** A disk of 2 MB of its own; undefined where this user may not mount one. */
export async function smallDisk(context: TestContext): Promise<string | undefined> {
  let mounted: string | undefined;
  // before the folder removes itself
  context.after(() => mounted && spawnSync("umount", ["-l", mounted]));
  const folder = join(await temporaryFolder(context), "disk");
  await mkdir(folder);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]);
  if (status === 0) mounted = folder;
  return mounted;
}

/** Fills the disk with one file, but for `left` bytes. */
export async function fillDisk(path: string, folder: string, left = 0): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  await writeFile(path, Buffer.alloc(bavail * bsize - left));
}
