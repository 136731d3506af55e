/** Every buffer of a device is made and freed here, so that their number and bytes are known. */
import { TomoflowError } from "../../../core/error.ts";

/** Numbers of the WebGPU standard: Dawn's objects for Node do not make its global constants. */
export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyDestination: 0x8,
  storage: 0x80,
} as const;

const { storage, copySource, copyDestination, mapRead } = bufferUsage;
/** What shaders work on. */
export const workUsage = storage | copySource | copyDestination;
/** What the processor reads. */
export const readUsage = mapRead | copyDestination;

export const smallerHint = "use a smaller tile (tileSize), batch or patch, or the onnx engine";

export class DeviceBuffers {
  readonly #device: GPUDevice;
  readonly #limitBytes: number;
  readonly #live = new Set<GPUBuffer>();
  #bytes = 0;

  /** `limitBytes`: most that all buffers together may take. */
  constructor(device: GPUDevice, limitBytes = Number.POSITIVE_INFINITY) {
    this.#device = device;
    this.#limitBytes = limitBytes;
  }

  /** Buffers that are made and not freed. */
  get count(): number {
    return this.#live.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws TomoflowError `gpu-out-of-memory` beyond the limit; what the driver refuses is found by `checked` */
  make(size: number, usage: number): GPUBuffer {
    if (this.#bytes + size > this.#limitBytes)
      throw new TomoflowError(
        "gpu-out-of-memory",
        `the network's buffers take more than the ${(this.#limitBytes / 1e9).toFixed(2)} GB that may be used of the GPU's memory`,
        { hint: smallerHint },
      );
    const buffer = this.#device.createBuffer({ size, usage });
    this.#live.add(buffer);
    this.#bytes += size;
    return buffer;
  }

  /** Work that was submitted still finds it; its memory is given back after. */
  free(buffer: GPUBuffer): void {
    if (!this.#live.delete(buffer)) return;
    this.#bytes -= buffer.size;
    buffer.destroy();
  }
}
