/** How the last attempt of a task went wrong, kept for `plan` and `status` until one succeeds. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../store/durable.ts";
import type { Layout } from "../store/layout.ts";
import { isRecord } from "../store/record-shapes.ts";

export interface Trouble {
  readonly outcome: "failed" | "interrupted" | "tainted";
  readonly key: string;
  readonly message: string;
  /** Relative to the workflow's folder. */
  readonly logFile?: string;
}

const pathOf = (layout: Layout, taskId: string): string => join(layout.troubles, `${taskId}.json`);

export async function recordTrouble(layout: Layout, taskId: string, trouble: Trouble): Promise<void> {
  await mkdir(layout.troubles, { recursive: true });
  await writeDurably(pathOf(layout, taskId), `${JSON.stringify(trouble)}\n`);
}

export const clearTrouble = (layout: Layout, taskId: string): Promise<void> =>
  rm(pathOf(layout, taskId), { force: true });

/** Of one task; undefined when the last attempt was well. */
export async function readTrouble(layout: Layout, taskId: string): Promise<Trouble | undefined> {
  try {
    const trouble: unknown = JSON.parse(await readFile(pathOf(layout, taskId), "utf8"));
    return isTrouble(trouble) ? trouble : undefined;
  } catch {
    return undefined;
  }
}

function isTrouble(value: unknown): value is Trouble {
  if (!isRecord(value)) return false;
  const { outcome, key, message, logFile } = value;
  return (
    ["failed", "interrupted", "tainted"].includes(String(outcome)) &&
    typeof key === "string" &&
    typeof message === "string" &&
    (logFile === undefined || typeof logFile === "string")
  );
}

/** By task id. A record that cannot be read is as good as none. */
export async function readTroubles(layout: Layout): Promise<ReadonlyMap<string, Trouble>> {
  const names = await readdir(layout.troubles).catch(() => [] as string[]);
  const troubles = await Promise.all(
    names
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .map(async (name): Promise<[string, Trouble] | undefined> => {
        const taskId = name.slice(0, -".json".length);
        const trouble = await readTrouble(layout, taskId);
        return trouble && [taskId, trouble];
      }),
  );
  return new Map(troubles.filter((entry) => entry !== undefined));
}
