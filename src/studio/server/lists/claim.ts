/** Who writes a journal: two servers that have the same list open keep journals of their own, and merge through the file. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { explainSystemError } from "../../../core/error.ts";
import type { ListKey } from "../../protocol/lists.ts";
import { journalPath } from "./journal.ts";

export interface Claim {
  /** Of the journal. */
  readonly path: string;
  release(): Promise<void>;
}

const mostServers = 100;

/** The first journal of the list that no other living server writes. */
export async function claimJournal(root: string, key: ListKey): Promise<Claim> {
  for (let copy = 0; copy < mostServers; copy++) {
    const path = journalPath(root, key, copy);
    const file = `${path}.claim`;
    if (await claim(file)) return { path, release: () => rm(file, { force: true }) };
  }
  throw new Error(`more than ${mostServers} servers have ${key.list} open`);
}

const own = (): string => `${process.pid} ${performance.timeOrigin}`;

async function claim(file: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, own(), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw explainSystemError(error, file);
  }
  const owner = await readFile(file, "utf8").catch(() => "");
  if (isAlive(owner)) return false;
  await rm(file, { force: true });
  return claim(file);
}

function isAlive(owner: string): boolean {
  const pid = Number(owner.split(" ")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return owner === own();
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
