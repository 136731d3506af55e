/** What a job wrote of the end of a task. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ExitRecord {
  /** As the shell has it: 128 and the number of a signal. */
  readonly code: number;
  /** Processes of the job that the system killed for want of memory meanwhile. */
  readonly oomKills: number;
  /** It was over its time limit. */
  readonly isOver: boolean;
  /** The job was asked to end. */
  readonly wasAsked: boolean;
  readonly job: string;
  readonly node: string;
}

/** Undefined while there is none. */
export async function readExit(attempt: string): Promise<ExitRecord | undefined> {
  const text = await readFile(join(attempt, ".job", "exit"), "utf8").catch(() => "");
  return parseExit(text);
}

export function parseExit(text: string): ExitRecord | undefined {
  const values = new Map(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => pair.split("=", 2) as [string, string]),
  );
  const code = values.get("code");
  if (code === undefined || !/^\d+$/.test(code)) return undefined;
  return {
    code: Number(code),
    oomKills: Number(values.get("oom") ?? 0) || 0,
    isOver: values.get("over") === "1",
    wasAsked: values.get("term") === "1",
    job: values.get("job") ?? "",
    node: values.get("node") ?? "",
  };
}
