import { type FileHandle, open, rm } from "node:fs/promises";
import { explainSystemError } from "../../core/error.ts";
import { hostIsLittleEndian, swapBytes } from "../byte-swap.ts";
import { convertVoxels } from "../convert-voxels.ts";
import { encodeFloat16 } from "../float16.ts";
import { checkComplete, checkPlanes, checkSpec } from "../planes.ts";
import { addFloat16, addVoxels, noStatistics } from "../statistics.ts";
import type { VolumeSpec, VolumeWriter, VoxelArray, VoxelType } from "../volume.ts";
import { bytesOf, bytesPerVoxel } from "../voxel-type.ts";
import { modeForType } from "./mode.ts";
import { buildHeader } from "./write-header.ts";

/**
 * Creates an MRC file for planes to be appended: MRC2014, little-endian, with voxel size, origin, label and statistics.
 * Throws `mrc-type` for types that MRC cannot hold; uint8 is stored as uint16.
 */
export async function createMrc(path: string, spec: VolumeSpec): Promise<VolumeWriter> {
  checkSpec(spec);
  const { mode, type } = modeForType(spec.type, path);
  const file = await open(path, "w").catch((error) => {
    throw explainSystemError(error, path);
  });
  const writer = new MrcWriter(file, path, { spec, mode, type });
  try {
    await writer.writeHeader();
    return writer;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

interface StoredSpec {
  readonly spec: VolumeSpec;
  readonly mode: number;
  /** On disk. */
  readonly type: VoxelType;
}

class MrcWriter implements VolumeWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #stored: StoredSpec;
  #statistics = noStatistics;
  #float16Bits = new Uint16Array(0);
  #planes = 0;
  #position = 0;

  constructor(file: FileHandle, path: string, stored: StoredSpec) {
    this.#file = file;
    this.#path = path;
    this.#stored = stored;
  }

  /** The header as far as it is known, at the start of the file. */
  async writeHeader(): Promise<void> {
    const { spec, mode } = this.#stored;
    const header = buildHeader(spec, mode, this.#planes === spec.shape[0] ? this.#statistics : null);
    await this.#write(header, 0);
    this.#position ||= header.length;
  }

  async append(planes: VoxelArray): Promise<void> {
    const { spec, type } = this.#stored;
    const count = checkPlanes(planes, spec.shape, this.#planes);
    // Unsigned bytes, stored as uint16, shall still be bytes.
    const voxels = convertVoxels(convertVoxels(planes, spec.type), type);
    const stored = type === "float16" ? this.#encode(voxels) : voxels;
    const bytes = inFileOrder(bytesOf(stored), bytesPerVoxel(type));
    // The system writes while the voxels are measured.
    const written = this.#write(bytes, this.#position);
    this.#position += bytes.length;
    this.#planes += count;
    this.#measure(stored);
    await written;
  }

  async close(): Promise<void> {
    checkComplete(this.#planes, this.#stored.spec.shape, this.#path);
    await this.writeHeader();
    await this.#file.sync().catch((error) => {
      throw explainSystemError(error, this.#path);
    });
    await this.#file.close();
  }

  async abort(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  /** As they will be read. */
  #measure(stored: VoxelArray): void {
    const add = this.#stored.type === "float16" ? addFloat16 : addVoxels;
    this.#statistics = add(this.#statistics, stored as Uint16Array);
  }

  /** Into the same memory each time. */
  #encode(voxels: VoxelArray): Uint16Array {
    const { length } = voxels;
    if (this.#float16Bits.length < length) this.#float16Bits = new Uint16Array(length);
    return encodeFloat16(voxels, this.#float16Bits.subarray(0, length));
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(largestWrite, bytes.length - done);
      const { bytesWritten } = await this.#file.write(bytes, done, length, position + done).catch((error) => {
        throw explainSystemError(error, this.#path);
      });
      done += bytesWritten;
    }
  }
}

/** One call of Node's takes less than 2 GiB. */
const largestWrite = 64 << 20;

/** Little-endian bytes; a copy only on a big-endian machine. */
function inFileOrder(bytes: Uint8Array, voxelBytes: number): Uint8Array {
  if (hostIsLittleEndian || voxelBytes === 1) return bytes;
  const copy = bytes.slice();
  swapBytes(copy, voxelBytes, true);
  return copy;
}
