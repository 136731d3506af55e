/** Cores, memory and named GPUs of this machine, and who has them. */
import { availableParallelism, totalmem } from "node:os";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { gpusHere, type UsableGpu } from "../../core/gpu/usable-gpus.ts";
import type { Task } from "../tasks/graph.ts";
import { type GpuSharing, gpusOf } from "./task-gpus.ts";

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Names as CUDA_VISIBLE_DEVICES takes them. */
  readonly gpus: readonly string[];
}

/** This machine, with what its GPUs are. */
export interface LocalMachine extends Machine {
  readonly devices: readonly UsableGpu[];
  /** GPUs that it has, those included that CUDA_VISIBLE_DEVICES or TOMOFLOW_GPU leave out. */
  readonly installedGpus: number;
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

export function thisMachine(): LocalMachine {
  const limit = process.constrainedMemory?.() ?? 0;
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem();
  const { usable, all } = gpusHere();
  return {
    cores: availableParallelism(),
    memoryBytes: Math.floor(memory * usableMemory),
    gpus: usable.map(({ name }) => name),
    devices: usable,
    installedGpus: all.length,
  };
}

/**
 * Cores that a task takes: as the workflow says, else as its kind says, else all, or the share that goes with the GPUs
 * it holds.
 */
export function coresOf(task: Task, gpuShare = 1): number {
  const asked = task.step.resources.cpus ?? task.step.kind.cpus?.(task.binding.parameters);
  const all = availableParallelism();
  return Math.max(1, Math.min(asked ?? shareOfCores(all, gpuShare), all));
}

/** Of several GPUs' tasks each leaves a core, where it has more than two, for what comes after it in its row. */
export function shareOfCores(cores: number, gpuShare: number): number {
  const share = Math.floor(cores * gpuShare);
  return gpuShare < 1 && share > 2 ? share - 1 : Math.max(1, share);
}

export interface RequestOptions {
  readonly machine: Machine;
  /** How its GPUs are shared. */
  readonly sharing: GpuSharing;
}

export function requestOf(task: Task, { machine, sharing }: RequestOptions): Request {
  const count = machine.gpus.length;
  const gpus = gpusOf(task, count, sharing);
  const cores = coresOf(task, gpus > 0 && count > 0 ? gpus / count : 1);
  const share = Math.floor((machine.memoryBytes * cores) / machine.cores);
  return {
    cores,
    memoryBytes: Math.min(task.step.resources.memoryBytes ?? share, machine.memoryBytes),
    gpus,
  };
}

/** For a machine that is not this one: what the workflow or the kind says, else one core, and memory as it comes (0). */
export function requestElsewhere({ step, binding }: Task): Request {
  const { cpus, memoryBytes } = step.resources;
  return { cores: cpus ?? step.kind.cpus?.(binding.parameters) ?? 1, memoryBytes: memoryBytes ?? 0, gpus: 0 };
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
