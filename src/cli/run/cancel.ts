import { basename } from "node:path";
import { layoutOf, listRuns, signalRun } from "../../runner/index.ts";
import { cancelSlurm, type Session } from "../../session/index.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { writeLine } from "../output.ts";

/** Asks the runs of this workflow that go on here to stop, and takes back what others have left in Slurm. */
export async function cancelRuns({ workflow }: Session): Promise<ExitCode> {
  const layout = layoutOf(workflow);
  const of = { workflowPath: basename(workflow.path), variant: workflow.variant };
  const running = (await listRuns(layout, { of })).filter(({ state }) => state === "running");
  const asked = running.filter((run) => signalRun(run, "SIGTERM"));
  for (const { id } of asked) writeLine(`asked run ${id} to stop: it takes back its own jobs`);
  for (const { id, asked: by } of running.filter((run) => !asked.includes(run)))
    writeLine(
      `run ${id} goes on in process ${by.process.pid} on ${by.process.host}: its jobs are cancelled under it`,
    );
  // a run that goes on here does so itself
  const jobs = asked.length > 0 ? 0 : await cancelSlurm(workflow);
  if (jobs > 0) writeLine(`cancelled ${jobs} ${jobs === 1 ? "task" : "tasks"} in Slurm`);
  if (jobs + running.length === 0) writeLine("nothing of this workflow goes on");
  return exitCode.done;
}
