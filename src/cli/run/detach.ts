/** `run --detach`: the same run in a process that the terminal has no part in. */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { layoutOf, listRuns } from "../../runner/index.ts";
import type { Session } from "../../session/index.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { writeErrorLine, writeLine } from "../output.ts";

/** Waits until the run has begun, and says how to follow it. */
export async function detachRun({ workflow }: Session): Promise<ExitCode> {
  const layout = layoutOf(workflow);
  const of = { workflowPath: basename(workflow.path), variant: workflow.variant };
  mkdirSync(layout.root, { recursive: true });
  const log = join(layout.root, `detached-${Date.now()}.log`);
  const output = openSync(log, "w");
  const words = process.argv.slice(1).filter((word) => word !== "--detach");
  const child = spawn(process.execPath, [...process.execArgv, ...words, "--plain"], {
    detached: true,
    stdio: ["ignore", output, output],
  });
  let code: number | null | undefined;
  child.once("exit", (ended) => {
    code = ended ?? 1;
  });
  for (;;) {
    const [last] = await listRuns(layout, { of, most: 1 });
    if (last?.asked.process.pid === child.pid && last.records > 1) {
      writeLine(`run ${last.id} goes on in process ${child.pid} on ${hostname()}`);
      writeLine("tomoflow runs last --follow shows what it does, tomoflow run --cancel ends it");
      child.unref();
      return exitCode.done;
    }
    if (code !== undefined) {
      for (const line of readFileSync(log, "utf8").trimEnd().split("\n")) writeErrorLine(line);
      return code as ExitCode;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
