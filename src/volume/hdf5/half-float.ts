/**
 * Data sets of float16, which h5wasm reads and writes but cannot create: they are created as float32 without any voxels, and
 * the description of their numbers in the file is changed to IEEE binary16 before the first voxel is written.
 * Source: HDF5 File Format Specification 4.0, IV.A.2.d (datatype message) and IV.A.2.i (layout message). Files of the
 * earliest format carry no checksums over these messages.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** Class 1 version 1, IEEE little-endian; size; bit offset, precision; exponent and mantissa (place, width); bias. */
const float32Message = Buffer.from("11201f000400000000002000170800177f000000", "hex");
const float16Message = Buffer.from("11200f0002000000000010000a05000a0f000000", "hex");

/**
 * Turns the `count` float32 data sets of a closed file, which hold no voxels yet, into ones of float16. `chunk` is the chunk
 * shape that all of them have. Throws an Error when it does not find as many.
 */
export function turnIntoFloat16(path: string, chunk: readonly number[], count: number): void {
  const bytes = readFileSync(path);
  const layout = Buffer.alloc(4 * chunk.length + 4);
  chunk.forEach((length, i) => void layout.writeUInt32LE(length, 4 * i));
  const float32Layout = Buffer.from(layout);
  float32Layout.writeUInt32LE(4, 4 * chunk.length);
  layout.writeUInt32LE(2, 4 * chunk.length);
  const types = replaceAll(bytes, float32Message, float16Message);
  const layouts = replaceAll(bytes, float32Layout, layout);
  if (types !== count || layouts !== count)
    throw new Error(`${path}: found ${types} types and ${layouts} layouts of float32 instead of ${count}`);
  writeFileSync(path, bytes);
}

function replaceAll(bytes: Buffer, pattern: Buffer, replacement: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + pattern.length)) {
    replacement.copy(bytes, at);
    found++;
  }
  return found;
}
