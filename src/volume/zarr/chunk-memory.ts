/** Unpacked chunks that were used last: volumes are read in slabs and tiles that share chunks. */
import type { VoxelArray } from "../volume.ts";

export class ChunkMemory {
  readonly #chunks = new Map<string, VoxelArray>();
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get(key: string): VoxelArray | undefined {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return undefined;
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    return chunk;
  }

  put(key: string, chunk: VoxelArray): void {
    this.#remove(key);
    if (chunk.byteLength > this.#limitBytes) return;
    this.#chunks.set(key, chunk);
    this.#bytes += chunk.byteLength;
    for (const [oldest] of this.#chunks) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#remove(oldest);
    }
  }

  /** Forgets what begins so. */
  forget(prefix: string): void {
    for (const key of [...this.#chunks.keys()]) if (key.startsWith(prefix)) this.#remove(key);
  }

  #remove(key: string): void {
    this.#bytes -= this.#chunks.get(key)?.byteLength ?? 0;
    this.#chunks.delete(key);
  }
}
