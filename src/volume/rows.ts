/** Copying of many short rows between a chunk and what it is a part of. */

/**
 * Copies `width` bytes from one place to another, by words where all is aligned: a row of a chunk has 64 to 512 bytes, for
 * which `set` takes longer to be called than to copy.
 */
export function rowCopier(
  source: Uint8Array,
  target: Uint8Array,
  width: number,
): (from: number, to: number) => void {
  const copy = (from: number, to: number) => target.set(source.subarray(from, from + width), to);
  if (width > 512 || (source.byteOffset | target.byteOffset | width) % 4 !== 0) return copy;
  const sourceWords = wordsOf(source);
  const targetWords = wordsOf(target);
  return (from, to) => {
    if ((from | to) % 4 !== 0) copy(from, to);
    else copyWords(sourceWords, targetWords, { from: from >> 2, to: to >> 2, count: width >> 2 });
  };
}

const wordsOf = ({ buffer, byteOffset, length }: Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length >> 2);

function copyWords(
  source: Int32Array,
  target: Int32Array,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): void {
  for (let word = 0; word < count; word++) target[to + word] = source[from + word]!;
}
