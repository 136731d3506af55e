import { TomoflowError } from "../../core/error.ts";

/** The error for data that bzip2 cannot have written. */
export const corrupt = (reason: string): TomoflowError =>
  new TomoflowError("bzip2-corrupt", `the bzip2 data are damaged or cut off: ${reason}`, {
    hint: "copy the file again, or test it with bzip2 -t",
  });

/** Bits of a growing queue of bytes, most significant first. */
export class BitReader {
  #bytes = new Uint8Array(0);
  #position = 0;
  /** The last `#buffered` bits of it are the next ones. */
  #buffer = 0;
  #buffered = 0;

  get remainingBytes(): number {
    return this.#bytes.length - this.#position + (this.#buffered >> 3);
  }

  push(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#position);
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    this.#bytes = joined;
    this.#position = 0;
  }

  /** The next `count` bits (1…32) as an unsigned integer. */
  bits(count: number): number {
    if (count > 16) return this.bits(count - 16) * 65536 + this.bits(16);
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** The next `count` bits (1…24), zeros after the end, without moving on. */
  peek(count: number): number {
    while (this.#buffered < count && this.#position < this.#bytes.length) {
      this.#buffer = (this.#buffer << 8) | this.#bytes[this.#position++];
      this.#buffered += 8;
    }
    const missing = count - this.#buffered;
    const mask = (1 << count) - 1;
    return (missing > 0 ? this.#buffer << missing : this.#buffer >>> -missing) & mask;
  }

  /** Moves on by bits that were peeked. */
  skip(count: number): void {
    if (count > this.#buffered) throw corrupt("it ends too early");
    this.#buffered -= count;
  }

  alignToByte(): void {
    this.#buffered -= this.#buffered % 8;
  }
}
