import type { JobError } from "../../../task/job.ts";

/** What the end of a process that was still working means to a user. */
export function explainEnd(code: number | null, signal: NodeJS.Signals | null, output: string): JobError {
  const lastLine = output.trimEnd().split("\n").at(-1)?.trim();
  const said = lastLine ? `: ${lastLine}` : "";
  if (/heap out of memory|std::bad_alloc|Cannot allocate memory/.test(output))
    return outOfMemory("the worker ran out of memory");
  if (signal === "SIGKILL")
    return outOfMemory("the worker was killed (SIGKILL), most likely by the system for want of memory");
  if (signal !== null)
    return { code: "worker-crashed", message: `the worker crashed (${signal})${said}`, hint: "see the log" };
  return {
    code: "worker-crashed",
    message: `the worker ended with exit code ${code}${said}`,
    hint: "see the log",
  };
}

const outOfMemory = (message: string): JobError => ({
  code: "out-of-memory",
  message,
  hint: "lower the batch, patch or tile size, or --jobs; finished tasks and checkpoints are kept",
});
