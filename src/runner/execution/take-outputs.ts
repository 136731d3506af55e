/** Looks over what a job left of its outputs, and makes each a file or folder of its own. */
import { checkPlace, type FoundFile, takeFile, whatIsAt } from "../../core/own-file.ts";
import { takeFolder } from "../../core/own-folder.ts";
import { isFolderOutput } from "../../schema/folder-ports.ts";
import type { Job, JobError } from "../../task/job.ts";
import type { JobOutcome } from "../executor.ts";
import type { TakenOutputs } from "../results/taken-outputs.ts";
import type { Task } from "../tasks/graph.ts";

interface Left {
  readonly task: Task;
  /** Of the attempt, absolute. */
  readonly folder: string;
  /** `device:inode` of files of which the job made its outputs hard links: added to. */
  readonly linked: Set<string>;
  /** Where an earlier head may have taken some of them. */
  readonly taken?: TakenOutputs;
}

/** Each output must be there, with something in it. Throws what `checkPlace`, `takeFile` and `takeFolder` throw. */
export async function takeOutputs(job: Job, { task, folder, linked, taken }: Left): Promise<JobOutcome> {
  for (const output of task.ports.outputs) {
    const path = job.outputs[output.name]!;
    const wanted = isFolderOutput(output) ? "folder" : "file";
    if (await taken?.find(output.name, path)) continue;
    const found = await whatIsAt(path);
    if (found !== wanted) return { type: "failed", error: wrongOutput(found, { job, port: output.name }) };
    await checkPlace(path, folder);
    if (wanted === "file") {
      const file = await takeFile(path, path, folder);
      if (file !== undefined) linked.add(file);
    } else {
      const { files, shared } = await takeFolder(path, path, folder);
      for (const file of shared) linked.add(file);
      if (files === 0) return { type: "failed", error: emptyFolder({ job, port: output.name }) };
    }
  }
  return { type: "done" };
}

interface WrongOutput {
  readonly job: Job;
  readonly port: string;
}

function wrongOutput(found: FoundFile, { job, port }: WrongOutput): JobError {
  switch (found) {
    case "file": {
      const message = `${job.kind} made a file of its output ${port}, which should be a folder`;
      const hint = "make a folder of that name, or take the slash from its name in the outputs";
      return { code: "file-output", message, hint };
    }
    case "folder": {
      const message = `${job.kind} made a folder of its output ${port}, which should be a file`;
      const hint = "put a slash behind its name in the outputs, as in frames/, or write one file";
      return { code: "folder-output", message, hint };
    }
    case "special": {
      const message = `${job.kind} made a pipe, a socket or a device of its output ${port}, and an output is a file`;
      return { code: "special-output", message, hint: "write what it gives into a file" };
    }
    case "dangling": {
      const message = `${job.kind} made its output ${port} a link to a file that is not there`;
      return { code: "output-not-written", message, hint: "write the file itself" };
    }
    case "absent": {
      const message = `${job.kind} ended without writing its output ${port}`;
      const hint = "this is a mistake in the step: please report it with the log";
      return { code: "output-not-written", message, hint };
    }
  }
}

const emptyFolder = ({ job, port }: WrongOutput): JobError => ({
  code: "output-not-written",
  message: `${job.kind} left no file in the folder of its output ${port}`,
  hint: "empty folders are not kept: look at its log for why it wrote nothing",
});
