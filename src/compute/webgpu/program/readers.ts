/** How results come back: sets of buffers that the processor can read, so that one submission's are read while the next works. */
import { type DeviceBuffers, readUsage } from "../device/device-buffers.ts";

/** As many buffers as a submission has results at most, largest first. */
export type ReaderSet = readonly GPUBuffer[];

/** Submissions whose results are on their way at one time. */
export const readerSets = 2;

export class Readers {
  readonly #buffers: DeviceBuffers;
  readonly #all: GPUBuffer[][] = [];
  readonly #free: ReaderSet[] = [];
  readonly #waiting: ((set: ReaderSet) => void)[] = [];
  readonly #whenIdle: (() => void)[] = [];
  #taken = 0;

  constructor(buffers: DeviceBuffers) {
    this.#buffers = buffers;
  }

  /** Makes the sets; `sizes`: bytes of each buffer of a set. @throws TomoflowError `gpu-out-of-memory` */
  prepare(sizes: readonly number[]): void {
    while (this.#all.length < readerSets) {
      const set: GPUBuffer[] = [];
      this.#all.push(set);
      for (const size of sizes) set.push(this.#buffers.make(size, readUsage));
      this.#free.push(set);
    }
  }

  /** A set that nothing uses, or, where all are used, the first that is given back. */
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

  /** Frees the sets once nothing uses one. */
  async dispose(): Promise<void> {
    if (this.#taken > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    for (const set of this.#all.splice(0)) for (const buffer of set) this.#buffers.free(buffer);
  }
}

const mapModeRead = 0x1;

/** The first bytes that were copied into `buffer`, once the GPU is done with them. */
export async function readBack(buffer: GPUBuffer, bytes = buffer.size): Promise<ArrayBuffer> {
  await buffer.mapAsync(mapModeRead, 0, bytes);
  const copy = buffer.getMappedRange(0, bytes).slice(0);
  buffer.unmap();
  return copy;
}
