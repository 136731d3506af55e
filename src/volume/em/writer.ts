import { type FileHandle, open, rm } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { hostIsLittleEndian, swapBytes } from "../byte-swap.ts";
import { convertVoxels } from "../convert-voxels.ts";
import { checkComplete, checkPlanes, checkSpec } from "../planes.ts";
import type { VolumeSpec, VolumeWriter, VoxelArray } from "../volume.ts";
import { bytesOf, bytesPerVoxel } from "../voxel-type.ts";
import {
  commentAt,
  commentBytes,
  commentOf,
  headerBytes,
  littleEndianMachine,
  pixelSizeAt,
  typeByCode,
} from "./header.ts";

/** Creates an EM file, little-endian, its voxel size and origin in the comment. Throws `em-type` for types that EM lacks. */
export async function createEm(path: string, spec: VolumeSpec): Promise<VolumeWriter> {
  checkSpec(spec);
  const header = buildHeader(path, spec);
  const file = await open(path, "w").catch((error) => {
    throw explainSystemError(error, path);
  });
  let position = header.length;
  let written = 0;
  await write(file, header, { position: 0, path });
  return {
    append: async (planes: VoxelArray) => {
      const count = checkPlanes(planes, spec.shape, written);
      const bytes = littleEndian(bytesOf(convertVoxels(planes, spec.type)), bytesPerVoxel(spec.type));
      await write(file, bytes, { position, path });
      position += bytes.length;
      written += count;
    },
    close: async () => {
      checkComplete(written, spec.shape, path);
      await file.sync().catch((error) => {
        throw explainSystemError(error, path);
      });
      await file.close();
    },
    abort: async () => {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

function buildHeader(
  path: string,
  { shape, type, voxelSizeAngstrom, originAngstrom, labels = [] }: VolumeSpec,
): Uint8Array {
  const code = [...typeByCode].find(([, known]) => known === type)?.[0];
  if (code === undefined)
    throw new TomoflowError("em-type", `EM cannot hold ${type}, which was to be written to ${path}`, {
      hint: "choose int8, int16, int32, float32 or float64, or write MRC (.mrc)",
    });
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = littleEndianMachine;
  bytes[3] = code;
  for (const [axis, length] of [...shape].reverse().entries()) view.setInt32(4 + 4 * axis, length, true);
  const comment = voxelSizeAngstrom ? commentOf(voxelSizeAngstrom, originAngstrom) : (labels[0] ?? "");
  bytes.set(
    new TextEncoder().encode(comment.replace(/[^\x20-\x7e]/g, "?").slice(0, commentBytes)),
    commentAt,
  );
  // in nm, as the TOM toolbox has it
  if (voxelSizeAngstrom) view.setInt32(pixelSizeAt, Math.round(voxelSizeAngstrom[2] * 100), true);
  return bytes;
}

function littleEndian(bytes: Uint8Array, each: number): Uint8Array {
  if (hostIsLittleEndian || each === 1) return bytes;
  const copy = bytes.slice();
  swapBytes(copy, each, true);
  return copy;
}

/** One call of Node's takes less than 2 GiB. */
const largestWrite = 64 << 20;

async function write(
  file: FileHandle,
  bytes: Uint8Array,
  { position, path }: { readonly position: number; readonly path: string },
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(largestWrite, bytes.length - done);
    const { bytesWritten } = await file.write(bytes, done, length, position + done).catch((error) => {
      throw explainSystemError(error, path);
    });
    done += bytesWritten;
  }
}
