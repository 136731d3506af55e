/** Cores, memory and named GPUs of this machine, and who has them. */
import { readdirSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import type { Task } from "../planning/graph.ts";

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Names as CUDA_VISIBLE_DEVICES takes them. */
  readonly gpus: readonly string[];
}

export interface Request {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}

/** What a task holds while it runs. */
export interface Grant {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly string[];
}

/** Part of the memory that tasks may plan with; the rest is for the system and the head. */
const usableMemory = 0.9;

export function thisMachine(): Machine {
  const limit = process.constrainedMemory?.() ?? 0;
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem();
  return { cores: availableParallelism(), memoryBytes: Math.floor(memory * usableMemory), gpus: gpuNames() };
}

/** Cores that a task takes: as the workflow says, else as its kind says, else all. */
export function coresOf(task: Task): number {
  const asked = task.step.resources.cpus ?? task.step.kind.cpus?.(task.binding.parameters);
  return Math.max(1, Math.min(asked ?? Number.POSITIVE_INFINITY, availableParallelism()));
}

export function requestOf(task: Task, machine: Machine): Request {
  const cores = coresOf(task);
  const share = Math.floor((machine.memoryBytes * cores) / machine.cores);
  return {
    cores,
    memoryBytes: Math.min(task.step.resources.memoryBytes ?? share, machine.memoryBytes),
    gpus: task.step.resources.gpu ?? 0,
  };
}

/** What no waiting can give: more GPUs than there are, more memory than the machine has. */
export function impossibleRequests(tasks: readonly Task[], machine: Machine): readonly Diagnostic[] {
  const steps = new Map(tasks.map(({ step }) => [step.id, step]));
  return [...steps.values()].flatMap(({ id, resources, location }) => {
    const found: Diagnostic[] = [];
    const gpus = resources.gpu ?? 0;
    if (gpus > machine.gpus.length)
      found.push(
        errorDiagnostic(
          "not-enough-gpus",
          `step ${id} asks for ${gpus} GPU, this machine has ${machine.gpus.length}`,
          {
            location,
            hint: "leave `gpu` out of its resources to run on the processor",
          },
        ),
      );
    if ((resources.memoryBytes ?? 0) > machine.memoryBytes)
      found.push(
        errorDiagnostic(
          "not-enough-memory",
          `step ${id} asks for ${gigabytes(resources.memoryBytes!)}, tasks on this machine may use ${gigabytes(machine.memoryBytes)}`,
          { location, hint: "lower `memory` in its resources" },
        ),
      );
    return found;
  });
}

export class ResourcePool {
  #cores: number;
  #memoryBytes: number;
  readonly #gpus: string[];
  #held = 0;

  constructor({ cores, memoryBytes, gpus }: Machine) {
    this.#cores = cores;
    this.#memoryBytes = memoryBytes;
    this.#gpus = [...gpus];
  }

  /** Names what is short at the moment; undefined when the request fits. An idle pool fits anything possible. */
  shortOf({ cores, memoryBytes, gpus }: Request): "cores" | "memory" | "gpus" | undefined {
    if (gpus > this.#gpus.length) return "gpus";
    if (this.#held === 0) return undefined;
    if (cores > this.#cores) return "cores";
    return memoryBytes > this.#memoryBytes ? "memory" : undefined;
  }

  take({ cores, memoryBytes, gpus }: Request): Grant {
    this.#held++;
    this.#cores -= cores;
    this.#memoryBytes -= memoryBytes;
    return { cores, memoryBytes, gpus: this.#gpus.splice(0, gpus) };
  }

  release({ cores, memoryBytes, gpus }: Grant): void {
    this.#held--;
    this.#cores += cores;
    this.#memoryBytes += memoryBytes;
    this.#gpus.push(...gpus);
    this.#gpus.sort();
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** CUDA_VISIBLE_DEVICES if set, else the NVIDIA devices that the system shows. */
function gpuNames(): readonly string[] {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined) return visible.split(",").filter((name) => name !== "" && name !== "-1");
  try {
    return readdirSync("/dev").flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}
