/**
 * Global heaps of HDF5 files hold the texts of attributes. The library follows the lengths that it finds in one for as long as they
 * lead it, and damaged ones lead it in circles: it never comes back. So they are looked at when they are read from the disk.
 * Source: HDF5 File Format Specification 3.0, III.E (global heap); the arithmetic is that of the library's 32 bits.
 */

const signature = Buffer.from("GCOL\u0001\0\0\0", "latin1");

/** Heaps lie at the start of what is read, or somewhere in short reads, which the library keeps for what comes next. */
const longestSearched = 64 << 10;

const headerBytes = 16;
const objectHeaderBytes = 16;

/** True where a heap among the bytes would lead the library in circles. */
export function holdsEndlessHeap(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const searched = view.length <= longestSearched ? view : view.subarray(0, signature.length);
  for (let at = searched.indexOf(signature); at >= 0; at = searched.indexOf(signature, at + 1))
    if (isEndless(view.subarray(at))) return true;
  return false;
}

/** Objects follow each other by their lengths, to the end of the heap, which may have been read in part. */
function isEndless(heap: Buffer): boolean {
  if (heap.length < headerBytes) return false;
  const size = heap.readUInt32LE(8);
  for (let at = headerBytes; at + objectHeaderBytes <= Math.min(size, heap.length); ) {
    const isFree = heap.readUInt16LE(at) === 0;
    const length = heap.readUInt32LE(at + 8);
    const step = (isFree ? length : objectHeaderBytes + ((length + 7) & ~7)) >>> 0;
    if (step === 0 || at + step > size) return true;
    at += step;
  }
  return false;
}
