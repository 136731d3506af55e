/** Unpacks blocks of LZ4. Source: LZ4 block format description (Collet). */

/** Fills `target`, all of it, from a block that must end with it; false where the block is damaged. */
export function unpackLz4(block: Uint8Array, target: Uint8Array): boolean {
  const [packedEnd, end] = [block.length, target.length];
  let from = 0;
  let to = 0;
  while (from < packedEnd) {
    const token = block[from++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (from >= packedEnd) return false;
        more = block[from++]!;
        literals += more;
      }
    }
    if (from + literals > packedEnd || to + literals > end) return false;
    copyPlainly(block, from, { target, to, count: literals });
    from += literals;
    to += literals;
    if (from === packedEnd) return to === end;
    if (from + 2 > packedEnd) return false;
    const distance = block[from]! | (block[from + 1]! << 8);
    from += 2;
    let count = (token & 15) + 4;
    if (count === 19) {
      let more = 255;
      while (more === 255) {
        if (from >= packedEnd) return false;
        more = block[from++]!;
        count += more;
      }
    }
    if (distance === 0 || distance > to || to + count > end) return false;
    repeat(target, to, { distance, count });
    to += count;
  }
  return false;
}

interface Copy {
  readonly target: Uint8Array;
  readonly to: number;
  readonly count: number;
}

/** Short runs are copied faster one by one. */
export function copyPlainly(source: Uint8Array, from: number, { target, to, count }: Copy): void {
  if (count > 32) target.set(source.subarray(from, from + count), to);
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i]!;
}

/** The `count` bytes from `distance` before on, which may run into those that are written. */
export function repeat(
  target: Uint8Array,
  to: number,
  { distance, count }: { readonly distance: number; readonly count: number },
): void {
  const from = to - distance;
  if (distance === 1) target.fill(target[from]!, to, to + count);
  else if (distance >= count && count > 32) target.copyWithin(to, from, from + count);
  else for (let i = 0; i < count; i++) target[to + i] = target[from + i]!;
}
