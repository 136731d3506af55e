import { previewSlurm, type Session } from "../../session/index.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { writeDiagnostics, writeLine } from "../output.ts";

export interface DryRunFlags {
  readonly only?: readonly string[];
  readonly force?: readonly string[];
  readonly verify?: boolean;
  readonly executor?: string;
  readonly profile?: string;
}

/** Prints what sbatch would get for every task that is not up to date and runs on Slurm. */
export async function dryRun(session: Session, flags: DryRunFlags): Promise<ExitCode> {
  const { only, force, verify, executor, profile } = flags;
  const found = await previewSlurm(session.workflow, {
    ...{ only, force, verify },
    ...(profile !== undefined && { profile }),
    ...(executor !== undefined && { executorOf: () => executor }),
  });
  writeDiagnostics(found.diagnostics);
  if (!found.ok) return exitCode.wrongInput;
  if (found.value.length === 0) writeLine("nothing would be submitted to Slurm");
  for (const { command, script, tasks } of found.value) {
    writeLine(`# ${tasks.length === 1 ? tasks[0] : `${tasks[0]} … ${tasks.at(-1)} (${tasks.length} tasks)`}`);
    writeLine(`# ${command}`);
    writeLine(script);
  }
  return exitCode.done;
}
