/** Jobs in worker processes of this machine. A worker stays warm for the next task of the same kind and devices. */
import { availableParallelism } from "node:os";
import type { Executor, ExecutorOptions, ExecutorTask, JobOutcome } from "./executor.ts";
import { WorkerProcess } from "./worker-process.ts";

interface Place {
  readonly use: string;
  readonly code: string | undefined;
  readonly worker: WorkerProcess;
}

export function localExecutor(options: ExecutorOptions): Executor {
  const idle: Place[] = [];
  let closed = false;

  const takeWorker = (use: string, gpus: readonly string[]): WorkerProcess => {
    const index = idle.findIndex((place) => place.use === use && place.worker.isAlive);
    if (index >= 0) return idle.splice(index, 1)[0]!.worker;
    return new WorkerProcess({ ...options, gpus });
  };

  const giveBack = (place: Place): void => {
    if (closed) place.worker.end();
    else if (place.worker.isAlive) idle.push(place);
    // the oldest kinds make room, so that memory of kinds gone by is given back
    while (idle.length > availableParallelism()) idle.shift()!.worker.end();
  };

  return {
    async run(task: ExecutorTask): Promise<JobOutcome> {
      const use = `${task.job.kind} ${task.job.code ?? ""} on ${task.gpus.join(",")}`;
      for (const place of idle.filter((other) => other.use !== use)) retire(idle, place);
      const worker = takeWorker(use, task.gpus);
      const outcome = await worker.run(task);
      giveBack({ use, code: task.job.code, worker });
      return outcome;
    },
    forgetCode(code) {
      for (const place of idle.filter((other) => other.code === code)) retire(idle, place);
    },
    async close() {
      closed = true;
      await Promise.all(idle.splice(0).map(({ worker }) => worker.ended()));
    },
  };
}

/** Idle workers of another kind would hold memory (of a GPU, say) that the next task counts on. */
function retire(idle: Place[], place: Place): void {
  idle.splice(idle.indexOf(place), 1);
  place.worker.end();
}
