/** Unpacks BloscLZ, the LZ77 of the Blosc library (after FastLZ). Source: c-blosc 1.21, what its decompressor takes. */
import { copyPlainly, repeat } from "./lz4-block.ts";

/** Distances from here on follow as two bytes more. */
const farDistance = 8191;

/** Fills `target`, all of it, from a block that must end with it; false where the block is damaged. */
export function unpackBloscLz(block: Uint8Array, target: Uint8Array): boolean {
  const [packedEnd, end] = [block.length, target.length];
  if (packedEnd === 0) return false;
  let from = 1;
  let to = 0;
  // the first byte says nothing beyond a run of literals
  let control = block[0]! & 31;
  for (;;) {
    if (control < 32) {
      const count = control + 1;
      if (from + count > packedEnd || to + count > end) return false;
      copyPlainly(block, from, { target, to, count });
      from += count;
      to += count;
    } else {
      let count = (control >> 5) + 2;
      if (count === 9) {
        let more = 255;
        while (more === 255) {
          if (from >= packedEnd) return false;
          more = block[from++]!;
          count += more;
        }
      }
      if (from >= packedEnd) return false;
      const low = block[from++]!;
      const high = (control & 31) << 8;
      let distance = high + low + 1;
      if (low === 255 && high === 31 << 8) {
        if (from + 2 > packedEnd) return false;
        distance = (block[from]! << 8) + block[from + 1]! + farDistance + 1;
        from += 2;
      }
      if (distance > to || to + count > end) return false;
      repeat(target, to, { distance, count });
      to += count;
    }
    if (from === packedEnd) return to === end;
    control = block[from++]!;
  }
}
