/** Jobs in worker processes of this machine. A worker stays warm for the next task of the same kind and devices. */
import { availableParallelism } from "node:os";
import type { Executor, ExecutorOptions, JobRequest } from "../../executor.ts";
import { WorkerProcess } from "./worker-process.ts";

interface Place {
  readonly use: string;
  readonly code: string | undefined;
  readonly worker: WorkerProcess;
}

export function localExecutor(options: ExecutorOptions): Executor {
  const idle: Place[] = [];
  /** By name of the attempt: they start when somebody listens. */
  const submitted = new Map<string, JobRequest>();
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
    name: "local",
    capacity: options.machine,
    outlivesHead: false,
    async submit(request) {
      submitted.set(request.name, request);
      return request.name;
    },
    async attach({ name }, listener) {
      const request = submitted.get(name);
      if (request === undefined) return undefined;
      submitted.delete(name);
      const { job, gpus } = request;
      const use = `${job.kind} ${job.code ?? ""} on ${gpus.join(",")}`;
      for (const place of idle.filter((other) => other.use !== use)) retire(idle, place);
      const worker = takeWorker(use, gpus);
      const { end, ...controls } = worker.run(job, listener);
      const given = end.then((ended) => {
        giveBack({ use, code: job.code, worker });
        return ended;
      });
      return { end: given, ...controls };
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
