/**
 * A data set of an HDF5 file by all that a step can see of it: its voxels, and what its header says of them. A volume at an address by what
 * its server says of it: its voxels are not fetched to be told from others.
 */
import { createHash } from "node:crypto";
import { TomoflowError } from "../../core/error.ts";
import { canonicalJson } from "../../core/hash.ts";
import { isRemoteAddress } from "../../core/remote-address.ts";
import { slabsOf } from "../../volume/box.ts";
import { openVolume } from "../../volume/formats.ts";
import type { VolumeReader } from "../../volume/volume.ts";

/** Voxels read at a time. */
const slabVoxels = 4 << 20;

/** Throws what `remoteContent` throws; undefined for a file that cannot be read, which the preflight tells. The voxels are hashed as they are handed out, so that their packing does not count. */
export async function datasetContent(
  file: string,
  dataset: string,
): Promise<{ readonly sha256: string; readonly size: number } | undefined> {
  if (isRemoteAddress(file)) {
    const { remoteContent } = await import("../../volume/remote/content.ts");
    return remoteContent(file, dataset === "" ? undefined : dataset);
  }
  try {
    const reader = await openVolume(file, { dataset });
    try {
      return await contentOf(reader);
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof TomoflowError) return undefined;
    throw error;
  }
}

async function contentOf(reader: VolumeReader) {
  const { shape, type, voxelSizeAngstrom, originAngstrom, labels } = reader.info;
  const hash = createHash("sha256");
  hash.update(canonicalJson({ shape, type, voxelSizeAngstrom, originAngstrom, labels }));
  let size = 0;
  for (const { start, shape: slab } of slabsOf(shape, slabVoxels)) {
    const voxels = await reader.readBox(start, slab);
    hash.update(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength));
    size += voxels.byteLength;
  }
  return { sha256: hash.digest("hex"), size };
}
