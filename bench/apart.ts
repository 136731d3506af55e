/** Measures a case in a process of its own, so that its memory is its own and nothing is warm. */
import { spawnSync } from "node:child_process";

/** Runs `file` again for one case and returns what it answers. */
export function measureApart<Answer>(file: string, value: unknown, threads: number): Answer {
  const command = ["--import", "tsx", file, "--case", JSON.stringify(value), String(threads)];
  const child = spawnSync(process.execPath, command, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`${file}: ${JSON.stringify(value)} failed`);
  return JSON.parse(child.stdout) as Answer;
}

/** The case that this process was started for; undefined when a person started it. */
export function caseAsked<Case>(): { readonly value: Case; readonly threads: number } | undefined {
  const at = process.argv.indexOf("--case");
  if (at < 0) return undefined;
  return { value: JSON.parse(process.argv[at + 1]!) as Case, threads: Number(process.argv[at + 2]) };
}

export const answer = (measured: unknown): void => void process.stdout.write(JSON.stringify(measured));
