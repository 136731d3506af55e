/** Decimal numbers in bytes, read and written without a string for each: a particle list has ten million of them. */

/** 10^0 … 10^22, all exact in double precision. */
const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const [zero, nine, minus, plus, point] = [48, 57, 45, 43, 46];

/**
 * The number in bytes [start, end), exactly as `Number` reads it; NaN where it is none. Up to 15 digits are an exact whole number, and
 * one division by an exact power of ten rounds it as it must be; anything else is left to `Number`.
 */
export function parseDecimal(bytes: Buffer, start: number, end: number): number {
  let at = start;
  const isNegative = bytes[at] === minus;
  if (isNegative || bytes[at] === plus) at++;
  let value = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte >= zero && byte <= nine) {
      value = value * 10 + (byte - zero);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === point && decimals < 0) decimals = 0;
    else return slowNumber(bytes, start, end);
  }
  if (digits === 0 || digits > 15) return slowNumber(bytes, start, end);
  const magnitude = decimals > 0 ? value / powers[decimals] : value;
  return isNegative ? -magnitude : magnitude;
}

const decimalPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function slowNumber(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString("latin1", start, Math.min(end, start + 400));
  const number = decimalPattern.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : Number.NaN;
}

/** Text in pieces of bytes. */
export interface ByteText {
  text(text: string): void;
  /** With this many decimals (6 at most), at least `width` characters wide. */
  fixed(value: number, decimals: number, width: number): void;
  finish(): Uint8Array;
}

/** Bytes at a time. */
const pieceBytes = 1 << 20;

export function createByteText(): ByteText {
  const pieces: Buffer[] = [];
  let piece = Buffer.allocUnsafe(pieceBytes);
  let at = 0;
  const room = (bytes: number): void => {
    if (at + bytes <= piece.length) return;
    pieces.push(piece.subarray(0, at));
    piece = Buffer.allocUnsafe(Math.max(pieceBytes, bytes));
    at = 0;
  };
  const text = (written: string): void => {
    const { length } = written;
    room(length * 3);
    // most is ASCII, and short
    for (let index = 0; index < length; index++) {
      const code = written.charCodeAt(index);
      if (code > 126) {
        at += piece.write(written.slice(index), at, "utf8");
        return;
      }
      piece[at++] = code;
    }
  };
  const digits = new Uint8Array(40);
  return {
    text,
    fixed: (value, decimals, width) => {
      const scaled = Math.round(Math.abs(value) * powers[decimals]);
      if (!(scaled < 1e15)) {
        text(String(value).padStart(width));
        return;
      }
      // the lower six digits and the rest: division of 32-bit numbers is fast
      let high = Math.floor(scaled / 1e6);
      let low = (scaled - high * 1e6) | 0;
      let count = 0;
      while (low > 0 || (high > 0 && count < 6)) {
        const next = (low / 10) | 0;
        digits[count++] = low - next * 10 + zero;
        low = next;
      }
      for (; high > 0x7fffffff; high = Math.floor(high / 10)) digits[count++] = (high % 10) + zero;
      for (let rest = high | 0; rest > 0; ) {
        const next = (rest / 10) | 0;
        digits[count++] = rest - next * 10 + zero;
        rest = next;
      }
      while (count <= decimals) digits[count++] = zero;
      const isNegative = value < 0 && scaled > 0;
      const length = count + (decimals > 0 ? 1 : 0) + (isNegative ? 1 : 0);
      room(Math.max(length, width));
      for (let blanks = width - length; blanks > 0; blanks--) piece[at++] = 32;
      if (isNegative) piece[at++] = minus;
      for (let index = count - 1; index >= 0; index--) {
        piece[at++] = digits[index];
        if (index === decimals && decimals > 0) piece[at++] = point;
      }
    },
    finish: () => Buffer.concat([...pieces, piece.subarray(0, at)]),
  };
}
