/**
 * Buffers for what lives within one run, shared by all programs of a device: its queue does their work one run after the
 * other. Many tilings and validation beside training so take the memory of the largest program, not of all.
 */
import { type DeviceBuffers, workUsage } from "./device-buffers.ts";

export class Arena {
  readonly #buffers: DeviceBuffers;
  /** Largest first. */
  #places: GPUBuffer[] = [];
  #users = 0;
  #generation = 0;

  constructor(buffers: DeviceBuffers) {
    this.#buffers = buffers;
  }

  get places(): readonly GPUBuffer[] {
    return this.#places;
  }

  /** Changes whenever a place becomes another buffer: bindings to the old are then void. */
  get generation(): number {
    return this.#generation;
  }

  enter(): void {
    this.#users++;
  }

  /** The last user's leaving frees the places. */
  leave(): void {
    this.#users--;
    if (this.#users === 0) this.clear();
  }

  /**
   * Makes places of at least these bytes, largest first.
   *
   * @throws TomoflowError `gpu-out-of-memory`; no place is then left
   */
  reserve(sizes: readonly number[]): void {
    const isEnough = sizes.every((size, place) => (this.#places[place]?.size ?? 0) >= size);
    if (isEnough) return;
    this.#generation++;
    const old = this.#places;
    const kept = old.filter((buffer, place) => buffer.size >= (sizes[place] ?? 0));
    for (const buffer of old) if (!kept.includes(buffer)) this.#buffers.free(buffer);
    this.#places = [];
    try {
      for (let place = 0; place < Math.max(sizes.length, old.length); place++) {
        const before = old[place];
        this.#places.push(
          before !== undefined && kept.includes(before)
            ? before
            : this.#buffers.make(sizes[place]!, workUsage),
        );
      }
    } catch (error) {
      for (const buffer of kept) this.#buffers.free(buffer);
      this.clear();
      throw error;
    }
  }

  clear(): void {
    this.#generation++;
    for (const buffer of this.#places.splice(0)) this.#buffers.free(buffer);
  }
}
