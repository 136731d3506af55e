import { endianness } from "node:os";

export const hostIsLittleEndian = endianness() === "LE";

/** Turns the bytes of each voxel round, in place, where the file's order is not the machine's. */
export function swapBytes(bytes: Uint8Array, voxelBytes: number, littleEndian: boolean): void {
  if (littleEndian === hostIsLittleEndian || voxelBytes === 1) return;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (voxelBytes === 2) buffer.swap16();
  else if (voxelBytes === 4) buffer.swap32();
  else buffer.swap64();
}
