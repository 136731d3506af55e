/** A step alone in a process of its own, as the tasks of a workflow are: whoever asks for it stays free to answer others. */
import { availableParallelism } from "node:os";
import { TomoflowError } from "../../core/error.ts";
import { localExecutor, thisMachine, type WorkerMessage } from "../../runner/index.ts";
import type { SingleStep } from "./check.ts";
import { runSingleStep, type SingleStepPlaces } from "./run.ts";

export interface WorkerStepOptions extends SingleStepPlaces {
  /** `auto` or an engine's name. */
  readonly engine: string;
  /** All of the machine's when not given. */
  readonly threads?: number;
  /** Asks the step to stop at a safe point. */
  readonly stop: AbortSignal;
  /** Ends it at once. */
  readonly kill: AbortSignal;
  /** Progress, metrics, lines of the log, the engine. */
  readonly onMessage: (message: WorkerMessage) => void;
  /** What it prints besides, as it comes. */
  readonly onOutput: (text: string) => void;
  readonly catalogPath?: string;
}

/**
 * Returns the absolute path of each output. Throws what the step threw, as a TomoflowError, and an AbortError when it was stopped; its
 * checkpoint is then there to go on from.
 */
export async function runInWorker(
  step: SingleStep,
  { given, folder, engine, threads = availableParallelism(), stop, kill, ...told }: WorkerStepOptions,
): Promise<Readonly<Record<string, string>>> {
  const { catalogPath } = told;
  const executor = localExecutor({
    folder: process.cwd(),
    machine: thisMachine(),
    project: { name: step.kind.name, folder: process.cwd(), stateFolder: folder },
    tell: () => undefined,
    // as in `tomoflow step`: all of the machine's GPUs may be used
    gpuEnvironment: () => ({}),
    kill,
    ...(catalogPath !== undefined && { catalogPath }),
  });
  try {
    return await runSingleStep(step, { given, folder }, async (places) => {
      const { kind, context } = step;
      const job = { taskId: kind.name, kind: kind.name, ...context, ...places, engine, threads };
      const { onMessage, onOutput } = told;
      const request = { name: kind.name, folder, job, key: "", gpus: [] };
      const resources = { cores: threads, memoryBytes: job.memoryBytes, gpus: 0 };
      await executor.submit({ ...request, resources, asked: {}, failures: [], stop });
      const listener = { onMessage, onOutput, onStarted: () => undefined };
      const watched = (await executor.attach({ name: kind.name, folder }, listener))!;
      const onStop = () => watched.stop();
      stop.addEventListener("abort", onStop);
      if (stop.aborted) onStop();
      const { outcome } = await watched.end.finally(() => stop.removeEventListener("abort", onStop));
      if (outcome.type === "interrupted") throw new DOMException(`${kind.name} was stopped`, "AbortError");
      if (outcome.type === "failed") {
        const { code, message, hint, stack } = outcome.error;
        throw new TomoflowError(code, message, { ...(hint !== undefined && { hint }), cause: stack });
      }
    });
  } finally {
    await executor.close();
  }
}
