/** The shuffle filter of HDF5 and Blosc: the first byte of each voxel, then the second of each, … so that bytes that are alike lie together. */
import { planeBytes } from "./simd/shuffle-kernels.ts";
import { type VectorUnit, vectorUnit } from "./simd/vector-unit.ts";

/** The shuffled bytes of voxels, in `shuffled` (same length); those of one byte as they are. `unit` null: by plain code. */
export function shuffle(
  bytes: Uint8Array,
  bytesPerVoxel: number,
  shuffled: Uint8Array,
  unit: VectorUnit | null = vectorUnit(),
): Uint8Array {
  if (bytesPerVoxel === 1) return bytes;
  const count = bytes.length / bytesPerVoxel;
  let done = 0;
  if (unit && (bytesPerVoxel === 2 || bytesPerVoxel === 4))
    for (const voxels of parts(count)) {
      unit.bytes.set(bytes.subarray(done * bytesPerVoxel, (done + voxels) * bytesPerVoxel));
      unit.run(`shuffle${bytesPerVoxel}`, voxels);
      for (let byte = 0; byte < bytesPerVoxel; byte++)
        shuffled.set(
          unit.shuffled.subarray(byte * planeBytes, byte * planeBytes + voxels),
          byte * count + done,
        );
      done += voxels;
    }
  for (let byte = 0; byte < bytesPerVoxel; byte++)
    for (let voxel = done; voxel < count; voxel++)
      shuffled[byte * count + voxel] = bytes[voxel * bytesPerVoxel + byte]!;
  return shuffled;
}

/** What `shuffle` was given, in `bytes` (same length). */
export function unshuffle(
  shuffled: Uint8Array,
  bytesPerVoxel: number,
  bytes: Uint8Array,
  unit: VectorUnit | null = vectorUnit(),
): Uint8Array {
  if (bytesPerVoxel === 1) return shuffled;
  const count = shuffled.length / bytesPerVoxel;
  let done = 0;
  if (unit && (bytesPerVoxel === 2 || bytesPerVoxel === 4))
    for (const voxels of parts(count)) {
      for (let byte = 0; byte < bytesPerVoxel; byte++)
        unit.bytes.set(
          shuffled.subarray(byte * count + done, byte * count + done + voxels),
          byte * planeBytes,
        );
      unit.run(`unshuffle${bytesPerVoxel}`, voxels);
      bytes.set(unit.shuffled.subarray(0, voxels * bytesPerVoxel), done * bytesPerVoxel);
      done += voxels;
    }
  for (let byte = 0; byte < bytesPerVoxel; byte++)
    for (let voxel = done; voxel < count; voxel++)
      bytes[voxel * bytesPerVoxel + byte] = shuffled[byte * count + voxel]!;
  return bytes;
}

/** Numbers of voxels that the kernels take at once, sixteens only. */
function* parts(count: number): Generator<number> {
  const whole = count - (count % 16);
  for (let done = 0; done < whole; done += planeBytes) yield Math.min(planeBytes, whole - done);
}
