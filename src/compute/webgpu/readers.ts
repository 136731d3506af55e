/** How results come back: sets of buffers that the processor can read, so that one run's are read while the next run works. */
import { type DeviceBuffers, readUsage } from "./device-buffers.ts";

/** By name of output. */
export type ReaderSet = ReadonlyMap<string, GPUBuffer>;

/** Runs whose results are on their way at one time. */
export const readerSets = 2;

export class Readers {
  readonly #buffers: DeviceBuffers;
  readonly #all: ReaderSet[] = [];
  readonly #free: ReaderSet[] = [];
  readonly #waiting: ((set: ReaderSet) => void)[] = [];
  readonly #whenIdle: (() => void)[] = [];
  #taken = 0;

  constructor(buffers: DeviceBuffers) {
    this.#buffers = buffers;
  }

  /** Makes the sets; `sizes`: bytes of each output. @throws TomoflowError `gpu-out-of-memory` */
  prepare(sizes: ReadonlyMap<string, number>): void {
    while (this.#all.length < readerSets) {
      const set = new Map<string, GPUBuffer>();
      this.#all.push(set);
      for (const [name, size] of sizes) set.set(name, this.#buffers.make(size, readUsage));
      this.#free.push(set);
    }
  }

  /** A set that no run uses, or, where all are used, the first that is given back. */
  async take(): Promise<ReaderSet> {
    this.#taken++;
    return this.#free.pop() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(set: ReaderSet): void {
    this.#taken--;
    const next = this.#waiting.shift();
    if (next) next(set);
    else this.#free.push(set);
    if (this.#taken === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Frees the sets once no run uses one. */
  async dispose(): Promise<void> {
    if (this.#taken > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    for (const set of this.#all.splice(0)) for (const buffer of set.values()) this.#buffers.free(buffer);
  }
}

const mapModeRead = 0x1;

/** The bytes that were copied into `buffer`, once the GPU is done with them. */
export async function readBack(buffer: GPUBuffer): Promise<ArrayBuffer> {
  await buffer.mapAsync(mapModeRead);
  const copy = buffer.getMappedRange().slice(0);
  buffer.unmap();
  return copy;
}
